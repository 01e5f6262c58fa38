// The read model's occupancy and energy against the textbook, in random buildings whose readings come late, twice, wrong and not at all.

import { afterEach, expect, test } from "vitest";
import { CivilTime } from "../../ledger/read-model/civil-time.ts";
import { stepsOf } from "../../ledger/read-model/period.ts";
import { energyOf, metersOf } from "../../ledger/read-model/queries/energy.ts";
import { energyProfile } from "../../ledger/read-model/queries/energy-profile.ts";
import { occupancyOf, occupancyWeek, scopesOf } from "../../ledger/read-model/queries/occupancy.ts";
import { roomsOf } from "../../ledger/read-model/queries/rooms.ts";
import { pointSummaries } from "../../ledger/read-model/queries/series.ts";
import { type PointRecord, Registry } from "../../ledger/read-model/registry.ts";
import { noRows } from "../../ledger/read-model/rows.ts";
import { Store } from "../../ledger/read-model/store.ts";
import {
  countersOf,
  demandOf,
  heard,
  meterIntervals,
  occupancySteps,
  owed,
  readingsOf,
  type TextPoint,
  type TextSample,
  wallClock,
} from "./building.ts";

const zone = "America/New_York";
const now = Date.parse("2100-01-01T00:00:00Z");
const hourMs = 3_600_000;
/** Five days around the end of summer time. */
const start = Date.parse("2026-10-30T04:00:00Z");
const end = Date.parse("2026-11-04T05:00:00Z");
const seeds = [1, 2, 3, 4, 5, 6];

/** Lehmer's generator: whole numbers below `n`. */
function chance(seed: number): (n: number) => number {
  let state = seed * 48_271;
  return (n) => {
    state = (state * 48_271) % 2_147_483_647;
    return Math.floor((state / 2_147_483_647) * n);
  };
}

const record = (point: TextPoint): PointRecord => ({
  ...point,
  ...{ id: `d${point.no}.x`, device: `d${point.no}`, building: "b1", name: "x", label: null },
  trust: "device",
});

let store: Store;
afterEach(() => store.close());

/** Writes samples in batches, and enrols points before the batch that `enrolled` names. */
async function fill(
  samples: readonly TextSample[],
  batch: number,
  enrolled: ReadonlyMap<number, readonly TextPoint[]>,
): Promise<void> {
  store = await Store.open({ path: ":memory:", genesis: "00" });
  for (let i = 0; i * batch < samples.length; i += 1) {
    const rows = samples.slice(i * batch, (i + 1) * batch).map((sample, n) => ({
      ...sample,
      ...{ gateway: 1, index: i * batch + n, sequence: i * batch + n, flags: 0 },
    }));
    await store.write({
      cursor: { next: i + 1, height: i + 1, time: 0 },
      rows: { ...noRows(), samples: rows },
      registry: { rows: [], names: [], points: (enrolled.get(i) ?? []).map(record) },
      says: [],
    });
  }
}

/** What is known of each point is the number of its readings and the last of them. */
async function expectSummaries(
  points: readonly TextPoint[],
  samples: readonly TextSample[],
): Promise<void> {
  const summaries = await pointSummaries(store, points.map(record));
  for (const { no } of points) {
    const readings = readingsOf(samples, no);
    const { t: lastTime, v: lastValue } = readings.at(-1)!;
    expect(summaries.get(no)).toEqual({ received: readings.length, lastTime, lastValue });
  }
}

/** In ledger order: mostly as time goes, some late, some said again with another value. */
function ledgerOrder(samples: readonly TextSample[], random: (n: number) => number): TextSample[] {
  const placed = samples.flatMap((sample) => {
    const late = random(10) === 0 ? random(5 * 24 * hourMs) : 0;
    const first = { sample, at: sample.t + late };
    return random(25) === 0
      ? [
          first,
          { sample: { ...sample, v: sample.v + 1 + random(5) }, at: first.at + 1 + random(hourMs) },
        ]
      : [first];
  });
  return placed.sort((a, b) => a.at - b.at).map(({ sample }) => sample);
}

/** The last two are enrolled late: one around a place that is counted already, one by itself. */
const places = ["b1/f1/r1", "b1/f1/r1", "b1/f1/r2", "b1/f2/r3", "b1/f2", "b1/f3/r4/desk"];

test.each(seeds)("occupancy of building %i", async (seed) => {
  const random = chance(seed);
  // Of some buildings the step does not divide a quarter of an hour, so that the roll-up cannot serve.
  const interval = [300, 900, 420, 600, 1_800, 450][seed % 6]!;
  const points = places.map(
    (place, i): TextPoint => ({
      ...{ no: i + 1, place, unit: "count", kind: "gauge", brick: "Occupancy_Count_Sensor" },
      interval: i % 3 === 2 ? interval * 2 : interval,
    }),
  );
  const readings: TextSample[] = [];
  for (const { no, interval: seconds } of points)
    for (let t = start - 2 * hourMs; t < end + 2 * hourMs; t += seconds! * 1000)
      if (random(8) > 0)
        readings.push({
          point: no,
          t: t + (random(5) === 0 ? random(120_000) - 60_000 : 0),
          v: random(4) * random(6),
        });
  // The last two counters are enrolled one after the other when much is known already.
  const all = ledgerOrder(readings, random);
  const batch = 61 + 97 * (seed % 3);
  const middle = Math.floor(all.length / 2 / batch) * batch;
  const samples = all.filter(
    ({ point }, i) => i >= middle + (point === 6 ? 2 * batch : 0) || point <= 4,
  );
  const known = all.slice(0, middle).filter(({ point }) => point <= 4).length;
  const enrolled = Math.floor(known / batch);
  await fill(
    samples,
    batch,
    new Map([
      [0, points.slice(0, 4)],
      [enrolled, points.slice(4, 5)],
      [enrolled + 1, points.slice(5)],
    ]),
  );
  const records = points.map(record);
  const clock = wallClock(zone);
  await expectSummaries(points, samples);
  for (const place of ["b1", "b1/f1", "b1/f1/r1", "b1/f2", "b1/f2/r3", "b1/f3/r4/desk"]) {
    const scope = (await scopesOf(store, [place], records)).get(place)!;
    const counters = countersOf(points, place);
    expect(scope.counters.map(({ no }) => no)).toEqual(counters.map(({ no }) => no));
    for (const period of [
      { from: start, to: end },
      { from: start + 17 * 60_000, to: end - 100_001 },
    ]) {
      const steps = occupancySteps(counters, samples, period.from, period.to);
      const { series, total } = await occupancyOf(
        store,
        scope,
        period,
        stepsOf(period, "P1D", zone),
        now,
      );
      const days = grouped(steps, ({ start: at }) => clock(at).date);
      expect(series).toHaveLength(5);
      series.forEach((day, i) => {
        const own = days.get(clock(day.start).date) ?? [];
        const to = series[i + 1]?.start ?? period.to;
        expect(day).toEqual({
          start: day.start,
          mean: own.length === 0 ? null : expect.closeTo(meanOf(own), 9),
          peak: own.length === 0 ? null : Math.max(...own.map(({ persons }) => persons)),
          received: heard(counters, samples, day.start, to).length,
          expected: sumOf(counters, (counter) => owed(day.start, to, counter.interval)),
        });
      });
      const peak = Math.max(...steps.map(({ persons }) => persons));
      expect(total).toMatchObject({
        peak,
        peakAt: steps.find(({ persons }) => persons === peak)!.start,
        mean: expect.closeTo(meanOf(steps), 9),
        received: heard(counters, samples, period.from, period.to).length,
      });
      const answered = grouped(
        heard(counters, samples, period.from, period.to),
        (at) => clock(at).weekday * 24 + clock(at).hour,
      );
      const cells = await occupancyWeek(store, scope, period, new CivilTime(period, zone), now);
      const hours = grouped(steps, ({ start: at }) => clock(at).weekday * 24 + clock(at).hour);
      cells.forEach((cell, i) => {
        const own = hours.get(i) ?? [];
        expect(cell).toMatchObject({
          ...{ weekday: Math.floor(i / 24), hour: i % 24, steps: own.length },
          mean: own.length === 0 ? null : expect.closeTo(meanOf(own), 9),
          peak: own.length === 0 ? null : Math.max(...own.map(({ persons }) => persons)),
          received: (answered.get(i) ?? []).length,
        });
      });
      expect(sumOf(cells, ({ expected }) => expected)).toBe(
        sumOf(counters, (counter) => owed(period.from, period.to, counter.interval)),
      );
    }
  }
});

test.each(seeds)("rooms of building %i", async (seed) => {
  const random = chance(seed + 100);
  const rooms = ["b1/f1/r1", "b1/f1/r2"];
  const gauge = (no: number, place: string, unit: string, brick: string): TextPoint => ({
    ...{ no, place, unit, brick, kind: "gauge", interval: 300 },
  });
  const points = rooms.flatMap((place, i) => [
    gauge(10 * i + 1, place, "count", "Occupancy_Count_Sensor"),
    gauge(10 * i + 2, place, i === 0 ? "/" : "ppm", "CO2_Level_Sensor"),
    gauge(10 * i + 3, place, "Cel", "Air_Temperature_Sensor"),
  ]);
  const readings = points.flatMap(({ no, unit }) => {
    const list: TextSample[] = [];
    for (let t = start; t < end; t += 300_000) {
      const v =
        unit === "count"
          ? Math.max(0, random(6) - 2)
          : unit === "/"
            ? random(900) / 1e6
            : random(900);
      if (random(9) > 0) list.push({ point: no, t: t + random(7_000) - 3_000, v });
    }
    return list;
  });
  const samples = ledgerOrder(readings, random);
  await fill(samples, 400, new Map([[0, points]]));
  const hours = [[], ...Array.from({ length: 5 }, () => [[450, 1_035]]), [[600, 615]]] as [
    number,
    number,
  ][][];
  const building = {
    ...{ id: "b1", name: "b1", zone, grossFt2: null, usableFt2: null, address: null, registry: 0 },
    ...{ hours, holidays: ["2026-11-03"] },
  };
  const period = { from: start, to: end };
  const clock = wallClock(zone);
  const isOpen = (at: number): boolean => {
    const { weekday, hour, minute, date } = clock(at);
    return (
      date !== "2026-11-03" &&
      hours[weekday]!.some(
        ([open, close]) => hour * 60 + minute >= open && hour * 60 + minute < close,
      )
    );
  };
  const { rooms: answer } = await roomsOf(
    store,
    new Registry(),
    building,
    points.map(record),
    period,
    now,
  );
  expect(answer.map(({ place }) => place)).toEqual(rooms);
  answer.forEach((room, i) => {
    const [people, co2, air] = points.slice(3 * i, 3 * i + 3) as [TextPoint, TextPoint, TextPoint];
    const steps = occupancySteps([people], samples, start, end);
    const occupied = steps.filter(({ persons }) => persons > 0);
    const open = steps.filter((step) => isOpen(step.start));
    const valuesOf = (point: TextPoint): number[] =>
      readingsOf(samples, point.no).flatMap(({ t, v }) => (t >= start && t < end ? [v] : []));
    const scale = co2.unit === "/" ? 1_000_000 : 1;
    const mean = (values: readonly number[]): number =>
      sumOf(values, (value) => value) / values.length;
    expect(room).toMatchObject({
      occupiedHours: expect.closeTo(occupied.length / 12, 9),
      // Friday, Monday and Wednesday's first hours are no day of the period: Friday and Monday 9.75 h each, Saturday a quarter.
      openHours: 19.75,
      occupiedShare: expect.closeTo(
        open.filter(({ persons }) => persons > 0).length / open.length,
        9,
      ),
      meanPersons: expect.closeTo(meanOf(steps), 9),
      peakPersons: Math.max(...steps.map(({ persons }) => persons)),
      meanCo2: expect.closeTo(mean(valuesOf(co2)) * scale, 6),
      maxCo2: expect.closeTo(Math.max(...valuesOf(co2)) * scale, 6),
      meanCelsius: expect.closeTo(mean(valuesOf(air)), 9),
      received: heard([people, co2, air], samples, start, end).length,
      expected: 3 * owed(start, end, 300),
    });
  });
});

test.each(seeds)("energy of building %i", async (seed) => {
  const random = chance(seed + 200);
  const kinds = ["counter", "interval"] as const;
  const meter = (no: number, brick: string, interval: number): TextPoint => ({
    ...{ no, place: "b1", unit: "J", kind: kinds[random(2)]!, brick, interval },
  });
  const long = [900, 900, 1_800, 300, 3_600, 60][seed % 6]!;
  const main = [
    meter(1, "Building_Electrical_Meter", 900),
    meter(2, "Building_Electrical_Meter", long),
  ];
  const sub = meter(3, "Electrical_Meter", 900);
  const solar = meter(4, "PV_Generation_Sensor", 900);
  const points = [...main, sub, solar];
  const readings: TextSample[] = [];
  for (const { no, kind, interval } of points) {
    let total = random(1_000_000);
    for (let t = start - 3 * hourMs; t < end + 3 * hourMs; t += interval! * 1000) {
      const used = random(4_000_000);
      if (kind === "counter" && random(300) === 0) total = 0;
      const at = t + (random(6) === 0 ? random(20_000) - 10_000 : 0);
      if (random(12) > 0) readings.push({ point: no, t: at, v: kind === "counter" ? total : used });
      total += used;
    }
  }
  const samples = ledgerOrder(readings, random);
  await fill(samples, 53 + 31 * seed, new Map([[0, points]]));
  const clock = wallClock(zone);
  const records = points.map(record);
  const meters = metersOf("b1", records);
  expect(meters.main.map(({ no }) => no)).toEqual([1, 2]);
  const hours = [[], ...Array.from({ length: 5 }, () => [[420, 1_095]]), []] as [
    number,
    number,
  ][][];
  const building = {
    ...{ id: "b1", name: "b1", zone, grossFt2: 1_000, usableFt2: null, address: null, registry: 0 },
    ...{ hours, holidays: [] },
  };
  for (const period of [
    { from: start, to: end },
    { from: start + 13 * 60_000 + 5, to: end - 77_777 },
  ]) {
    const { from, to } = period;
    const intervals = main.flatMap((one) => meterIntervals(one, samples, from, to));
    const joules = (list: readonly { readonly joules: number | null }[]): number | null =>
      list.some((one) => one.joules !== null) ? sumOf(list, (one) => one.joules ?? 0) : null;
    const kwh = (list: readonly { readonly joules: number | null }[]): number | null => {
      const sum = joules(list);
      return sum === null ? null : sum / 3_600_000;
    };
    const lengthMs = Math.max(900_000, long * 1000);
    const demand = demandOf(intervals, lengthMs);
    const { series, total } = await energyOf(
      store,
      meters.main,
      period,
      stepsOf(period, "PT1H", zone),
      now,
    );
    series.forEach((step, i) => {
      const until = series[i + 1]?.start ?? to;
      const own = intervals.filter((one) => one.start >= step.start && one.start < until);
      const slots = [...demand].filter(
        ([slot]) => Math.max(slot, from) >= step.start && Math.max(slot, from) < until,
      );
      expect(step).toMatchObject({
        kwh: kwh(own),
        gaps: own.filter(({ gap }) => gap).length,
        resets: own.filter((one) => one.joules === null).length,
        received: heard(main, samples, step.start, until).length,
        expected: sumOf(main, ({ interval }) => owed(step.start, until, interval)),
        peakKw:
          slots.length === 0
            ? null
            : expect.closeTo(Math.max(...slots.map(([, { watts }]) => watts)) / 1000, 9),
      });
    });
    expect(total.kwh).toBe(kwh(intervals));

    const profile = await energyProfile(store, {
      building,
      meters,
      period,
      registry: new Registry(),
      now,
    });
    const watts = [...demand.values()].map((one) => one.watts / 1000).sort((a, b) => a - b);
    const at = (share: number): number => {
      const exact = share * (watts.length - 1);
      const below = Math.floor(exact);
      return (
        watts[below]! + (exact - below) * ((watts[below + 1] ?? watts[below]!) - watts[below]!)
      );
    };
    const closed = [...demand].filter(([slot]) => {
      const { weekday, hour, minute } = clock(Math.max(slot, from));
      return !hours[weekday]!.some(
        ([open, close]) => hour * 60 + minute >= open && hour * 60 + minute < close,
      );
    });
    expect(profile).toMatchObject({
      demandIntervalMs: lengthMs,
      kwh: kwh(intervals),
      baseKw: expect.closeTo(at(0.025), 8),
      peakLoadKw: expect.closeTo(at(0.975), 8),
      peakKw: expect.closeTo(watts.at(-1)!, 8),
      loadFactor: expect.closeTo(kwh(intervals)! / (watts.at(-1)! * ((to - from) / hourMs)), 8),
      afterHours: {
        hoursKnown: true,
        kwh: expect.closeTo(kwh(closed.map(([, one]) => one))!, 8),
        share: expect.closeTo(joules(closed.map(([, one]) => one))! / joules(intervals)!, 8),
      },
      generation: {
        kwh: kwh(meterIntervals(solar, samples, from, to)),
        received: heard([solar], samples, from, to).length,
      },
      received: heard(main, samples, from, to).length,
      expected: sumOf(main, ({ interval }) => owed(from, to, interval)),
      gaps: intervals.filter(({ gap }) => gap).length,
      resets: intervals.filter((one) => one.joules === null).length,
      siteEuiKbtuFt2: null,
      carbon: null,
      cost: null,
    });
    const used = kwh(meterIntervals(sub, samples, from, to))!;
    expect(profile.uses).toMatchObject([
      { kwh: used, share: expect.closeTo(used / profile.kwh!, 9) },
    ]);
    profile.week.forEach((meanKw, cell) => {
      const own = [...demand]
        .filter(([slot]) => {
          const { weekday, hour } = clock(Math.max(slot, from));
          return weekday * 24 + hour === cell;
        })
        .map(([, one]) => one.watts / 1000);
      expect(meanKw).toEqual(
        own.length === 0 ? null : expect.closeTo(sumOf(own, (kw) => kw) / own.length, 8),
      );
    });
    expect(profile.loadDuration[0]).toEqual({ share: 0, kw: expect.closeTo(watts.at(-1)!, 8) });
    expect(profile.loadDuration.at(-1)).toEqual({ share: 1, kw: expect.closeTo(watts[0]!, 8) });
  }
});

function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}

function meanOf(steps: readonly { readonly persons: number }[]): number {
  return sumOf(steps, ({ persons }) => persons) / steps.length;
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
