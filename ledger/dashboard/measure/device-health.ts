// What is the matter with a device, in words: silence, key, birth, clock.
import type { Device } from "../data/health-shapes.ts";

type Judged = Pick<Device, "status" | "silent" | "lastStatementAt" | "birth" | "state" | "points">;

/** Problems, gravest first; none when all is well as far as is known. A device without points, as a bridge may be, owes nothing. */
export function deviceProblems(device: Judged): readonly string[] {
  const { status, silent, lastStatementAt, birth, state, points } = device;
  const problems = [
    status === "active" ? null : `key is ${status}`,
    lastStatementAt === null && points.length > 0 ? "never heard" : silent ? "silent" : null,
    state === "alert" ? "says it needs help" : null,
    birth?.agrees === false ? "birth differs from the registry" : null,
  ];
  return problems.filter((problem) => problem !== null);
}

const clocks: Readonly<Record<string, string>> = {
  none: "none: times are the ledger’s",
  set: "set once",
  synced: "kept in time",
};

/** Plain words for what a device says of its clock. */
export function clockWords(clock: string | null): string {
  return clock === null ? "not said" : (clocks[clock] ?? clock);
}

/** Whether the birth agrees with the registry. */
export function birthWords(birth: Pick<NonNullable<Device["birth"]>, "agrees"> | null): string {
  if (birth === null) return "none yet";
  return birth.agrees ? "agrees" : "differs";
}
