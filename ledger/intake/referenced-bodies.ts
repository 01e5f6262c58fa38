// Which of the bodies sent along are kept, and under which day: those that a hash envelope of the same batch names (F2, D8).

import { FormatError, parseStatement, type Statement, sha256, toHex } from "@muniment/core";
import type { NewBody } from "../archive/bodies.ts";
import { civilDate } from "../archive/civil-day.ts";
import type { Batch } from "./batch.ts";

/** Whose batch it is, and when it came. */
interface Sender {
  readonly gateway: string;
  readonly building: string;
  /** Time zone of the building. */
  readonly zone: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Bodies that an entry names by hash. Others are passed over: nothing would ever ask for them, or delete them. */
export function referencedBodies(
  { from, entries, bodies }: Pick<Batch, "from" | "entries" | "bodies">,
  { gateway, building, zone, now }: Sender,
): readonly NewBody[] {
  if (bodies.length === 0) return [];
  const sent = new Map(bodies.map((body) => [toHex(sha256(body)), body]));
  return entries.flatMap((entry, i) => {
    const statement = statementOf(entry);
    const body = statement?.bodyHash == null ? undefined : sent.get(toHex(statement.bodyHash));
    if (body === undefined) return [];
    // Its clock starts on the day of the event, or of its arrival where the device has no clock or is ahead of time.
    const { clockless, issuedAt } = statement!;
    const date = civilDate(zone, clockless ? now : Math.min(now, issuedAt * 1000));
    return [{ gateway, index: from + i, building, date, body }];
  });
}

/** An entry that is no statement gets its standing later; here it names nothing. */
function statementOf(entry: Uint8Array): Statement | null {
  try {
    return parseStatement(entry);
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}
