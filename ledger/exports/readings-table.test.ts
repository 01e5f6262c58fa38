// A table of readings in pages: none large, none missing, and nothing that came after the export began.
import { afterEach, beforeEach, expect, test } from "vitest";
import { type PointRecord, Registry } from "../read-model/registry.ts";
import { noRows } from "../read-model/rows.ts";
import { Store } from "../read-model/store.ts";
import { readingsTable } from "./readings-table.ts";
import type { Scope } from "./scope.ts";
import { snapshotOf } from "./snapshot.ts";

const from = Date.UTC(2026, 0, 1);
const minutes = 6_000;
const points = Array.from(
  { length: 5 },
  (_, i): PointRecord => ({
    no: i + 1,
    id: `d${i}.t`,
    device: `d${i}`,
    building: "b1",
    place: "b1",
    name: "t",
    unit: "Cel",
    kind: "gauge",
    interval: 60,
    brick: null,
    label: null,
    trust: "device",
  }),
);

let store: Store;
let entries = 0;
beforeEach(async () => {
  entries = 0;
  store = await Store.open({ path: ":memory:", genesis: "00" });
});
afterEach(() => store.close());

/** One statement a minute, a reading of each point in it. */
async function add(first: number, count: number, value: number): Promise<void> {
  const rows = noRows();
  for (let minute = first; minute < first + count; minute += 1) {
    const place = { gateway: 1, index: entries, sequence: entries };
    const t = from + minute * 60_000;
    rows.entries.push({ ...place, ledger: 1, signer: 1, standing: "counted", time: t });
    for (const { no } of points) rows.samples.push({ ...place, point: no, t, v: value, flags: 0 });
    entries += 1;
  }
  await store.write({
    cursor: { next: entries, height: entries, time: from },
    rows,
    registry: { rows: [], names: [], points },
    says: [],
  });
}

async function scope(): Promise<Scope> {
  const registry = new Registry();
  return {
    store,
    registry,
    origin: "ledger.example/test",
    building: {
      ...{ id: "b1", name: "One", zone: "UTC", registry: 0, holidays: [], hours: null },
      ...{ grossFt2: null, usableFt2: null, address: null },
    },
    points,
    period: { from, to: from + minutes * 60_000 },
    snapshot: await snapshotOf(store),
  };
}

test("pages are bounded, in order, and together all there is", async () => {
  await add(0, minutes, 1);
  const sizes: number[] = [];
  const keys: string[] = [];
  for await (const rows of readingsTable(await scope()).rows()) {
    sizes.push(rows.length);
    for (const row of rows) keys.push(`${row[0]} ${row[5]}`);
  }
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(minutes * points.length);
  expect(sizes.length).toBeGreaterThanOrEqual(3);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(10_000);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toEqual([...keys].sort());
});

test("what is anchored while the file is written is not in it", async () => {
  await add(0, 3_000, 1);
  const table = readingsTable(await scope());
  // Later readings, and a correction of an earlier one.
  await add(3_000, 3_000, 1);
  await add(10, 1, 2);
  const values = new Set<unknown>();
  let count = 0;
  for await (const rows of table.rows()) {
    count += rows.length;
    for (const row of rows) values.add(row[6]);
  }
  expect(count).toBe(3_000 * points.length);
  expect([...values]).toEqual([1]);
});
