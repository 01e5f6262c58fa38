// /api/v1/devices, gateways and quarantine: who takes part, and whose entries do not count.

import { Type } from "typebox";
import { iso } from "../../read-model/period.ts";
import { pointSummaries } from "../../read-model/queries/series.ts";
import { quarantined, type StandingCursor } from "../../read-model/queries/standing.ts";
import { STANDINGS, type Standing } from "../../read-model/standing.ts";
import type { App } from "../app.ts";
import { Count, Id, Instant, limitDefault, Nullable, Page, Paging, refusals } from "./answers.ts";
import { formatCursor, numbersOf, pageById } from "./paging.ts";
import type { ReadSources } from "./question.ts";

const StandingName = Type.Unsafe<Standing>({ type: "string", enum: [...STANDINGS] });

const Device = Type.Object({
  id: Id,
  building: Id,
  place: Type.String(),
  urn: Type.String(),
  kid: Type.String({ description: "Thumbprint of its key (RFC 9679), hex" }),
  status: Type.String(),
  points: Type.Array(Type.String()),
  lastTime: Nullable(Instant),
  received: Count,
});
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
        querystring: listQuery,
        response: { 200: Page(Device), ...refusals },
      },
    },
    async (request) => {
      const registry = readModel.registry();
      const { items, next } = pageById(registry.devices.values(), request.query);
      const summaries = await pointSummaries(
        readModel.store,
        items.flatMap(({ points }) => points),
      );
      return {
        items: items.map((device) => {
          const spoken = device.points
            .map(({ no }) => summaries.get(no))
            .filter((summary) => summary !== undefined);
          return {
            ...device,
            status: registry.keys.get(device.kid)?.status ?? "active",
            points: device.points.map(({ id }) => id),
            received: spoken.reduce((sum, { received }) => sum + received, 0),
            lastTime:
              spoken.length === 0
                ? null
                : iso(Math.max(...spoken.map(({ lastTime }) => lastTime ?? 0))),
          };
        }),
        next,
      };
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
