// What the bridge says of itself, and what does not work at the moment: for people and for supervision.

import type { Counters } from "./counters.ts";

/** What does not work at the moment. */
export const PROBLEMS = {
  "line.closed": "the serial line is not open",
  "bridge.unknown": "the ledger never said where this bridge stands: is it enrolled?",
  "gateway.offline": "the gateway's broker does not answer",
  "gateway.refuses": "the gateway does not (yet) let this bridge speak for all of its devices",
  "ledger.unreachable": "the ledger does not answer: the list of devices may be old",
} as const;

export type Problem = keyof typeof PROBLEMS;

/** What is known of the parts. */
export interface Parts {
  readonly bridge: string;
  readonly building: string | null;
  readonly line: { readonly path: string; readonly open: boolean };
  /** `granted` devices may be spoken for, the bridge itself among them. */
  readonly gateway: { readonly url: string; readonly connected: boolean; readonly granted: number };
  readonly devices: {
    readonly bound: number;
    /** Whether the ledger answered when it was last asked. */
    readonly fresh: boolean;
    /** Milliseconds since 1970. */
    readonly heardAt: number | null;
  };
  /** Requests of boards without an answer yet. */
  readonly pending: number;
  readonly counters: Counters;
}

export interface Health extends Omit<Parts, "devices"> {
  readonly status: "ok" | "degraded";
  readonly problems: readonly Problem[];
  /** RFC 3339, UTC. */
  readonly devices: { readonly bound: number; readonly heardAt: string | null };
}

/** The parts, and what is wrong with them. */
export function readHealth({ devices, ...parts }: Parts): Health {
  const { line, building, gateway } = parts;
  const wrong: Readonly<Record<Problem, boolean>> = {
    "line.closed": !line.open,
    "bridge.unknown": building === null,
    "gateway.offline": !gateway.connected,
    "gateway.refuses": gateway.connected && gateway.granted < devices.bound + 1,
    "ledger.unreachable": !devices.fresh,
  };
  const problems = (Object.keys(wrong) as Problem[]).filter((problem) => wrong[problem]);
  const { bound, heardAt } = devices;
  return {
    status: problems.length === 0 ? "ok" : "degraded",
    problems,
    ...parts,
    devices: { bound, heardAt: heardAt === null ? null : new Date(heardAt).toISOString() },
  };
}
