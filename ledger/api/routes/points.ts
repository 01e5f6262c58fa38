// /api/v1/points: one point's readings, each with the entry that proves it, or summed up by step.

import { type Static, Type } from "typebox";
import { checkPeriod, iso, stepsOf } from "../../read-model/period.ts";
import { clocklessCount } from "../../read-model/queries/clockless.ts";
import {
  type PointSummary,
  pointSteps,
  type ReadingCursor,
  readingsOf,
} from "../../read-model/queries/series.ts";
import type { PointRecord } from "../../read-model/registry.ts";
import type { App } from "../app.ts";
import {
  Count,
  Id,
  Instant,
  limitDefault,
  Nullable,
  Page,
  Paging,
  PointId,
  refusals,
  TrustLevel,
} from "./answers.ts";
import { formatCursor, numbersOf } from "./paging.ts";
import { PeriodQuery, periodOf, pointNamed, type ReadSources, StepQuery } from "./question.ts";

/** A point as answers show it. */
export const Point = Type.Object({
  id: PointId,
  device: Id,
  name: Type.String(),
  unit: Type.String(),
  kind: Type.Union([
    Type.Literal("gauge"),
    Type.Literal("counter"),
    Type.Literal("interval"),
    Type.Literal("event"),
  ]),
  interval: Nullable(Type.Number({ description: "Declared seconds between readings" })),
  label: Nullable(Type.String()),
  place: Type.String(),
  brick: Nullable(Type.String()),
  trust: TrustLevel,
  lastTime: Nullable(Instant),
  lastValue: Nullable(Type.Number()),
  received: Count,
});

const Reading = Type.Object({
  time: Instant,
  value: Type.Number(),
  sequence: Count,
  gateway: Id,
  index: Type.Integer({
    minimum: 0,
    description: "Entry of the gateway's log: /evidence/<gateway>/<index> proves it",
  }),
  flags: Type.Array(Type.String(), {
    description:
      "late: came after a later one; clockless: its device had no clock, and its time is counted from when it was anchored; superseded: a later entry gives this time another value",
  }),
});
const PointStep = Type.Object({
  start: Instant,
  min: Nullable(Type.Number()),
  mean: Nullable(Type.Number()),
  max: Nullable(Type.Number()),
  last: Nullable(Type.Number()),
  sum: Nullable(
    Type.Number({ description: "Of points that say how much fell into each interval" }),
  ),
  count: Count,
  received: Type.Integer({
    minimum: 0,
    description: "Declared intervals for which a reading came, to be held against `expected`",
  }),
  expected: Nullable(Count),
});
const Clockless = {
  clockless: Type.Integer({
    minimum: 0,
    description:
      "Readings in this answer whose device had no clock: their times are counted from when they were anchored",
  }),
};
const SeriesQuery = Type.Object(
  { ...PeriodQuery, ...Paging, step: Type.Optional(StepQuery) },
  { additionalProperties: false },
);

/** The point with what came from it. */
export function pointAnswer(
  point: PointRecord,
  summaries: ReadonlyMap<number, PointSummary>,
): Static<typeof Point> {
  const { no, building: _, ...facts } = point;
  const summary = summaries.get(no);
  return {
    ...facts,
    received: summary?.received ?? 0,
    lastTime: summary?.lastTime == null ? null : iso(summary.lastTime),
    lastValue: summary?.lastValue ?? null,
  };
}

/** Registers the route; `app` carries the prefix. */
export function registerPoints(app: App, { readModel }: ReadSources): void {
  app.get(
    "/points/:id/series",
    {
      schema: {
        tags: ["points"],
        summary: "Readings of a point; with `step`, what they amount to",
        params: Type.Object({ id: PointId }),
        querystring: SeriesQuery,
        response: {
          200: Type.Union([
            Type.Object({ ...Page(Reading).properties, ...Clockless }),
            Type.Object({ ...Page(PointStep).properties, ...Clockless }),
          ]),
          ...refusals,
        },
      },
    },
    async (request) => {
      const { store } = readModel;
      const point = pointNamed(readModel, request.params.id);
      const { limit = limitDefault, cursor, step } = request.query;
      const now = readModel.applied().time;
      const period = periodOf(request.query, now);
      checkPeriod(period);
      const registry = readModel.registry();
      if (step !== undefined) {
        const zone = registry.buildings.get(point.building)?.zone ?? "UTC";
        const steps = await pointSteps(store, point, period, stepsOf(period, step, zone), now);
        return {
          items: steps.map((item) => ({ ...item, start: iso(item.start) })),
          next: null,
          clockless: await clocklessCount(store, [point], period),
        };
      }
      const after = numbersOf(cursor, 3) as ReadingCursor | null;
      const readings = await readingsOf(store, point, period, limit + 1, after);
      const gateways = new Map([...registry.gateways.values()].map(({ no, id }) => [no, id]));
      const page = readings.slice(0, limit);
      const last = readings.length > limit ? page.at(-1)! : null;
      return {
        items: page.map((reading) => ({
          ...reading,
          flags: [...reading.flags],
          time: iso(reading.time),
          gateway: gateways.get(reading.gateway)!,
        })),
        next: last === null ? null : formatCursor([last.time, last.gateway, last.index]),
        clockless: page.filter(({ flags }) => flags.includes("clockless")).length,
      };
    },
  );
}
