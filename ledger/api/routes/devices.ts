// /api/v1/devices, gateways and quarantine: who takes part, and whose entries do not count.

import { Type } from "typebox";
import { QueryError } from "../../read-model/errors.ts";
import { iso } from "../../read-model/period.ts";
import { quarantined, type StandingCursor } from "../../read-model/queries/standing.ts";
import { STANDINGS, type Standing } from "../../read-model/standing.ts";
import type { App } from "../app.ts";
import { Count, Id, Instant, limitDefault, Nullable, Page, Paging, refusals } from "./answers.ts";
import { bySilence, Device, DeviceDetail, deviceAnswers } from "./device-answer.ts";
import { formatCursor, numbersOf, pageById } from "./paging.ts";
import type { ReadSources } from "./question.ts";

const StandingName = Type.Unsafe<Standing>({ type: "string", enum: [...STANDINGS] });

const Gateway = Type.Object({
  id: Id,
  building: Id,
  status: Type.String(),
  origin: Type.String(),
  size: Type.Integer({ minimum: 0, description: "Entries anchored on the ledger" }),
  anchoredAt: Nullable(Instant),
  registry: Type.Integer({
    minimum: 0,
    description: "Registry counter of its building at the last anchor",
  }),
  entries: Type.Integer({ minimum: 0, description: "Entries applied here" }),
  standing: Type.Record(Type.String(), Count, { description: "Entries by standing" }),
});
const StandingEntry = Type.Object({
  gateway: Id,
  index: Count,
  standing: StandingName,
  device: Nullable(Id),
  sequence: Nullable(Count),
  time: Nullable(Instant),
});

/** Registers the routes; `app` carries the prefix. */
export function registerDevices(app: App, { readModel }: ReadSources): void {
  const listQuery = Type.Object(Paging, { additionalProperties: false });

  app.get(
    "/devices",
    {
      schema: {
        tags: ["registry"],
        summary: "Enrolled devices, by id",
        querystring: Type.Object(
          {
            ...Paging,
            bridge: Type.Optional(Id),
            building: Type.Optional(Id),
            silent: Type.Optional(Type.Boolean()),
          },
          { additionalProperties: false },
        ),
        response: { 200: Page(Device), ...refusals },
      },
    },
    async (request) => {
      const registry = readModel.registry();
      const { bridge, building, silent } = request.query;
      const devices = [...registry.devices.values()].filter(
        (device) =>
          (bridge === undefined || device.bridge === bridge) &&
          (building === undefined || device.building === building),
      );
      const { items, next } = pageById(
        silent === undefined ? devices : await bySilence(readModel, devices, silent),
        request.query,
      );
      return { items: [...(await deviceAnswers(readModel, items))], next };
    },
  );

  app.get(
    "/devices/:id",
    {
      schema: {
        tags: ["registry"],
        summary: "One device, with what it says of itself",
        params: Type.Object({ id: Id }),
        response: { 200: DeviceDetail, ...refusals },
      },
    },
    async (request) => {
      const { id } = request.params;
      const device = readModel.registry().devices.get(id);
      if (device === undefined) throw new QueryError("query.unknown", `device ${id}`);
      const [answer] = await deviceAnswers(readModel, [device]);
      return answer!;
    },
  );

  app.get(
    "/gateways",
    {
      schema: {
        tags: ["registry"],
        summary: "Enrolled gateways, by id, with the standing of their entries",
        querystring: listQuery,
        response: { 200: Page(Gateway), ...refusals },
      },
    },
    async (request) => {
      const { items, next } = pageById(readModel.registry().gateways.values(), request.query);
      const standings = await readModel.store.standings();
      return {
        items: items.map(({ no, id, building, status, origin, size, anchoredAt, registry }) => {
          const own = standings.filter(({ gateway }) => gateway === no);
          return {
            ...{ id, building, status, origin, size, registry },
            anchoredAt: anchoredAt === null ? null : iso(anchoredAt),
            entries: own.reduce((sum, { n }) => sum + n, 0),
            standing: Object.fromEntries(own.map(({ standing, n }) => [standing, n])),
          };
        }),
        next,
      };
    },
  );

  app.get(
    "/quarantine",
    {
      schema: {
        tags: ["registry"],
        summary: "Anchored entries that do not count, in ledger order",
        querystring: Type.Object(
          { ...Paging, standing: Type.Optional(StandingName) },
          { additionalProperties: false },
        ),
        response: { 200: Page(StandingEntry), ...refusals },
      },
    },
    async (request) => {
      const { limit = limitDefault, cursor, standing } = request.query;
      const after = numbersOf(cursor, 2) as StandingCursor | null;
      const entries = await quarantined(readModel.store, limit + 1, after, standing ?? null);
      const { gateways, keys } = readModel.registry();
      const gatewayIds = new Map([...gateways.values()].map(({ no, id }) => [no, id]));
      const subjects = new Map([...keys.values()].map(({ no, subject }) => [no, subject]));
      const page = entries.slice(0, limit);
      const last = entries.length > limit ? page.at(-1)! : null;
      return {
        items: page.map((entry) => ({
          gateway: gatewayIds.get(entry.gateway)!,
          index: entry.index,
          standing: entry.standing,
          device: subjects.get(entry.signer) ?? null,
          sequence: entry.sequence,
          time: entry.time === null ? null : isoWithin(entry.time),
        })),
        next: last === null ? null : formatCursor([last.ledger, last.index]),
      };
    },
  );
}

/** A device may claim any time; what no calendar holds is no time. */
function isoWithin(ms: number): string | null {
  return ms <= 253_402_300_799_999 ? iso(ms) : null;
}
