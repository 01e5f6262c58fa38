// What somebody who asks for every period there is can put together of the days that were withheld.

import { afterEach, beforeEach, expect, test } from "vitest";
import { publicPersonsMin } from "../measures/small-counts.ts";
import { type BuildingRecord, Registry } from "../registry.ts";
import { noRows } from "../rows.ts";
import { Store } from "../store.ts";
import { type PublicDays, publicDays } from "./public-days.ts";

const dayMs = 86_400_000;
const k = publicPersonsMin;
/** A Monday, and six weeks after it. */
const start = Date.parse("2026-06-01T00:00:00Z");
const end = start + 42 * dayMs;
const building: BuildingRecord = {
  ...{ id: "b1", name: "b1", zone: "UTC", grossFt2: null, usableFt2: 3_000, address: null },
  ...{ hours: null, holidays: [], registry: 0 },
};

let store: Store;
let registry: Registry;
beforeEach(async () => {
  store = await Store.open({ path: ":memory:", genesis: "00" });
  registry = new Registry();
  registry.buildings.set("b1", building);
});
afterEach(() => store.close());

async function fill(persons: readonly (number | null)[]): Promise<void> {
  await store.write({
    cursor: { next: 1, height: 1, time: 0 },
    rows: {
      ...noRows(),
      dispositions: persons.flatMap((n, day) =>
        n === null
          ? []
          : [
              {
                building: "b1",
                date: new Date(start + day * dayMs).toISOString().slice(0, 10),
                persons: n,
                ledger: 1,
              },
            ],
      ),
    },
    registry: { rows: [], names: [], points: [] },
    says: [],
  });
}

function ask(from: number, to: number, now: number): Promise<PublicDays> {
  const scope = { place: "b1", counters: [], stepMs: 900_000 };
  return publicDays(store, { building, registry, scope, meters: [], period: { from, to }, now });
}

/** An equation: the sum of some days' persons. */
interface Equation {
  readonly days: readonly string[];
  readonly sum: number;
}

/** Everything that the answers to all questions say. */
async function everything(now: number) {
  const shown = new Map<string, number | string | null>();
  const totals = new Map<string, number | null>();
  const equations: Equation[] = [];
  const weekdays = (monday: string): string[] =>
    [0, 1, 2, 3, 4].map((i) => new Date(Date.parse(monday) + i * dayMs).toISOString().slice(0, 10));
  const same = <T>(known: Map<string, T>, key: string, value: T): void => {
    if (known.has(key)) expect(known.get(key), key).toEqual(value);
    known.set(key, value);
  };
  for (let from = start - 3 * dayMs; from < end; from += dayMs)
    for (let to = from + 6 * dayMs; to <= end + 3 * dayMs; to += 11 * dayMs) {
      const { days, weeks, utilization } = await ask(from, to, now);
      for (const day of days) same(shown, day.date, day.suppressed ? "withheld" : day.persons);
      for (const week of weeks) same(totals, week.from, week.personDays);
      const told = weeks.filter(({ personDays }) => personDays !== null);
      for (const { from: monday, personDays } of told)
        equations.push({ days: weekdays(monday), sum: personDays! });
      if (utilization.meanPersons !== null)
        equations.push({
          days: told.flatMap(({ from: monday }) => weekdays(monday)),
          sum: Math.round(utilization.meanPersons * utilization.days),
        });
    }
  return { shown, equations };
}

/** Days whose persons follow from the equations and the days shown: Gaussian elimination. */
function solved(shown: ReadonlyMap<string, unknown>, equations: readonly Equation[]): string[] {
  const unknown = [...shown].filter(([, value]) => value === "withheld").map(([date]) => date);
  const rows = equations.map(({ days }) =>
    unknown.map((date) => days.filter((day) => day === date).length),
  );
  let rank = 0;
  for (let column = 0; column < unknown.length; column += 1) {
    const pivot = rows.findIndex((row, i) => i >= rank && row[column] !== 0);
    if (pivot < 0) continue;
    [rows[rank], rows[pivot]] = [rows[pivot]!, rows[rank]!];
    const head = rows[rank]!;
    rows.forEach((row, i) => {
      if (i === rank || row[column] === 0) return;
      const factor = row[column]! / head[column]!;
      row.forEach((value, j) => {
        row[j] = Math.abs(value - factor * head[j]!) < 1e-9 ? 0 : value - factor * head[j]!;
      });
    });
    rank += 1;
  }
  return rows
    .slice(0, rank)
    .filter((row) => row.filter((value) => value !== 0).length === 1)
    .map((row) => unknown[row.findIndex((value) => value !== 0)]!);
}

test.each([1, 2, 3, 4])("six random weeks (%i) give no withheld day away", async (seed) => {
  let state = seed * 48_271;
  const random = (n: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % n;
  };
  const persons = Array.from({ length: 42 }, (_, day) => {
    const kind = random(day % 7 < 5 ? 9 : 2);
    return kind === 0 ? random(k) : kind === 1 && random(3) === 0 ? null : k + random(50);
  });
  await fill(persons);
  const { shown, equations } = await everything(end);
  const small = persons.filter((n) => n !== null && n < k).length;
  expect(small).toBeGreaterThan(0);
  persons.forEach((n, day) => {
    const date = new Date(start + day * dayMs).toISOString().slice(0, 10);
    if (n !== null && n < k) expect(shown.get(date)).toBe("withheld");
    else if (shown.get(date) !== "withheld") expect(shown.get(date)).toBe(n);
  });
  expect(solved(shown, equations)).toEqual([]);
});

test("the solver solves what one could solve", () => {
  const shown = new Map<string, unknown>([
    ["a", "withheld"],
    ["b", "withheld"],
    ["c", 5],
  ]);
  expect(solved(shown, [{ days: ["a", "b", "c"], sum: 20 }])).toEqual([]);
  expect(
    solved(shown, [
      { days: ["a", "b", "c"], sum: 20 },
      { days: ["b", "c"], sum: 9 },
    ]).sort(),
  ).toEqual(["a", "b"]);
});

test("a week is told when it is over, not day by day", async () => {
  await fill(Array.from({ length: 42 }, () => 30));
  const friday = start + 18 * dayMs;
  const { releasedTo, days, weeks } = await ask(start, end, friday);
  expect(releasedTo).toBe(start + 14 * dayMs);
  expect(days).toHaveLength(14);
  expect(weeks).toHaveLength(2);
  expect((await ask(start, end, start + 21 * dayMs)).days).toHaveLength(21);
  expect((await ask(friday, end, friday)).days).toEqual([]);
});
