// What came and what was owed, by point and civil month: the companion of a table of readings.

import { ANSWERED, expectedReadings } from "../read-model/measures/completeness.ts";
import { stepsOf } from "../read-model/period.ts";
import { frameOf, type Scope } from "./scope.ts";
import type { Column, Table } from "./table.ts";

const COLUMNS: readonly Column[] = [
  { name: "start", type: "instant" },
  { name: "start_local", type: "civil" },
  { name: "end", type: "instant" },
  { name: "building", type: "text" },
  { name: "point", type: "text" },
  { name: "unit", type: "text" },
  { name: "trust", type: "text" },
  { name: "readings", type: "whole" },
  { name: "interval_s", type: "number" },
  { name: "received", type: "whole" },
  { name: "expected", type: "whole" },
];

/** Of a point that declares no interval nothing is owed: received and expected are unknown, the readings are still counted. */
export function completenessTable(scope: Scope): Table {
  const { store, building, points, period, snapshot } = scope;
  const months = stepsOf(period, "P1M", building.zone);
  return {
    ...frameOf(scope, "readings received and owed, by point and civil month"),
    columns: COLUMNS,
    async *rows() {
      if (points.length === 0) return;
      // A reading answers for the owed time nearest to it, which may lie in another month.
      const longestMs = Math.max(...points.map(({ interval }) => (interval ?? 0) * 1000));
      for (const { start, end } of months.list) {
        const rows = await store.query(`
          SELECT s.point, count(*) FILTER (s.t >= ${start} AND s.t < ${end}) AS n,
            count(DISTINCT ${ANSWERED}) FILTER (${ANSWERED} >= ${start} AND ${ANSWERED} < ${end}) AS slots
          FROM (SELECT DISTINCT s.point, s.t FROM samples s
            WHERE s.point IN (${points.map(({ no }) => no).join(", ")}) AND s.t >= ${start - longestMs} AND s.t < ${end + longestMs} AND ${snapshot.where}) s
          JOIN points p ON p.no = s.point GROUP BY s.point`);
        const counts = new Map(rows.map(({ point, n, slots }) => [Number(point), { n, slots }]));
        yield points.map(({ no, id, unit, trust, interval }) => {
          const expected = expectedReadings(start, Math.min(end, snapshot.time), interval);
          const received = interval === null ? null : Number(counts.get(no)?.slots ?? 0);
          return [
            start,
            start,
            end,
            building.id,
            id,
            unit,
            trust,
            Number(counts.get(no)?.n ?? 0),
            interval,
            received,
            expected,
          ];
        });
      }
    },
  };
}
