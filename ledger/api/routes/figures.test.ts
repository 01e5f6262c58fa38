// Figures of a building over HTTP: three weeks that can be worked out by hand, with a holiday and the end of summer time in them.

import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { buildStatement, type SenmlRecord } from "@muniment/core";
import fastify from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  MemorySources,
  type PointPlan,
  signerNamed,
  urnOf,
} from "../../read-model/memory-sources.ts";
import { createReadModel, type ReadModel } from "../../read-model/read-model.ts";
import type { App } from "../app.ts";
import { registerProblems } from "../problem.ts";
import { registerBuildingEnergy } from "./building-energy.ts";
import { registerBuildingOccupancy } from "./building-occupancy.ts";
import { registerBuildings } from "./buildings.ts";
import { registerEnergyBaseline } from "./energy-baseline.ts";
import { registerPublic } from "./public.ts";
import { registerRooms } from "./rooms.ts";

const hourMs = 3_600_000;
const quarterMs = 900_000;
const start = Date.parse("2026-10-19T04:00:00Z");
const end = Date.parse("2026-11-09T05:00:00Z");
const clocksChange = Date.parse("2026-11-01T06:00:00Z");
const threeWeeks = "from=2026-10-19T04:00:00Z&to=2026-11-09T05:00:00Z";

let readModel: ReadModel;
let app: App;

/** Hour and weekday in New York; the holiday counts as a Sunday. */
function local(t: number): {
  readonly hour: number;
  readonly working: boolean;
  readonly holiday: boolean;
} {
  const date = new Date(t - (t < clocksChange ? 4 : 5) * hourMs);
  const holiday = date.toISOString().startsWith("2026-10-26");
  const weekday = date.getUTCDay();
  return {
    hour: date.getUTCHours() + date.getUTCMinutes() / 60,
    working: weekday >= 1 && weekday <= 5 && !holiday,
    holiday,
  };
}

const kw = (t: number): number => {
  const { working, hour } = local(t);
  return working && hour >= 8 && hour < 18 ? 20 : 4;
};
const solarKw = (t: number): number => (local(t).hour >= 10 && local(t).hour < 14 ? 1 : 0);
const room101 = (t: number): number => {
  const { working, holiday, hour } = local(t);
  return hour >= 9 && hour < 17 ? (working ? 8 : holiday ? 2 : 0) : 0;
};
const room102 = (t: number): number => {
  const { working, hour } = local(t);
  return working && hour >= 10 && hour < 12 ? 6 : 0;
};

interface Device {
  readonly id: string;
  readonly place: string;
  readonly points: readonly (PointPlan & { readonly read: (t: number) => number })[];
}
const energy = (brick: string, power: (t: number) => number) => ({
  ...{ name: "energy", unit: "J", kind: "interval", interval: 900, brick },
  read: (t: number) => power(t) * 900_000,
});
const people = (read: (t: number) => number) => ({
  ...{ name: "people", unit: "count", kind: "gauge", interval: 900 },
  ...{ brick: "Occupancy_Count_Sensor", read },
});
const devices: readonly Device[] = [
  { id: "main", place: "b1", points: [energy("Building_Electrical_Meter", kw)] },
  { id: "hvac", place: "b1/floor-1/plant", points: [energy("Electrical_Meter", (t) => kw(t) / 4)] },
  { id: "solar", place: "b1/outside", points: [energy("PV_Generation_Sensor", solarKw)] },
  {
    ...{ id: "room-101", place: "b1/floor-1/room-101" },
    points: [
      people(room101),
      {
        ...{ name: "co2", unit: "/", kind: "gauge", interval: 900, brick: "CO2_Level_Sensor" },
        read: (t) => (room101(t) > 0 ? 0.0009 : 0.0004),
      },
    ],
  },
  { id: "room-102", place: "b1/floor-1/room-102", points: [people(room102)] },
];

function statementsOf({ id, place, points }: Device): Uint8Array[] {
  const statements: Uint8Array[] = [];
  for (let from = start; from < end; from += 24 * quarterMs) {
    const records: SenmlRecord[] = [];
    for (let t = from; t < Math.min(end, from + 24 * quarterMs); t += quarterMs)
      for (const { name, unit, read } of points)
        records.push({ name, unit, value: read(t), time: t / 1000 });
    statements.push(
      buildStatement({
        ...{ signer: signerNamed(id), iss: urnOf(id), sub: place, records },
        ...{ issuedAt: Math.ceil(records.at(-1)!.time), sequence: statements.length + 1 },
      }),
    );
  }
  return statements;
}

beforeAll(async () => {
  const world = new MemorySources(start);
  const weekdays = Array.from({ length: 5 }, () => [[480, 1_080]]);
  world.building("b1", "America/New_York", {
    ...{ grossFt2: 5_000, usableFt2: 3_000 },
    ...{ hours: [[], ...weekdays, []], holidays: ["2026-10-26"] },
  });
  world.building("empty", "UTC");
  world.place("b1/floor-1", "floor", { label: "Ground floor" });
  world.place("b1/floor-1/room-101", "room", {
    use: "office",
    label: "Office 101",
    seats: 8,
    usableFt2: 900,
  });
  world.place("b1/floor-1/room-102", "room", { use: "meeting" });
  world.place("b1/floor-1/room-103", "room");
  const tariff = (name: string, microdollarsPerKwh: number) => ({
    ...{ name, fixedMicrodollarsPerMonth: 10_000_000 },
    energy: [{ name: "energy", microdollarsPerKwh }],
  });
  world.policy(
    "tariff.electricity",
    Date.parse("2026-01-01T05:00:00Z"),
    tariff("General service", 100_000),
  );
  world.policy(
    "tariff.electricity",
    Date.parse("2026-11-01T04:00:00Z"),
    tariff("Winter service", 200_000),
  );
  world.policy("carbon.electricity", 0, { gPerKwh: 400, year: 2023, subregion: "RFCE" }, "a table");
  world.gateway("gw-1", "b1");
  for (const { id, place, points } of devices)
    world.device(
      id,
      place,
      points.map(({ read: _, ...point }) => point),
    );
  world.anchor("gw-1", devices.flatMap(statementsOf), end);
  readModel = await createReadModel({
    consensus: world.ledger,
    archive: world.archive,
    path: ":memory:",
    workers: 0,
  });
  await readModel.caughtUp();
  app = fastify({
    ajv: { customOptions: { removeAdditional: false } },
  }).withTypeProvider<TypeBoxTypeProvider>();
  registerProblems(app);
  const sources = { readModel, consensus: world.ledger, archive: world.archive };
  registerBuildings(app, sources);
  registerBuildingEnergy(app, sources);
  registerEnergyBaseline(app, sources);
  registerBuildingOccupancy(app, sources);
  registerRooms(app, sources);
  registerPublic(app, sources);
});

afterAll(async () => {
  await app.close();
  await readModel.close();
});

async function get<T = Record<string, unknown>>(url: string): Promise<T> {
  const response = await app.inject({ method: "GET", url });
  expect(response.statusCode, response.body).toBe(200);
  return response.json();
}

test("a building with its hours and places", async () => {
  const body = await get("/buildings/b1");
  expect(body).toMatchObject({
    hours: [[], [[480, 1_080]], [[480, 1_080]], [[480, 1_080]], [[480, 1_080]], [[480, 1_080]], []],
    holidays: ["2026-10-26"],
    lastReadingAt: "2026-11-09T04:45:00.000Z",
    trust: { device: 6 * 2_020, observed: 0, manual: 0 },
    // Monday to Friday 256 kWh each, Saturday and Sunday 96; the hour that clocks repeat lies before this week.
    week: {
      from: "2026-11-02T05:00:00.000Z",
      kwh: 1_472,
      peakOccupancy: 14,
      completeness: { received: 672, expected: 672 },
    },
  });
  expect(body.places).toMatchObject([
    { place: "b1", kind: "building", points: ["main.energy"] },
    { place: "b1/floor-1", kind: "floor", label: "Ground floor", points: [] },
    { place: "b1/floor-1/plant", kind: "zone", points: ["hvac.energy"] },
    { place: "b1/floor-1/room-101", kind: "room", use: "office", seats: 8, usableFt2: 900 },
    { place: "b1/floor-1/room-102", kind: "room", use: "meeting", seats: null },
    { place: "b1/floor-1/room-103", kind: "room", use: null, points: [] },
    { place: "b1/outside", kind: "zone" },
  ]);
  const list = await get<{ items: Record<string, unknown>[] }>("/buildings");
  expect(list.items.map(({ id }) => id)).toEqual(["b1", "empty"]);
  expect(list.items[0]!.week).toEqual(body.week);
  expect(list.items[1]).toMatchObject({
    lastReadingAt: null,
    week: { kwh: null, meanOccupancy: null },
  });
});

test("the energy profile", async () => {
  const body = await get<Record<string, unknown> & { week: unknown[]; loadDuration: unknown[] }>(
    `/buildings/b1/energy/profile?${threeWeeks}`,
  );
  // 14 working days with 40 quarter-hours at 20 kW; all other 1,460 quarter-hours of the 505 hours at 4 kW.
  expect(body).toMatchObject({
    ...{ kwh: 4_260, baseKw: 4, peakLoadKw: 20, baseToPeak: 0.2, peakKw: 20 },
    peakAt: "2026-10-19T12:00:00.000Z",
    loadFactor: expect.closeTo(4_260 / (20 * 505), 10),
    afterHours: { kwh: 1_460, share: expect.closeTo(1_460 / 4_260, 10), hoursKnown: true },
    uses: [
      {
        point: "hvac.energy",
        brick: "Electrical_Meter",
        kwh: 1_065,
        share: 0.25,
        received: 2_020,
        expected: 2_020,
      },
    ],
    generation: { kwh: 84, meters: ["solar.energy"], received: 2_020, expected: 2_020 },
    siteEuiKbtuFt2: null,
    carbonKg: 1_704,
    carbon: [{ gPerKwh: 400, year: 2023, subregion: "RFCE", citation: "a table" }],
    ...{ received: 2_020, expected: 2_020, gaps: 0, resets: 0, clockless: 0 },
    meters: ["main.energy"],
    billedMeters: ["main.energy"],
    trust: { device: 3 * 2_020, observed: 0, manual: 0 },
  });
  // Mondays at 9: two at 20 kW and the holiday at 4. Sunday at 1:00: four quarter-hours twice, and eight on 1 November.
  expect(body.week).toHaveLength(168);
  expect(body.week[24 + 9]).toEqual({ weekday: 1, hour: 9, meanKw: expect.closeTo(44 / 3, 9) });
  expect(body.week[1]).toEqual({ weekday: 0, hour: 1, meanKw: 4 });
  expect(body.loadDuration).toHaveLength(201);
  // 560 of 2,020 quarter-hours are 27.7 %.
  expect(body.loadDuration[55]).toEqual({ share: 0.275, kw: 20 });
  expect(body.loadDuration[56]).toEqual({ share: 0.28, kw: 4 });
});

test("the bill: two months, each in part, under a tariff of its own", async () => {
  const { cost } = await get<{ cost: Record<string, unknown> }>(
    `/buildings/b1/energy/profile?${threeWeeks}`,
  );
  const october = { from: "2026-10-19T04:00:00.000Z", to: "2026-11-01T04:00:00.000Z" };
  const november = { from: "2026-11-01T04:00:00.000Z", to: "2026-11-09T05:00:00.000Z" };
  expect(cost).toMatchObject({
    // 13 of 31 days of $10, 2,688 kWh at 10 c; 193 of 721 hours of $10, 1,572 kWh at 20 c.
    lines: [
      { ...october, name: "fixed charge", cents: 419 },
      { ...october, name: "energy", cents: 26_880 },
      { ...november, name: "fixed charge", cents: 268 },
      { ...november, name: "energy", cents: 31_440 },
    ],
    ...{ cents: 59_007, currency: "USD" },
    tariffs: [{ name: "General service" }, { name: "Winter service", citation: "a test" }],
  });
  expect(cost.version).toMatch(/^[0-9a-f]{64}$/);
  const before = await get(
    `/buildings/b1/energy/profile?from=2025-12-31T00:00:00Z&to=2026-10-20T04:00:00Z`,
  );
  expect(before.cost).toBeNull();
});

test("occupancy of the building, a floor and a room", async () => {
  const total = async (place: string) =>
    (await get<{ total: unknown }>(`/buildings/b1/occupancy?${threeWeeks}&step=P1D${place}`)).total;
  // Sum over steps: 14 × (32 × 8 + 8 × 6) and 32 × 2 on the holiday.
  const all = {
    ...{ mean: expect.closeTo(4_320 / 2_020, 10), peak: 14, peakAt: "2026-10-19T14:00:00.000Z" },
    ...{ received: 4_040, expected: 4_040 },
  };
  expect(await total("")).toEqual(all);
  expect(await total("&place=b1/floor-1")).toEqual(all);
  expect(await total("&place=b1/floor-1/room-102")).toMatchObject({ peak: 6, received: 2_020 });
  expect(await total("&place=b1/floor-1/room-103")).toMatchObject({
    peak: null,
    mean: null,
    expected: 0,
  });
  const week = await get<{ cells: unknown[] }>(
    `/buildings/b1/occupancy/week?${threeWeeks}&place=b1/floor-1/room-101`,
  );
  expect(week.cells).toHaveLength(168);
  expect(week.cells[24 + 9]).toEqual({
    ...{ weekday: 1, hour: 9, mean: 6, peak: 8, steps: 12, received: 12, expected: 12 },
  });
  expect(week.cells[1]).toMatchObject({ weekday: 0, hour: 1, mean: 0, steps: 16, expected: 16 });
});

test("persons by day, and utilization of 3,000 square feet", async () => {
  const body = await get<{ days: Record<string, unknown>[]; utilization: unknown }>(
    `/buildings/b1/occupancy/days?${threeWeeks}`,
  );
  expect(body.days).toHaveLength(21);
  expect(body.days.map(({ persons }) => persons)).toEqual([
    ...[14, 14, 14, 14, 14, 0, 0],
    ...[2, 14, 14, 14, 14, 0, 0],
    ...[14, 14, 14, 14, 14, 0, 0],
  ]);
  expect(body.days[13]).toEqual({
    ...{
      date: "2026-11-01",
      weekday: 0,
      reporting: false,
      whole: true,
      persons: 0,
      source: "counters",
    },
    ...{ counterPeak: 0, received: 200, expected: 200 },
  });
  // (14 × 14 + 2) / 15 = 13.2 of 20.
  expect(body.utilization).toEqual({
    ...{ usableFt2: 3_000, capacity: 20, meanPersons: 13.2, rate: 0.66, below60: false },
    ...{ days: 15, missingDays: 0, sources: ["counters"] },
  });
  // Days that the period cuts are shown, but do not enter the mean; nor do days that nobody told of.
  const cut = await get<{ days: Record<string, unknown>[]; utilization: unknown }>(
    "/buildings/b1/occupancy/days?from=2026-10-15T04:00:00Z&to=2026-10-21T16:00:00Z",
  );
  expect(cut.days.map(({ date, persons, whole }) => [date, persons, whole])).toEqual([
    ["2026-10-15", null, true],
    ["2026-10-16", null, true],
    ["2026-10-17", null, true],
    ["2026-10-18", null, true],
    ["2026-10-19", 14, true],
    ["2026-10-20", 14, true],
    ["2026-10-21", 14, false],
  ]);
  expect(cut.utilization).toMatchObject({ meanPersons: 14, days: 2, missingDays: 2, rate: 0.7 });
});

test("rooms", async () => {
  const body = await get<{ rooms: unknown[] }>(`/buildings/b1/rooms?${threeWeeks}`);
  const none = {
    ...{
      occupiedHours: null,
      openHours: 140,
      occupiedShare: null,
      meanPersons: null,
      peakPersons: null,
    },
    ...{
      seatShare: null,
      meanCo2: null,
      maxCo2: null,
      meanCelsius: null,
      received: 0,
      expected: 0,
    },
  };
  expect(body).toMatchObject({ hoursKnown: true });
  expect(body.rooms).toEqual([
    {
      ...{
        place: "b1/floor-1/room-101",
        label: "Office 101",
        use: "office",
        floor: "b1/floor-1",
        seats: 8,
        usableFt2: 900,
      },
      // In use for eight hours on fifteen days; in 32 of 40 quarter-hours of fourteen open days. 114 / 15 persons while in use.
      ...{
        occupiedHours: 120,
        openHours: 140,
        occupiedShare: 0.8,
        peakPersons: 8,
        seatShare: 0.95,
      },
      meanPersons: expect.closeTo(3_648 / 2_020, 10),
      meanCo2: expect.closeTo(400 + (500 * 480) / 2_020, 6),
      ...{ maxCo2: 900, meanCelsius: null, received: 4_040, expected: 4_040 },
    },
    {
      ...none,
      ...{
        place: "b1/floor-1/room-102",
        label: null,
        use: "meeting",
        floor: "b1/floor-1",
        seats: null,
        usableFt2: null,
      },
      ...{
        occupiedHours: 28,
        occupiedShare: 0.2,
        meanPersons: expect.closeTo(672 / 2_020, 10),
        peakPersons: 6,
      },
      ...{ received: 2_020, expected: 2_020 },
    },
    {
      ...none,
      ...{
        place: "b1/floor-1/room-103",
        label: null,
        use: null,
        floor: "b1/floor-1",
        seats: null,
        usableFt2: null,
      },
    },
  ]);
});

test("what the public may see", async () => {
  const list = await get<{ items: Record<string, unknown>[] }>("/public/buildings");
  expect(list.items[0]).toEqual({
    ...{
      id: "b1",
      name: "Building b1",
      zone: "America/New_York",
      grossFt2: 5_000,
      usableFt2: 3_000,
    },
  });
  const body = await get<{ days: Record<string, unknown>[] }>(
    `/public/buildings/b1/days?${threeWeeks}`,
  );
  expect(body).toMatchObject({
    ...{ k: 10, releasedTo: "2026-11-09T05:00:00.000Z" },
    weeks: [
      { from: "2026-10-19", personDays: 70, days: 5 },
      // Withheld: 2 on the holiday and 14 the day after, which together are too few to be told.
      { from: "2026-10-26", personDays: null, days: 5 },
      { from: "2026-11-02", personDays: 70, days: 5 },
    ],
    utilization: { capacity: 20, meanPersons: 14, rate: 0.7, below60: false, days: 10 },
  });
  const shown = body.days.map(({ persons, suppressed }) => (suppressed === true ? "-" : persons));
  expect(shown).toEqual([
    ...[14, 14, 14, 14, 14, "-", "-"],
    ...["-", "-", 14, 14, 14, "-", "-"],
    ...[14, 14, 14, 14, 14, "-", "-"],
  ]);
  expect(body.days[0]).toEqual({
    ...{
      date: "2026-10-19",
      weekday: 1,
      reporting: true,
      persons: 14,
      suppressed: false,
      kwh: 256,
    },
    energy: { received: 96, expected: 96 },
  });
  // A part of a week shows the same of its days, and no total.
  const part = await get(
    "/public/buildings/b1/days?from=2026-10-27T04:00:00Z&to=2026-10-29T04:00:00Z",
  );
  expect(part).toMatchObject({ days: [{ suppressed: true }, { persons: 14 }], weeks: [] });
});

test("a building that has nothing says so", async () => {
  const period = "from=2026-10-19T00:00:00Z&to=2026-11-02T00:00:00Z";
  expect(await get(`/buildings/empty/energy/profile?${period}`)).toMatchObject({
    ...{
      kwh: null,
      baseKw: null,
      peakKw: null,
      loadFactor: null,
      loadDuration: [],
      uses: [],
      generation: null,
    },
    ...{
      afterHours: { kwh: null, share: null, hoursKnown: false },
      carbonKg: null,
      cost: null,
      expected: 0,
    },
  });
  expect(await get(`/buildings/empty/energy/baseline?${period}`)).toMatchObject({
    ...{ model: null, weather: [], baseline: { days: 0, leftOut: 365, twelveMonths: true } },
    total: { actualKwh: null, predictedKwh: null, savingsKwh: null, days: 0 },
  });
  expect(await get(`/buildings/empty/occupancy/days?${period}`)).toMatchObject({
    utilization: { capacity: null, meanPersons: null, below60: null, days: 0, missingDays: 10 },
  });
  expect(await get(`/buildings/empty/rooms?${period}`)).toMatchObject({
    hoursKnown: false,
    rooms: [],
  });
  expect(await get(`/public/buildings/empty/days?${period}`)).toMatchObject({
    weeks: [
      { personDays: null, days: 0 },
      { personDays: null, days: 0 },
    ],
  });
});

test.each([
  ["/buildings/b9/rooms", 404, "query.unknown"],
  ["/buildings/b1/occupancy?place=b1/floor-9", 404, "query.unknown"],
  ["/buildings/b1/occupancy?place=empty", 404, "query.unknown"],
  ["/buildings/b1/occupancy/week?place=../x", 400, "request.invalid"],
  ["/buildings/b1/occupancy/days?step=P1D", 400, "request.invalid"],
  [
    "/buildings/b1/energy/baseline?baselineFrom=2026-01-02T00:00:00Z&baselineTo=2026-01-01T00:00:00Z",
    422,
    "query.period",
  ],
  ["/buildings/b1/energy/profile?from=1970-01-01T00:00:00Z", 422, "query.range"],
  ["/public/buildings/b9/days", 404, "query.unknown"],
])("%s is refused with %i %s", async (url, status, code) => {
  const answer = await app.inject({ method: "GET", url });
  expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
});
