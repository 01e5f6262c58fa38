// building.register: a building's facts, for the first time or instead of the former ones.

import { Body } from "../body.ts";
import { type Context, requireRole } from "../context.ts";
import type { BuildingRecord } from "../records.ts";
import { HOLIDAYS_MAX, readHolidays, readHours, WEEKDAYS } from "../registry/hours.ts";
import { stateKey } from "../state-keys.ts";

const AREA_FT2_MAX = 1_000_000_000;
/** The form of a name in the IANA time zone database; the database itself changes and so cannot decide here (D9). */
const ZONE = /^[A-Za-z0-9_+-]{1,32}(\/[A-Za-z0-9_+-]{1,32}){0,2}$/;

export function buildingRegister(context: Context): void {
  apply(context, check(context));
}

function check(context: Context) {
  requireRole(context, "operator");
  const body = new Body(context.transaction.body);
  const id = body.id("building");
  const facts = {
    name: body.text("name", 200),
    zone: body.pattern("zone", ZONE, "an IANA time zone"),
    ...body.optional("grossFt2", (name) => body.uint(name, 1, AREA_FT2_MAX)),
    ...body.optional("usableFt2", (name) => body.uint(name, 1, AREA_FT2_MAX)),
    ...body.optional("address", (name) => body.text(name, 500)),
    ...body.optional("hours", (name) => readHours(body.list(name, WEEKDAYS))),
    ...body.optional("holidays", (name) => readHolidays(body.list(name, HOLIDAYS_MAX))),
  };
  body.end();
  return { id, facts };
}

function apply({ state }: Context, { id, facts }: ReturnType<typeof check>): void {
  const record: BuildingRecord = { ...facts, registry: state.building(id)?.registry ?? 0 };
  state.put(stateKey.building(id), record);
}
