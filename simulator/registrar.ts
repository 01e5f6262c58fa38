// Puts a building and its devices on the ledger, once: what is there already stays as it is (transactions building.register, device.enrol).
import type { Encodable } from "@muniment/core";
import { openOperator } from "@muniment/core/files";
import * as z from "zod";
import type { DeviceFacts } from "./devices.ts";
import { SimulatorError } from "./errors.ts";
import { getJson } from "./ledger-view.ts";
import type { WeekHours } from "./world/plan.ts";

export interface BuildingFacts {
  readonly building: string;
  readonly name: string;
  readonly zone: string;
  readonly grossFt2?: number;
  readonly usableFt2?: number;
  readonly address?: string;
  readonly hours?: WeekHours;
  readonly holidays?: readonly string[];
}

/** A part of a building as it is registered (place.register). */
export interface PlaceFacts {
  readonly place: string;
  readonly kind: "building" | "floor" | "room" | "outside";
  readonly use?: string;
  readonly label: string;
  readonly usableFt2?: number;
  readonly seats?: number;
}

export interface Registrar {
  /** Registers the building unless the ledger knows it. True when it was new. */
  building(facts: BuildingFacts): Promise<boolean>;
  /** Registers those places of the building that the ledger does not know so. True when there were any. */
  places(building: string, places: readonly PlaceFacts[]): Promise<boolean>;
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
    async building({ hours, holidays, ...facts }) {
      // Registering again would replace the facts, so ask first.
      const known = await buildingOn(ledger, facts.building);
      if (known !== null && (hours === undefined || known.hours !== null)) return false;
      return submit(
        "building.register",
        {
          ...facts,
          ...(hours === undefined ? {} : { hours }),
          ...(holidays === undefined ? {} : { holidays }),
        },
        null,
      );
    },
    async places(building, places) {
      const known = new Map(
        ((await buildingOn(ledger, building))?.places ?? []).map((item) => [item.place, item]),
      );
      const fresh = places.filter(({ place, label, kind }) => {
        const item = known.get(place);
        return item?.label !== label || item.kind !== kind;
      });
      for (let at = 0; at < fresh.length; at += placesPerTransaction) {
        const some = fresh.slice(at, at + placesPerTransaction).map((place) => ({ ...place }));
        await submit("place.register", { building, places: some }, null);
      }
      return fresh.length > 0;
    },
    device: ({ device, building, place, urn, points, bridge, trust }, key) =>
      submit(
        "device.enrol",
        {
          ...{ device, building, place, urn, key },
          points: points.map((point) => ({ ...point })),
          ...(bridge === undefined ? {} : { bridge }),
          ...(trust === undefined ? {} : { trust }),
        },
        "registry.exists",
      ),
  };
}

const placesPerTransaction = 256;

const buildingAnswer = z.looseObject({
  /** Null when none are registered; absent where the node is older than opening hours. */
  hours: z.unknown().optional(),
  places: z
    .array(
      z.looseObject({ place: z.string(), kind: z.string().nullish(), label: z.string().nullish() }),
    )
    .default([]),
});

/** What a ledger node knows of a building, or null. */
async function buildingOn(ledger: string, building: string) {
  const answer = await getJson(`${ledger}/api/v1/buildings/${building}`);
  return answer === null ? null : buildingAnswer.parse(answer);
}
