// The device under whose key a person's readings travel: enrolled with trust "manual", so that no figure shows them as a device's own (F10).
import type { Signer } from "@muniment/core";
import { openOperator } from "@muniment/core/files";
import * as z from "zod";
import { deviceUrn, type Point } from "../devices.ts";
import { SimulatorError } from "../errors.ts";
import { findItem, getJson } from "../ledger-view.ts";

/** A device as the ledger has it, with what its points say. */
export interface ManualDevice {
  readonly device: string;
  readonly building: string;
  readonly place: string;
  readonly urn: string;
  /** IANA time zone of its building. */
  readonly zone: string;
  readonly points: ReadonlyMap<string, ManualPoint>;
}

/** A point as it is enrolled, with the last reading that is in the figures; null while there is none. */
export interface ManualPoint extends Pick<Point, "unit" | "kind" | "interval"> {
  readonly last: { readonly time: number; readonly value: number } | null;
}

const deviceShape = z.looseObject({
  building: z.string(),
  place: z.string(),
  urn: z.string(),
  trust: z.string(),
});
const buildingShape = z.looseObject({
  points: z.array(
    z.looseObject({
      device: z.string(),
      name: z.string(),
      unit: z.string(),
      kind: z.enum(["gauge", "counter", "interval", "event"]),
      interval: z.number().nullable(),
      lastTime: z.string().nullable(),
      lastValue: z.number().nullable(),
    }),
  ),
  zone: z.string(),
});

/** The enrolled device of that id. Throws device.unknown; import.device when its readings would pass for a device's own. */
export async function findManualDevice(ledger: string, device: string): Promise<ManualDevice> {
  const found = await findItem(`${ledger}/api/v1/devices`, device);
  if (found === null) {
    throw new SimulatorError("device.unknown", `${device}; enrol it, or import with --enrol`);
  }
  const { building, place, urn, trust } = deviceShape.parse(found);
  if (trust !== "manual")
    throw new SimulatorError(
      "import.device",
      `expected ${device} with trust manual, got ${trust}: what a person enters is never mixed with what devices sign`,
    );
  const { points, zone } = buildingShape.parse(
    await getJson(`${ledger}/api/v1/buildings/${building}`),
  );
  return {
    device,
    building,
    place,
    urn,
    zone,
    points: new Map(
      points
        .filter((point) => point.device === device)
        .map(({ name, unit, kind, interval, lastTime, lastValue }) => {
          const last =
            lastTime === null || lastValue === null
              ? null
              : { time: Date.parse(lastTime) / 1000, value: lastValue };
          return [name, { unit, kind, last, ...(interval === null ? {} : { interval }) }];
        }),
    ),
  };
}

export interface ManualEnrolment {
  readonly ledger: string;
  /** The operator's private key. */
  readonly operatorKey: string;
  readonly building: string;
  readonly place: string;
  readonly device: string;
  readonly signer: Signer;
  readonly points: readonly Point[];
}

/** Enrols the device with trust manual; one that is enrolled stays as it is. Throws ledger.refused. */
export async function enrolManualDevice(enrolment: ManualEnrolment): Promise<void> {
  const { ledger, operatorKey, building, place, device, signer, points } = enrolment;
  const operator = await openOperator({ keyPath: operatorKey, ledger });
  const answer = await operator.submit("device.enrol", {
    device,
    building,
    place,
    urn: deviceUrn(device),
    key: signer.publicKey,
    points: points.map((point) => ({ ...point })),
    trust: "manual",
  });
  if (!answer.ok && answer.code !== "registry.exists")
    throw new SimulatorError("ledger.refused", `device.enrol: ${answer.code}, ${answer.message}`);
}
