// Puts a building and its devices on the ledger, once: what is there already stays as it is (transactions building.register, device.enrol).
import type { Encodable } from "@muniment/core";
import { openOperator } from "@muniment/core/files";
import type { DeviceFacts } from "./devices.ts";
import { SimulatorError } from "./errors.ts";

export interface BuildingFacts {
  readonly building: string;
  readonly name: string;
  readonly zone: string;
  readonly grossFt2?: number;
  readonly usableFt2?: number;
  readonly address?: string;
}

export interface Registrar {
  /** Registers the building unless the ledger knows it. True when it was new. */
  building(facts: BuildingFacts): Promise<boolean>;
  /** Enrols the device with its key unless the ledger knows that id. True when it was new. */
  device(facts: DeviceFacts, key: Uint8Array): Promise<boolean>;
}

/** Opens a registrar that signs with the operator's key of a data folder. */
export async function openRegistrar(keyPath: string, ledger: string): Promise<Registrar> {
  const operator = await openOperator({ keyPath, ledger }).catch((cause: Error) => {
    throw new SimulatorError("ledger.unreachable", cause.message, { cause });
  });
  const submit = async (kind: string, body: Encodable, already: string | null) => {
    const answer = await operator.submit(kind, body);
    if (answer.ok) return !answer.duplicate;
    if (answer.code === already) return false;
    throw new SimulatorError("ledger.refused", `${kind}: ${answer.code}, ${answer.message}`);
  };
  return {
    async building(facts) {
      // Registering again would replace the facts, so ask first.
      const known = await fetch(`${ledger}/api/v1/buildings/${facts.building}`);
      await known.body?.cancel();
      return known.ok ? false : submit("building.register", { ...facts }, null);
    },
    device: ({ device, building, place, urn, points }, key) =>
      submit(
        "device.enrol",
        { device, building, place, urn, key, points: points.map((point) => ({ ...point })) },
        "registry.exists",
      ),
  };
}
