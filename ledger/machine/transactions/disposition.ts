// disposition: bodies of access events are past their retention clock; whoever keeps them destroys them once this stands on the ledger (D8).

import {
  type Disposition,
  FormatError,
  RETENTION_POLICY,
  readDisposition,
  retentionDays,
} from "@muniment/core";
import { dayNumber, isDate } from "../civil-date.ts";
import { Refusal } from "../codes.ts";
import { type Context, requireRole } from "../context.ts";
import type { DispositionRecord } from "../records.ts";
import { stateKey } from "../state-keys.ts";

const DAY_MS = 86_400_000;
/** The largest offset from UTC in the time zone database: there a day ends first. */
const OFFSET_MS_MAX = 14 * 3_600_000;

export function disposition(context: Context): void {
  apply(context, check(context));
}

function check(context: Context): Disposition {
  requireRole(context, "archivist", "operator");
  const { state, time } = context;
  const body = read(context);
  const { building, day, gateway: id, entries, from, citation } = body;
  if (!isDate(day)) throw new Refusal("registry.body", `day: expected a date, found ${day}`);
  const gateway = state.gateway(id);
  if (gateway === null) throw new Refusal("anchor.unknown-gateway", id);
  if (gateway.building !== building)
    throw new Refusal("registry.unknown-building", `${id} stands in ${gateway.building}`);
  const end = entries.reduce((sum, run) => sum + run, 0);
  if (end > gateway.size) throw new Refusal("disposition.range", `${end} of ${gateway.size}`);
  const policy = state.policy(RETENTION_POLICY).findLast((value) => value.from <= time);
  const days = policy === undefined ? null : retentionDays(policy.value);
  if (days === null || policy!.from !== from || policy!.citation !== citation)
    throw new Refusal("disposition.policy", `${from}, ${citation}`);
  // The machine knows no time zones: a day that may be over somewhere is taken to be. Nodes know the building's.
  const over = (dayNumber(day) + 1) * DAY_MS - OFFSET_MS_MAX;
  if (time < over + days * DAY_MS) throw new Refusal("disposition.early", `${day}, ${days} days`);
  const hold = state.holds(building).find((one) => {
    const held = state.hold(one)!;
    return held.from <= day && (held.to === undefined || day <= held.to);
  });
  if (hold !== undefined) throw new Refusal("disposition.held", hold);
  return body;
}

function read({ transaction }: Context): Disposition {
  try {
    return readDisposition(transaction.body);
  } catch (error) {
    if (error instanceof FormatError) throw new Refusal("registry.body", error.message);
    throw error;
  }
}

function apply({ state, index }: Context, { building, day, count, persons }: Disposition): void {
  const before = state.disposition(building, day);
  // Several gateways, or what came in late: each entry gives the persons of the day as they were known then.
  const known = [before?.persons ?? null, persons].filter((value) => value !== null);
  const record: DispositionRecord = {
    count: (before?.count ?? 0) + count,
    ...(known.length === 0 ? {} : { persons: Math.max(...known) }),
    entry: index,
  };
  state.put(stateKey.disposition(building, day), record);
}
