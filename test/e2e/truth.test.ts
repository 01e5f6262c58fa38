// The truth against the ledger: a simulated building through devices, gateway and ledger, and every figure of the API that its truth file knows.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { simulate, type TruthDay, type TruthFile } from "@muniment/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUILDING, type Fleet, startFleet, until } from "../stack/fleet.ts";
import { runProduct } from "../stack/process.ts";

type Row = Readonly<Record<string, unknown>>;
interface Told {
  readonly fleet: Fleet;
  readonly truth: TruthFile;
  /** Whole local days of which every counter's last interval has ended. */
  readonly days: readonly TruthDay[];
  readonly from: number;
  readonly to: number;
  /** An answer of /api/v1/buildings/{id} for those days. */
  ask(path: string, more?: Readonly<Record<string, string>>): Promise<Row>;
  /** A counter of the gateway. */
  metric(name: string, labels?: string): Promise<number>;
}

/** From a Monday over a whole week to the next Tuesday; clocks change on Sunday, 8 March 2026. */
const period = ["--from", "2026-03-02", "--days", "9"];
const joulesPerKwh = 3_600_000;

/** Simulates the building into a stack of its own and waits until all of it can be read. */
async function tell(options: readonly string[]): Promise<Told> {
  const fleet = await startFleet(0);
  try {
    return await tellInto(fleet, options);
  } catch (error) {
    await fleet.close();
    throw error;
  }
}

async function tellInto(fleet: Fleet, options: readonly string[]): Promise<Told> {
  const simulated = await runProduct([
    ...["simulate", "--data", fleet.data, "--building", BUILDING, "--seed", "11"],
    ...["--floors", "2", "--rooms", "3", ...period, ...options, "--json"],
    ...["--mqtt", `mqtt://127.0.0.1:${fleet.mqttPort()}`],
    ...["--ledger", fleet.ledgerUrl, "--gateway", fleet.gatewayUrl()],
  ]);
  expect(simulated.code, simulated.stderr).toBe(0);
  await allRead(fleet);
  const truth = await truthOf(fleet);
  const days = truth.days.slice(0, -1);
  const [from, to] = [truth.from, days.at(-1)?.to ?? 0];
  return {
    ...{ fleet, truth, days, from, to },
    ask: (path, more = {}) => {
      const query = new URLSearchParams({ from: iso(from), to: iso(to), ...more });
      return get(`${fleet.ledgerUrl}/api/v1/buildings/${BUILDING}${path}?${query}`);
    },
    metric: async (name, labels = "") => {
      const text = await (await fetch(`${fleet.gatewayUrl()}/metrics`)).text();
      const line = text
        .split("\n")
        .find((one) => one.startsWith(`muniment_gateway_${name}${labels} `));
      return line === undefined ? 0 : Number(line.split(" ").at(-1));
    },
  };
}

async function get(url: string): Promise<Row> {
  const answer = await fetch(url);
  expect(answer.status, `${url} ${answer.ok ? "" : await answer.clone().text()}`).toBe(200);
  return (await answer.json()) as Row;
}

/** Waits until everything acknowledged is anchored and in the read model. */
async function allRead(fleet: Fleet): Promise<void> {
  const isRead = async () => {
    const health = (await (await fetch(`${fleet.ledgerUrl}/health`)).json()) as { readModel: Row };
    expect(health.readModel.failure).toBeNull();
    const { log } = await get(`${fleet.gatewayUrl()}/health`);
    const { size, pending } = log as { size: number; pending: number };
    const { items } = await get(`${fleet.ledgerUrl}/api/v1/gateways`);
    return pending === 0 && (items as Row[])[0]?.entries === size;
  };
  await until("all of it anchored and read", isRead, 120_000);
}

async function truthOf(fleet: Fleet): Promise<TruthFile> {
  const file = join(fleet.data, "simulator", BUILDING, "truth.json");
  return JSON.parse(await readFile(file, "utf8")) as TruthFile;
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
const joules = (kwh: unknown): number => Math.round(Number(kwh) * joulesPerKwh);
const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
const near = (value: unknown, truth: number, what: string) =>
  expect(Number(value), what).toBeCloseTo(truth, 6);

/** Percentile by linear interpolation between order statistics (Hyndman and Fan 1996, type 7). */
function percentile(ascending: readonly number[], share: number): number {
  const at = (ascending.length - 1) * share;
  const [low, high] = [ascending[Math.floor(at)] ?? 0, ascending[Math.ceil(at)] ?? 0];
  return low + (high - low) * (at - Math.floor(at));
}

/** Demand intervals of the days, from raw values of the main meter. */
function quarters({
  truth,
  from,
  to,
}: Told): readonly { readonly at: number; readonly joules: number }[] {
  const point = truth.points[truth.meters.main ?? ""];
  expect(point, "raw values of the main meter").toBeDefined();
  const { values, interval, from: first } = point!;
  return values
    .slice(1)
    .map((value, index) => ({ at: first + index * interval, joules: value - values[index]! }))
    .filter(({ at }) => at >= from && at < to);
}

/** Weekday × 24 + hour of an instant on the building's clocks. */
function cellOf(truth: TruthFile, at: number): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: truth.zone,
    weekday: "short",
    hour: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at * 1000);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  return (
    ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].indexOf(of("weekday")) * 24 +
    Number(of("hour"))
  );
}

describe("nothing is lost: every figure is the truth", () => {
  let told: Told;
  beforeAll(async () => {
    told = await tell([
      "--faults",
      "set-back-lost@2026-03-06/1",
      "--faults",
      "stuck-damper:room-202@2026-03-09/1",
      "--faults",
      "drifting-sensor:room-101",
    ]);
  }, 180_000);
  afterAll(() => told?.fleet.close());

  test("the building: hours, holidays and places as they were drawn", async () => {
    const building = await told.ask("");
    expect(building.hours).toEqual(told.truth.hours);
    expect(building.holidays).toEqual(expect.arrayContaining([...told.truth.holidays]));
    expect(building.usableFt2).toBe(told.truth.usableFt2);
    const rooms = (building.places as Row[]).filter(({ kind }) => kind === "room");
    expect(rooms.map(({ place }) => place)).toEqual(
      expect.arrayContaining(Object.keys(told.truth.rooms)),
    );
  });

  test("energy by day: joules, peak and its time, readings owed on a day of 23 hours", async () => {
    const { series, total } = (await told.ask("/energy", { step: "P1D" })) as {
      series: Row[];
      total: Row;
    };
    expect(
      series.map(({ start, kwh, peakKw, received, expected }) => ({
        start,
        joules: joules(kwh),
        watts: Math.round(Number(peakKw) * 900_000),
        received,
        expected,
      })),
    ).toEqual(
      told.days.map((day) => {
        const readings = (day.to - day.from) / 900;
        return {
          start: new Date(day.from * 1000).toISOString(),
          joules: day.energyJ.main,
          watts: day.demand?.joules,
          received: readings,
          expected: readings,
        };
      }),
    );
    expect(told.days.map((day) => (day.to - day.from) / 3600)).toContain(23);
    const peak = told.days
      .flatMap(({ demand }) => demand ?? [])
      .reduce((a, b) => (b.joules > a.joules ? b : a));
    expect(joules(total.kwh)).toBe(sum(told.days.map(({ energyJ }) => energyJ.main ?? 0)));
    expect([
      Math.round(Number(total.peakKw) * 900_000),
      total.peakAt,
      total.gaps,
      total.resets,
    ]).toEqual([peak.joules, iso(peak.at), 0, 0]);
  });

  test("energy and persons by hour", async () => {
    const energy = (await told.ask("/energy", { step: "PT1H" })).series as Row[];
    const persons = (await told.ask("/occupancy", { step: "PT1H" })).series as Row[];
    const { hourly } = told.truth;
    expect(energy.map(({ kwh }) => joules(kwh))).toEqual(
      hourly.energyJ.main?.slice(0, energy.length),
    );
    expect(energy.length).toBe((told.to - told.from) / 3600);
    persons.forEach(({ mean, peak }, hour) => {
      near(
        mean,
        (hourly.persons.sum[hour] ?? 0) / (hourly.persons.steps[hour] ?? 1),
        `hour ${hour}`,
      );
      expect(peak, `hour ${hour}`).toBe(hourly.persons.peak[hour]);
    });
  });

  test("occupancy by day: mean and peak, and the whole period's peak with its time", async () => {
    const { series, total } = (await told.ask("/occupancy", { step: "P1D" })) as {
      series: Row[];
      total: Row;
    };
    told.days.forEach((day, index) => {
      near(series[index]?.mean, day.sum / day.steps, day.date);
      expect(series[index]?.peak, day.date).toBe(day.peak);
      expect(series[index]?.received, day.date).toBe(series[index]?.expected);
    });
    const fullest = told.days.reduce((a, b) => (b.peak > a.peak ? b : a));
    expect([total.peak, total.peakAt]).toEqual([fullest.peak, iso(fullest.peakAt)]);
  });

  test("the week by weekday and hour", async () => {
    const cells = (await told.ask("/occupancy/week")).cells as Row[];
    const { hourly } = told.truth;
    const expected = Array.from({ length: 168 }, () => ({ sum: 0, steps: 0, peak: 0 }));
    for (let hour = 0; hour < (told.to - told.from) / 3600; hour++) {
      const cell = expected[cellOf(told.truth, told.from + hour * 3600)]!;
      cell.sum += hourly.persons.sum[hour] ?? 0;
      cell.steps += hourly.persons.steps[hour] ?? 0;
      cell.peak = Math.max(cell.peak, hourly.persons.peak[hour] ?? 0);
    }
    cells.forEach((cell, index) => {
      const truth = expected[index]!;
      expect([cell.weekday, cell.hour, cell.steps]).toEqual([
        Math.floor(index / 24),
        index % 24,
        truth.steps,
      ]);
      if (truth.steps === 0) {
        expect(cell.mean).toBeNull();
        return;
      }
      near(cell.mean, truth.sum / truth.steps, `cell ${index}`);
      expect(cell.peak, `cell ${index}`).toBe(truth.peak);
    });
    // The hour that clocks skip on that Sunday.
    expect(expected[2]?.steps).toBe(0);
  });

  test("persons by day from badges, and utilization against the usable area", async () => {
    const { days, utilization } = (await told.ask("/occupancy/days")) as {
      days: Row[];
      utilization: Row;
    };
    // A day on which nobody came has no badge; the counters then tell.
    expect(
      days.map(({ date, weekday, persons, source, counterPeak }) => ({
        date,
        weekday,
        persons,
        source,
        counterPeak,
      })),
    ).toEqual(
      told.days.map(({ date, weekday, persons, peak }) => ({
        ...{ date, weekday, persons: persons > 0 ? persons : peak, counterPeak: peak },
        source: persons > 0 ? "badges" : "counters",
      })),
    );
    const reported = told.days.filter(({ weekday }) => weekday >= 1 && weekday <= 5);
    const mean = sum(reported.map(({ persons }) => persons)) / reported.length;
    const capacity = told.truth.usableFt2 / 150;
    near(utilization.meanPersons, mean, "mean persons");
    near(utilization.capacity, capacity, "capacity");
    near(utilization.rate, mean / capacity, "rate");
    expect([utilization.below60, utilization.days]).toEqual([
      mean / capacity < 0.6,
      reported.length,
    ]);
  });

  test("rooms: use, persons and air, as their sensors tell", async () => {
    const rooms = new Map(
      ((await told.ask("/rooms")).rooms as Row[]).map((room) => [room.place, room]),
    );
    const openHours = sum(
      told.days.flatMap(({ open }) => open.map(([from, to]) => (to - from) / 60)),
    );
    for (const [place, all] of Object.entries(told.truth.rooms)) {
      const days = all.slice(0, told.days.length);
      const of = (name: keyof (typeof days)[number]) => sum(days.map((day) => day[name]));
      const room = rooms.get(place);
      near(room?.occupiedHours, (of("occupied") * 300) / 3600, `${place} occupied hours`);
      near(room?.openHours, openHours, `${place} open hours`);
      near(room?.occupiedShare, of("openOccupied") / of("openSteps"), `${place} occupied share`);
      near(room?.meanPersons, of("sum") / of("steps"), `${place} mean persons`);
      expect(room?.peakPersons, place).toBe(Math.max(...days.map(({ peak }) => peak)));
      near(
        room?.seatShare,
        of("sum") / of("occupied") / Number(room?.seats),
        `${place} seat share`,
      );
      near(room?.meanCo2, of("co2Sum") / of("steps"), `${place} mean CO2`);
      near(room?.maxCo2, Math.max(...days.map(({ co2Max }) => co2Max)), `${place} greatest CO2`);
      near(room?.meanCelsius, of("celsiusSum") / of("steps"), `${place} temperature`);
      expect(room?.received, place).toBe(room?.expected);
    }
  });

  test("the energy profile: base and peak load, after hours, uses and generation", async () => {
    const profile = await told.ask("/energy/profile");
    const kw = quarters(told).map(({ joules: energy }) => energy / 900_000);
    const ascending = kw.toSorted((a, b) => a - b);
    const total = sum(told.days.map(({ energyJ }) => energyJ.main ?? 0));
    expect(joules(profile.kwh)).toBe(total);
    near(profile.baseKw, percentile(ascending, 0.025), "base load");
    near(profile.peakLoadKw, percentile(ascending, 0.975), "peak load");
    near(profile.peakKw, ascending.at(-1) ?? 0, "peak demand");
    near(
      profile.loadFactor,
      total / joulesPerKwh / ((ascending.at(-1) ?? 0) * ((told.to - told.from) / 3600)),
      "load factor",
    );
    const duration = profile.loadDuration as Row[];
    near(duration[0]?.kw, ascending.at(-1) ?? 0, "load duration, first");
    near(duration.at(-1)?.kw, ascending[0] ?? 0, "load duration, last");

    const after = profile.afterHours as Row;
    const afterHoursJ = sum(told.days.map((day) => day.afterHoursJ));
    expect([joules(after.kwh), after.hoursKnown]).toEqual([afterHoursJ, true]);
    near(after.share, afterHoursJ / total, "after-hours share");

    const of = (circuit: string) => sum(told.days.map(({ energyJ }) => energyJ[circuit] ?? 0));
    const uses = new Map((profile.uses as Row[]).map((use) => [use.point, use]));
    const circuits = ["hvac", "lighting", "plugs", "services"];
    expect([...uses.keys()].toSorted()).toEqual(
      circuits.map((name) => told.truth.meters[name]).toSorted(),
    );
    for (const circuit of circuits) {
      const use = uses.get(told.truth.meters[circuit]);
      expect(joules(use?.kwh), circuit).toBe(of(circuit));
      near(use?.share, of(circuit) / total, circuit);
    }
    expect(sum(circuits.map(of))).toBe(total);
    expect(joules((profile.generation as Row).kwh)).toBe(of("solar"));
    expect(total + of("export")).toBe(of("import") + of("solar"));

    const cells = Array.from({ length: 168 }, () => [] as number[]);
    for (const { at, joules: energy } of quarters(told))
      cells[cellOf(told.truth, at)]?.push(energy / 900_000);
    (profile.week as Row[]).forEach(({ meanKw }, index) => {
      const heard = cells[index] ?? [];
      if (heard.length === 0) expect(meanKw).toBeNull();
      else near(meanKw, sum(heard) / heard.length, `cell ${index}`);
    });
  });

  test("one floor alone: what its own counters say", async () => {
    const place = `${BUILDING}/floor-2`;
    const { series } = (await told.ask("/occupancy", { step: "P1D", place })) as { series: Row[] };
    const counters = Object.entries(told.truth.points).filter(([id]) =>
      /-room-2\d\d\.people$/.test(id),
    );
    expect(counters.length).toBe(3);
    told.days.forEach((day, index) => {
      const [first, end] = [(day.from - told.from) / 300, (day.to - told.from) / 300];
      const persons = Array.from({ length: end - first }, (_, step) =>
        sum(counters.map(([, { values }]) => values[first + step] ?? 0)),
      );
      near(series[index]?.mean, sum(persons) / persons.length, day.date);
      expect(series[index]?.peak, day.date).toBe(Math.max(...persons));
    });
  });

  test("the degree-day baseline stands on the true days: kilowatt-hours and outdoor temperature", async () => {
    const baseline = { baselineFrom: iso(told.from), baselineTo: iso(told.to) };
    const days = (await told.ask("/energy/baseline", baseline)).days as Row[];
    const outdoor = told.truth.points[`${BUILDING}-weather.temperature`]!;
    expect(days.map(({ date, actualKwh }) => ({ date, joules: joules(actualKwh) }))).toEqual(
      told.days.map(({ date, energyJ }) => ({ date, joules: energyJ.main })),
    );
    told.days.forEach((day, index) => {
      const values = outdoor.values.slice((day.from - told.from) / 900, (day.to - told.from) / 900);
      near(days[index]?.celsius, sum(values) / values.length, day.date);
    });
  });

  test("the public: whole weeks, nothing shown of fewer than ten, and what is shown is true", async () => {
    const query = new URLSearchParams({ from: iso(told.from), to: iso(told.to) });
    const url = `${told.fleet.ledgerUrl}/api/v1/public/buildings/${BUILDING}/days?${query}`;
    const { days, weeks, k } = (await get(url)) as { days: Row[]; weeks: Row[]; k: number };
    expect(k).toBe(10);
    const truth = new Map(told.days.map((day) => [day.date, day]));
    let [shown, withheld] = [0, 0];
    for (const { date, persons, suppressed, kwh } of days) {
      const day = truth.get(String(date))!;
      expect(joules(kwh), day.date).toBe(day.energyJ.main);
      if (persons === null) withheld++;
      else shown++;
      expect(suppressed, day.date).toBe(persons === null);
      if (persons !== null) expect([date, persons]).toEqual([day.date, day.persons]);
      if (day.persons < k) expect(persons, day.date).toBeNull();
    }
    expect(shown).toBeGreaterThan(0);
    expect(withheld).toBeGreaterThanOrEqual(2);
    const week = told.days.slice(0, 5);
    const personDays = sum(week.map(({ persons }) => persons));
    expect(weeks[0]).toMatchObject({ from: "2026-03-02", days: 5 });
    expect([null, personDays]).toContain(weeks[0]?.personDays);
  });

  test("the gateway refused, repeated and reordered nothing", async () => {
    expect(await told.metric("statements_late_total")).toBe(0);
    expect(await told.metric("statements_duplicate_total")).toBe(0);
    const { quarantine } = (await (await fetch(`${told.fleet.gatewayUrl()}/health`)).json()) as {
      quarantine: Row;
    };
    expect(quarantine.count).toBe(0);
  });
});

describe("devices that misbehave: what is lost, refused or repeated is counted exactly", () => {
  const kinds = {
    silent: "room-101",
    "wrong-key": "room-102",
    corrupted: "room-103",
    replayed: "room-201",
    flood: "room-202",
    reordered: "room-203",
    "drifting-clock": "meter-hvac",
    "no-clock": "meter-plugs",
  } as const;
  let told: Told;
  beforeAll(async () => {
    told = await tell([
      ...["--faults", "none"],
      ...Object.entries(kinds).flatMap(([kind, device]) => ["--misbehave", `${kind}:${device}`]),
      ...["--misbehave", "silent:meter-lighting@0.3"],
    ]);
  }, 180_000);
  afterAll(() => told?.fleet.close());
  const of = (kind: keyof typeof kinds) => told.truth.conduct[`${BUILDING}-${kinds[kind]}`]!;

  test("every kind did something, and the gateway says how often", async () => {
    for (const kind of Object.keys(kinds) as (keyof typeof kinds)[])
      if (kind !== "no-clock") expect(of(kind).statements, kind).toBeGreaterThan(0);
    const quarantined = (code: string) =>
      told.metric("statements_quarantined_total", `{code="${code}"}`);
    expect(await quarantined("unknown-key")).toBe(of("wrong-key").statements);
    expect(await quarantined("bad-signature")).toBe(of("corrupted").statements);
    expect(await told.metric("statements_duplicate_total")).toBe(of("replayed").statements);
    expect(await told.metric("statements_late_total")).toBe(of("reordered").statements);
  });

  test("completeness of every point and day is what was told of it", async () => {
    const points = Object.entries(told.truth.delivery);
    expect(points.length).toBeGreaterThan(20);
    let incomplete = 0;
    for (const [point, { expected, received }] of points) {
      const query = new URLSearchParams({ from: iso(told.from), to: iso(told.to), step: "PT1H" });
      const answer = await fetch(`${told.fleet.ledgerUrl}/api/v1/points/${point}/series?${query}`);
      const { items } = (await answer.json()) as { items: Row[] };
      const days = told.days.map((day) => {
        const hours = items.filter(({ start }) => {
          const at = Date.parse(String(start)) / 1000;
          return at >= day.from && at < day.to;
        });
        const slots = sum(hours.map(({ received: slots }) => Number(slots)));
        return { expected: sum(hours.map((hour) => Number(hour.expected))), slots };
      });
      expect(
        days.map((day) => day.expected),
        point,
      ).toEqual(expected.slice(0, days.length));
      expect(
        days.map((day) => day.slots),
        point,
      ).toEqual(received.slice(0, days.length));
      if (sum(received) < sum(expected)) incomplete++;
    }
    // silent (two devices), wrong key, corrupted: three points of each room; the clock that drifts; no clock, no past.
    expect(incomplete).toBe(3 * 3 + 1 + 1 + 1);
  });

  test("occupancy by day shows what is missing of the counters", async () => {
    const { series } = (await told.ask("/occupancy", { step: "P1D" })) as { series: Row[] };
    const counters = Object.entries(told.truth.delivery).filter(([point]) =>
      point.endsWith(".people"),
    );
    const daily = (name: "expected" | "received") =>
      told.days.map((_, day) => sum(counters.map(([, delivery]) => delivery[name][day] ?? 0)));
    expect(series.map(({ received }) => received)).toEqual(daily("received"));
    expect(series.map(({ expected }) => expected)).toEqual(daily("expected"));
    expect(sum(daily("received"))).toBeLessThan(sum(daily("expected")));
  });

  test("energy of a meter that fell silent: whole hours of it are gaps, and their joules are counted once", async () => {
    const profile = await told.ask("/energy/profile");
    const point = told.truth.meters.lighting ?? "";
    const use = (profile.uses as Row[]).find((one) => one.point === point)!;
    const { expected, received } = told.truth.delivery[point]!;
    const whole = (values: readonly number[]) => sum(values.slice(0, told.days.length));
    expect([use.received, use.expected]).toEqual([whole(received), whole(expected)]);
    expect(use.gaps).toBeGreaterThan(0);
    expect(profile.received).toBe(profile.expected);
  });
});

describe("a device without a clock", () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet(0);
  }, 60_000);
  afterAll(() => fleet?.close());

  test(
    "it tells only of the present, and each of its readings is marked",
    () => clockless(fleet),
    120_000,
  );
});

async function clockless(fleet: Fleet): Promise<void> {
  // Time that jumps to whatever is waited for; ten steps ahead of the wall is no more than the gateway grants a clock.
  let now = Date.now() / 1000;
  const stop = new AbortController();
  let steps = 0;
  await simulate({
    ...{ data: fleet.data, building: BUILDING, seed: 11, zone: "America/New_York" },
    size: { floors: 1, rooms: 2, people: null },
    faults: [],
    misbehave: [{ kind: "no-clock", device: "meter-main", share: 1 }],
    ...{
      from: null,
      days: 0,
      speed: null,
      serial: null,
      live: true,
      liveSeconds: 10,
      truthDays: 1,
    },
    mqtt: `mqtt://127.0.0.1:${fleet.mqttPort()}`,
    ...{ ledger: fleet.ledgerUrl, gateway: fleet.gatewayUrl(), signal: stop.signal },
    clock: {
      now: () => now,
      until: async (time) => {
        now = Math.max(now, time);
        if (++steps > 10) stop.abort();
      },
    },
  });
  const truth = await truthOf(fleet);
  const { readings, statements } = truth.conduct[`${BUILDING}-meter-main`]!;
  expect([readings >= statements, statements]).toEqual([true, 10]);
  await allRead(fleet);
  const point = `${BUILDING}-meter-main.power`;
  const answer = await fetch(`${fleet.ledgerUrl}/api/v1/points/${point}/series`);
  const { items } = (await answer.json()) as { items: Row[] };
  expect(items.map(({ flags }) => (flags as string[]).includes("clockless"))).toEqual(
    items.map(() => true),
  );
  expect(items.length).toBe(10);
  expect(truth.delivery[`${BUILDING}-meter-main.energy`]?.received).toEqual([0]);
  const device = await fetch(`${fleet.ledgerUrl}/api/v1/devices/${BUILDING}-meter-main`);
  expect(((await device.json()) as Row).clock).toBe("none");
}
