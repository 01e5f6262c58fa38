// Which devices are to misbehave, and how: the words of `--misbehave` (README, "Misbehaving devices").
import type { DeviceFacts } from "../devices.ts";
import { SimulatorError } from "../errors.ts";
import { stream } from "../prng.ts";

/** What a device may do wrong, and its usual share: of its hours, or, for a clock, of the time that it loses. */
export const misbehaviours = {
  /** Signs with a key that nobody enrolled. */
  "wrong-key": 0.05,
  /** Sends what it has sent before once more, the same bytes. */
  replayed: 0.1,
  /** Sends a statement after the one that follows it. */
  reordered: 0.1,
  /** A bit of the signature is turned over on the way. */
  corrupted: 0.05,
  /** Its clock is slow. */
  "drifting-clock": 0.001,
  /** Says everything ten times, each time under a new number. */
  flood: 0.1,
  /** Says nothing. */
  silent: 0.2,
  /** Has no clock: what it says is of "now", so it can tell nothing of the past. */
  "no-clock": 1,
} as const;

export type Misbehaviour = keyof typeof misbehaviours;

/** One `--misbehave`, as it was written. */
export interface MisbehaviourOrder {
  readonly kind: Misbehaviour;
  readonly device: string | null;
  /** 0 to 1. */
  readonly share: number;
}

/** Reads `KIND[:DEVICE][@SHARE]`, such as `silent:room-101@0.5`. Throws misbehave.order. */
export function parseMisbehaviour(text: string): MisbehaviourOrder {
  const match = /^([a-z-]+)(?::([a-z0-9-]+))?(?:@(\d*\.?\d+))?$/.exec(text);
  const kinds = Object.keys(misbehaviours) as Misbehaviour[];
  const kind = kinds.find((one) => one === match?.[1]);
  const share = match?.[3] === undefined ? null : Number(match[3]);
  if (match === null || kind === undefined || (share ?? 0) > 1) {
    throw new SimulatorError(
      "misbehave.order",
      `expected KIND[:DEVICE][@SHARE] with KIND ${kinds.join(", ")} and a share up to 1; got ${text}`,
    );
  }
  return { kind, device: match[2] ?? null, share: share ?? misbehaviours[kind] };
}

/** Finds the device of each order: by its id, with or without the building's in front, else any that is still honest. Throws misbehave.order. */
export function assignMisbehaviours(
  devices: readonly DeviceFacts[],
  seed: number,
  orders: readonly MisbehaviourOrder[],
): ReadonlyMap<string, MisbehaviourOrder> {
  const assigned = new Map<string, MisbehaviourOrder>();
  for (const order of orders.toSorted(
    (a, b) => Number(a.device === null) - Number(b.device === null),
  )) {
    const honest = devices.filter(({ device }) => !assigned.has(device));
    const found =
      order.device === null
        ? stream(seed, "misbehave", order.kind).shuffled(honest)[0]
        : honest.find(
            ({ device, building }) =>
              device === order.device || device === `${building}-${order.device}`,
          );
    if (found === undefined) {
      throw new SimulatorError(
        "misbehave.order",
        `expected a device that misbehaves in no other way, got ${order.device ?? "none"}`,
      );
    }
    assigned.set(found.device, order);
  }
  return assigned;
}
