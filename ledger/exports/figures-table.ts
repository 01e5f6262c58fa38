// Energy and occupancy by step as tables: the figures of the API, each with its completeness and who vouches for it.

import { stepsOf } from "../read-model/period.ts";
import { energyOf, mainMeters } from "../read-model/queries/energy.ts";
import { occupancyOf, scopesOf } from "../read-model/queries/occupancy.ts";
import type { Step } from "../read-model/steps.ts";
import { frameOf, type Scope, trustText } from "./scope.ts";
import type { Cell, Column, Table } from "./table.ts";

const joulesPerKwh = 3_600_000;

const SPAN: readonly Column[] = [
  { name: "start", type: "instant" },
  { name: "start_local", type: "civil" },
  { name: "end", type: "instant" },
  { name: "building", type: "text" },
];
const SHARED: readonly Column[] = [
  { name: "received", type: "whole" },
  { name: "expected", type: "whole" },
  { name: "trust", type: "text" },
];

/** Energy of the main meters by step; joules are exact, kilowatt-hours are joules over 3,600,000. */
export function energyTable(scope: Scope, step: Step): Table {
  const meters = mainMeters(scope.building.id, scope.points);
  const columns: readonly Column[] = [
    ...SPAN,
    { name: "kwh", type: "number" },
    { name: "joules", type: "whole" },
    { name: "peak_kw", type: "number" },
    { name: "gaps", type: "whole" },
    { name: "resets", type: "whole" },
    ...SHARED,
  ];
  return figuresTable(
    scope,
    "energy of the main meters by step",
    step,
    columns,
    async (buckets) => {
      const { store, period, snapshot } = scope;
      const { series } = await energyOf(store, meters, period, buckets, snapshot.time);
      return series.map(({ kwh, peakKw, gaps, resets, received, expected }) => [
        kwh,
        // A double holds joules exactly, and their quotient to half a joule in 10^15.
        kwh === null ? null : Math.round(kwh * joulesPerKwh),
        peakKw,
        gaps,
        resets,
        received,
        expected,
        trustText(meters),
      ]);
    },
  );
}

/** Persons present by step. */
export function occupancyTable(scope: Scope, step: Step): Table {
  const columns: readonly Column[] = [
    ...SPAN,
    { name: "mean_persons", type: "number" },
    { name: "peak_persons", type: "number" },
    ...SHARED,
  ];
  return figuresTable(scope, "persons present by step", step, columns, async (buckets) => {
    const { store, building, points, period, snapshot } = scope;
    const counted = (await scopesOf(store, [building.id], points)).get(building.id)!;
    const { series } = await occupancyOf(store, counted, period, buckets, snapshot.time);
    return series.map(({ mean, peak, received, expected }) => [
      mean,
      peak,
      received,
      expected,
      trustText(counted.counters),
    ]);
  });
}

function figuresTable(
  scope: Scope,
  rows: string,
  step: Step,
  columns: readonly Column[],
  ask: (buckets: ReturnType<typeof stepsOf>) => Promise<readonly (readonly Cell[])[]>,
): Table {
  const buckets = stepsOf(scope.period, step, scope.building.zone);
  return {
    ...frameOf(scope, rows),
    columns,
    async *rows() {
      const figures = await ask(buckets);
      yield figures.map((cells, i) => {
        const { start, end } = buckets.list[i]!;
        return [start, start, end, scope.building.id, ...cells];
      });
    },
  };
}
