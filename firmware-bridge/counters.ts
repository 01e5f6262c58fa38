// What the bridge counts, for health and metrics: plain numbers, kept by whoever sees the event.

import type { Discard } from "./frame-decoder.ts";
import type { LinkEvent } from "./link.ts";
import type { NoWord } from "./publisher.ts";

type Tally<Name extends string> = Partial<Record<Name, number>>;

export interface Counters {
  framesIn: number;
  framesOut: number;
  /** Frames for a board that does not read, or is gone. */
  framesDropped: number;
  diagnostics: number;
  /** Times that the line was opened; the first one included. */
  lineOpened: number;
  mqttConnected: number;
  readonly discards: Tally<Discard>;
  readonly events: Tally<LinkEvent>;
  /** Answers by CoAP response code; those sent again are not counted again. */
  readonly answers: Tally<string>;
  /** Statements by what the gateway said of them. */
  readonly results: Tally<string>;
  /** Statements without a word of the gateway. */
  readonly unanswered: Tally<NoWord>;
}

export function createCounters(): Counters {
  return {
    ...{ framesIn: 0, framesOut: 0, framesDropped: 0, diagnostics: 0 },
    ...{ lineOpened: 0, mqttConnected: 0 },
    ...{ discards: {}, events: {}, answers: {}, results: {}, unanswered: {} },
  };
}

/** Adds one to a name's count. */
export function count<Name extends string>(tally: Tally<Name>, name: Name): void {
  tally[name] = (tally[name] ?? 0) + 1;
}
