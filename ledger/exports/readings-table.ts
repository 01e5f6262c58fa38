// Readings in long form, one row each: value and unit, who vouches for it, and the entry that proves it.

import type { PointRecord } from "../read-model/registry.ts";
import { FLAG, hourMs } from "../read-model/schema.ts";
import type { Row, Store } from "../read-model/store.ts";
import { frameOf, type Scope } from "./scope.ts";
import type { Cell, Column, Table } from "./table.ts";

/** Readings of one query. An hour of a building that holds more is read as a whole. */
const pageReadingsMax = 10_000;

const COLUMNS: readonly Column[] = [
  { name: "time", type: "instant" },
  { name: "local_time", type: "civil" },
  { name: "building", type: "text" },
  { name: "place", type: "text" },
  { name: "device", type: "text" },
  { name: "point", type: "text" },
  { name: "value", type: "number" },
  { name: "unit", type: "text" },
  // Energy once more, exact.
  { name: "joules", type: "whole" },
  { name: "trust", type: "text" },
  { name: "late", type: "truth" },
  { name: "clockless", type: "truth" },
  { name: "corrected", type: "truth" },
  { name: "gateway", type: "text" },
  { name: "entry", type: "whole" },
];

/**
 * The readings that count, by time and then by point. Of several values for one time the last one stands, marked as
 * `corrected`; the time of a `clockless` one is that of its anchor, as far as is known; `gateway` and `entry` name what `/evidence/<gateway>/<entry>` proves.
 */
export function readingsTable(scope: Scope): Table {
  const { store, points, registry } = scope;
  const byNumber = new Map(points.map((point) => [point.no, point]));
  const gateways = new Map([...registry.gateways.values()].map(({ no, id }) => [no, id]));
  return {
    ...frameOf(scope, "readings that count"),
    columns: COLUMNS,
    async *rows() {
      if (points.length === 0) return;
      for await (const [from, to] of pages(store, scope))
        yield (await store.query(pageSql(scope, from, to))).map((row) =>
          cellsOf(row, byNumber, gateways),
        );
    },
  };
}

/** Spans of time with a page of readings each. The hourly roll-up knows how many an hour holds, so nothing is read for it. */
async function* pages(
  store: Store,
  { points, period: { from, to } }: Scope,
): AsyncGenerator<readonly [from: number, to: number]> {
  const hours = await store.query(`
    SELECT hour, sum(n) AS n FROM hourly
    WHERE point IN (${numbers(points)}) AND hour >= ${Math.floor(from / hourMs)} AND hour < ${Math.ceil(to / hourMs)}
    GROUP BY hour ORDER BY hour`);
  let start = from;
  let held = 0;
  for (const { hour, n } of hours) {
    const begins = Number(hour) * hourMs;
    if (held > 0 && held + Number(n) > pageReadingsMax) {
      yield [start, begins];
      start = begins;
      held = 0;
    }
    held += Number(n);
  }
  if (held > 0) yield [start, to];
}

function pageSql({ points, snapshot }: Scope, from: number, to: number): string {
  return `
    SELECT s.point, s.t, arg_max(s.v, s.rowid) AS v, arg_max(s.flags, s.rowid) AS flags,
      arg_max(s.gateway, s.rowid) AS gateway, arg_max(s.idx, s.rowid) AS idx, count(DISTINCT s.v) > 1 AS corrected
    FROM samples s
    WHERE s.point IN (${numbers(points)}) AND s.t >= ${from} AND s.t < ${to} AND ${snapshot.where}
    GROUP BY s.point, s.t ORDER BY s.t, s.point`;
}

function cellsOf(
  { point, t, v, flags, gateway, idx, corrected }: Row,
  points: ReadonlyMap<number, PointRecord>,
  gateways: ReadonlyMap<number, string>,
): readonly Cell[] {
  const { id, building, place, device, unit, trust } = points.get(Number(point))!;
  const value = Number(v);
  return [
    Number(t),
    Number(t),
    building,
    place,
    device,
    id,
    value,
    unit,
    unit === "J" && Number.isSafeInteger(value) ? value : null,
    trust,
    (Number(flags) & FLAG.late) !== 0,
    (Number(flags) & FLAG.clockless) !== 0,
    corrected === true,
    gateways.get(Number(gateway)) ?? null,
    Number(idx),
  ];
}

function numbers(points: readonly PointRecord[]): string {
  return points.map(({ no }) => no).join(", ");
}
