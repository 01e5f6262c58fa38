// The retention clock of a local day: how long its access bodies are kept, and whether a legal hold stops the clock (D8, D11; GRS 5.6).

import { type Cbor, type CborMap, decode, RETENTION_POLICY, retentionDays } from "@muniment/core";
import type { BodyDay } from "../archive/bodies.ts";
import { civilDayEnd } from "../archive/civil-day.ts";

const DAY_MS = 86_400_000;

/** The policy value that is in force, as a disposition names it. */
export interface RetentionPolicy {
  readonly days: number;
  /** Milliseconds since 1970 from which it holds. */
  readonly from: number;
  readonly citation: string;
}

/** The committed value of a state key, in CBOR. */
type ReadState = (key: string) => Uint8Array | undefined;

/** The retention policy in force at `now` (ms); null where there is none, and so nothing is ever destroyed. */
export function policyInForce(read: ReadState, now: number): RetentionPolicy | null {
  const steps = recordAt(read, `policy/${RETENTION_POLICY}`);
  if (!Array.isArray(steps)) return null;
  const step = (steps as readonly CborMap[]).findLast((one) => (one.get("from") as number) <= now);
  const days = step === undefined ? null : retentionDays(step.get("value")!);
  if (days === null) return null;
  return { days, from: step!.get("from") as number, citation: step!.get("citation") as string };
}

/** Whether a day of a building is over, by the building's own clock, for as long as the policy says. */
export function isPast(
  { building, date }: BodyDay,
  days: number,
  read: ReadState,
  now: number,
): boolean {
  const facts = recordAt(read, `building/${building}`);
  const zone = facts instanceof Map ? (facts.get("zone") as string) : "UTC";
  return now >= civilDayEnd(zone, date) + days * DAY_MS;
}

/** The first hold in force that covers a day; null when none does. */
export function holdOver({ building, date }: BodyDay, read: ReadState): string | null {
  const ids = recordAt(read, `holds/${building}`);
  for (const id of Array.isArray(ids) ? (ids as readonly string[]) : []) {
    const hold = recordAt(read, `hold/${id}`) as CborMap;
    const to = hold.get("to") as string | undefined;
    if ((hold.get("from") as string) <= date && (to === undefined || date <= to)) return id;
  }
  return null;
}

/** The committed value is the machine's own, so its shape is known. */
function recordAt(read: ReadState, key: string): Cbor | null {
  const value = read(key);
  return value === undefined ? null : decode(value);
}
