// Queries over a year of 50 points at one reading a minute: from the roll-up, over the same answer from raw samples in the same run.

import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { stepsOf } from "../../ledger/read-model/period.ts";
import { pointSteps } from "../../ledger/read-model/queries/series.ts";
import type { PointRecord } from "../../ledger/read-model/registry.ts";
import { noRows, type SampleRow } from "../../ledger/read-model/rows.ts";
import { hourMs } from "../../ledger/read-model/schema.ts";
import { Store } from "../../ledger/read-model/store.ts";
import { type Figure, figure, median } from "./result.ts";

const daysPerWrite = 7;
const rounds = 9;
const minutesPerDay = 1_440;
const zone = "America/New_York";
const start = Date.parse("2025-01-01T05:00:00Z");

/** Loads `points` × `days` of readings straight into a store, then asks for one point by day and for all by month. */
export async function benchQueries(scale: {
  readonly points: number;
  readonly days: number;
}): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "muniment-bench-query-"));
  try {
    const path = join(folder, "read-model.duckdb");
    const store = await Store.open({ path, genesis: "00" });
    const points = pointsOf(scale.points);
    const before = performance.now();
    for (let day = 0; day < scale.days; day += daysPerWrite) {
      const samples = samplesOf(scale.points, day, Math.min(day + daysPerWrite, scale.days));
      const registry = { rows: [], names: [], points: day === 0 ? points : [] };
      await store.write({
        says: [],
        cursor: { next: day + 1, height: day + 1, time: start },
        rows: { ...noRows(), samples },
        registry,
      });
    }
    const loadS = (performance.now() - before) / 1000;
    const figures = await queries(store, points[Math.floor(scale.points / 2)]!, scale.days);
    store.close();
    const readings = scale.points * scale.days * minutesPerDay;
    const fileMb = Math.round((await stat(path)).size / 2 ** 20);
    return figures.map((item) => ({
      ...item,
      note: `${item.note}; ${readings} readings loaded in ${Math.round(loadS)} s, file ${fileMb} MiB`,
    }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function queries(
  store: Store,
  point: PointRecord,
  dayCount: number,
): Promise<readonly Figure[]> {
  const period = { from: start, to: start + dayCount * 86_400_000 };
  const days = stepsOf(period, "P1D", zone);
  const months = stepsOf(period, "P1M", zone);
  // The cheapest raw query there is: it does not even look for corrections.
  const raw = (key: string, where: string): string =>
    `SELECT ${key} AS key, point, count(*) AS n, sum(v) AS sum, min(v) AS min, max(v) AS max FROM samples WHERE ${where} GROUP BY ALL`;
  const rolledUp = `
    SELECT ${months.keySql(`hour::BIGINT * ${hourMs}`)} AS key, point, sum(n) AS n, fsum(sum) AS sum, min(min) AS min, max(max) AS max
    FROM hourly GROUP BY ALL`;
  const note = "the same from raw samples";
  return [
    figure(
      "query.point-year-daily-ms",
      await medianMs(() => pointSteps(store, point, period, days, period.to)),
      "ms",
      await medianMs(() => store.query(raw(days.keySql("t"), `point = ${point.no}`))),
      note,
    ),
    figure(
      "query.all-year-monthly-ms",
      await medianMs(() => store.query(rolledUp)),
      "ms",
      await medianMs(() => store.query(raw(months.keySql("t"), "true"))),
      note,
    ),
  ];
}

function pointsOf(count: number): readonly PointRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{
      no: i + 1,
      id: `d${i}.temp`,
      device: `d${i}`,
      building: "b1",
      place: "b1",
      name: "temp",
      unit: "Cel",
    },
    ...{ kind: "gauge", interval: 60, brick: null, label: null, trust: "device" },
  }));
}

/** Readings of all points over some days, in order of time as they would be anchored. */
function samplesOf(points: number, fromDay: number, toDay: number): SampleRow[] {
  const samples: SampleRow[] = [];
  for (let minute = fromDay * minutesPerDay; minute < toDay * minutesPerDay; minute += 1) {
    const t = start + minute * 60_000;
    for (let p = 0; p < points; p += 1) {
      const noise = ((minute * 7_919 + p * 104_729) % 997) / 997;
      const v = Math.round((20 + p / 10 + 5 * Math.sin(minute / 229 + p) + noise) * 100) / 100;
      samples.push({
        point: p + 1,
        t,
        v,
        gateway: 1,
        index: minute * points + p,
        sequence: minute,
        flags: 0,
      });
    }
  }
  return samples;
}

/** Median milliseconds of a query, after one run that warms the caches. */
async function medianMs(query: () => Promise<unknown>): Promise<number> {
  await query();
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = performance.now();
    await query();
    times.push(performance.now() - before);
  }
  return median(times);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const days = Number(process.env.BENCH_DAYS ?? 365);
  for (const result of await benchQueries({ points: 50, days }))
    console.log(JSON.stringify(result));
}
