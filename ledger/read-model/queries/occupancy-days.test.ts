// Which source tells of a day: badges, the figure written down when they were destroyed, or people counters.

import { afterEach, expect, test } from "vitest";
import { type BuildingRecord, type PointRecord, Registry } from "../registry.ts";
import { noRows } from "../rows.ts";
import { Store } from "../store.ts";
import { scopesOf } from "./occupancy.ts";
import { occupancyDays, utilizationOfDays } from "./occupancy-days.ts";

const hourMs = 3_600_000;
const building: BuildingRecord = {
  ...{ id: "b1", name: "b1", zone: "UTC", grossFt2: null, usableFt2: 1_500, address: null },
  ...{ hours: null, holidays: ["2026-06-19"], registry: 0 },
};
const counter: PointRecord = {
  ...{
    no: 1,
    id: "p.n",
    device: "p",
    building: "b1",
    place: "b1",
    name: "n",
    unit: "count",
    kind: "gauge",
  },
  ...{ interval: 3_600, brick: "Occupancy_Count_Sensor", label: null, trust: "device" },
};

let store: Store;
afterEach(() => store.close());

test("a week with badges, a disposition, counters alone, and nothing at all", async () => {
  store = await Store.open({ path: ":memory:", genesis: "00" });
  const monday = Date.parse("2026-06-15T00:00:00Z");
  const at = (day: number, hour: number): number => monday + (day * 24 + hour) * hourMs;
  const seen = [
    [0, 9, 5],
    [0, 14, 7],
    [1, 9, 4],
    [2, 9, 3],
    [2, 10, 6],
  ] as const;
  await store.write({
    cursor: { next: 1, height: 1, time: 0 },
    rows: {
      ...noRows(),
      samples: seen.map(([day, hour, v], i) => ({
        ...{ point: 1, t: at(day, hour), v, gateway: 1, index: i, sequence: i, flags: 0 },
      })),
      // Four people on Monday, one of them at two doors; two on Sunday.
      persons: [11, 12, 13, 14, 12].map((person) => ({
        building: "b1",
        date: "2026-06-15",
        person,
        ledger: 1,
      })),
      dispositions: [
        { building: "b1", date: "2026-06-16", persons: 9, ledger: 2 },
        { building: "b1", date: "2026-06-19", persons: 0, ledger: 3 },
      ],
    },
    registry: { rows: [], names: [], points: [counter] },
    says: [],
  });
  const registry = new Registry();
  registry.buildings.set("b1", building);
  const scope = (await scopesOf(store, ["b1"], [counter])).get("b1")!;
  const period = { from: monday, to: at(7, 0) };
  const days = await occupancyDays(store, registry, building, scope, period, at(6, 12));
  expect(
    days.map(({ date, persons, source, counterPeak, whole }) => [
      date,
      persons,
      source,
      counterPeak,
      whole,
    ]),
  ).toEqual([
    ["2026-06-15", 4, "badges", 7, true],
    ["2026-06-16", 9, "disposition", 4, true],
    ["2026-06-17", 6, "counters", 6, true],
    ["2026-06-18", null, null, null, true],
    ["2026-06-19", 0, "disposition", null, true],
    ["2026-06-20", null, null, null, true],
    ["2026-06-21", null, null, null, false],
  ]);
  // A holiday is a day like others: (4 + 9 + 6 + 0) / 4 of 10.
  expect(utilizationOfDays(days, building.usableFt2)).toEqual({
    ...{ capacity: 10, meanPersons: 4.75, rate: 0.475, below60: true, days: 4, missingDays: 1 },
    sources: ["badges", "counters", "disposition"],
  });
});
