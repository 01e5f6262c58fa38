// The true building: repeatable, conserving energy to the joule, and with the shape of an office's days.
import { beforeAll, describe, expect, test } from "vitest";
import { wallTimeAt, zone } from "../zone.ts";
import { type Step, simulateBuilding, stepSeconds } from "./building.ts";
import { type FaultKind, type FaultOrder, orderedFaults } from "./faults.ts";
import { drawPlan, hoursOn } from "./plan.ts";

const here = zone("America/New_York");
const plan = drawPlan("b1", 7, here.name);
const sound = orderedFaults(plan, 7, []);
/** Monday 2 November 2026, midnight in New York. */
const monday = Date.parse("2026-11-02T05:00:00Z") / 1000;

/** A step with copies of what the life goes on writing to. */
interface Moment extends Omit<Step, "people" | "co2Ppm" | "celsius"> {
  readonly people: readonly number[];
  readonly co2Ppm: readonly number[];
  readonly celsius: readonly number[];
}

function life(seed: number, start: number, days: number, faults = sound): Moment[] {
  const moments: Moment[] = [];
  for (const step of simulateBuilding(plan, seed, start, faults)) {
    if (step.time >= start + days * 86_400) return moments;
    moments.push({
      ...step,
      people: Array.from(step.people),
      co2Ppm: Array.from(step.co2Ppm),
      celsius: Array.from(step.celsius),
      energyJ: { ...step.energyJ },
    });
  }
  return moments;
}

describe("a week", () => {
  let week: Moment[];
  beforeAll(() => {
    week = life(7, monday, 7);
  });
  const people = (step: Moment) => step.people.reduce((sum, count) => sum + count, 0);
  const at = (day: number, hour: number) => week[((day * 24 + hour) * 3600) / stepSeconds]!;

  test("the same seed gives the same life, another seed another", () => {
    expect(life(7, monday, 0.5)).toEqual(week.slice(0, 4_320));
    expect(life(8, monday, 0.5)).not.toEqual(week.slice(0, 4_320));
  });

  test("people work on weekdays and are gone at night; the cleaners come when the rest leaves", () => {
    expect(people(at(0, 3))).toBe(0);
    expect(people(at(1, 11))).toBeGreaterThan(plan.people.length * 0.4);
    expect(people(at(5, 11))).toBeLessThan(5);
    expect(people(at(0, 19))).toBeGreaterThan(0);
    expect(Math.max(...week.map(people))).toBeLessThanOrEqual(
      plan.people.length + plan.visitorsMax,
    );
  });

  test("Tuesday to Thursday are fuller than Friday, and Veterans Day is empty", () => {
    const present = (day: number) => people(at(day, 10)) + people(at(day, 15));
    expect(present(1) + present(2) + present(3)).toBeGreaterThan(3 * present(4));
    const veteransDay = Date.parse("2026-11-11T05:00:00Z") / 1000;
    expect(hoursOn(plan, Math.floor(veteransDay / 86_400))).toEqual([]);
    const noon = life(7, veteransDay, 0.6).find(({ second }) => second === 43_200)!;
    expect(people(noon)).toBeLessThan(5);
    expect(noon.open).toBe(false);
  });

  test("doors and rooms agree: whoever is inside came in; visitors carry no badge", () => {
    let inside = 0;
    let visitors = 0;
    const wrong = week.filter((step) => {
      for (const { direction, person } of step.crossings) {
        inside += direction === "in" ? 1 : -1;
        if (person === null) visitors++;
      }
      return inside !== people(step);
    });
    expect(wrong).toEqual([]);
    expect(visitors).toBeGreaterThan(0);
  });

  test("carbon dioxide follows people, temperature keeps to comfort in opening hours", () => {
    const busiest = week.reduce((a, b) => (people(b) > people(a) ? b : a));
    expect(Math.max(...busiest.co2Ppm)).toBeGreaterThan(550);
    expect(Math.max(...at(6, 4).co2Ppm)).toBeLessThan(440);
    for (const celsius of at(2, 14).celsius) {
      expect(celsius).toBeGreaterThan(19);
      expect(celsius).toBeLessThan(26);
    }
  });

  test("meters are integer joules, never fall, and add up to the joule: uses, and what crosses the border", () => {
    const wrong = week.filter(({ energyJ, powerW, solarW }, index) => {
      const next = week[index + 1]?.energyJ ?? energyJ;
      const { main, hvac, lighting, plugs, services, solar } = energyJ;
      return (
        !Object.values(energyJ).every(Number.isSafeInteger) ||
        main !== hvac + lighting + plugs + services ||
        main + energyJ.export !== energyJ.import + solar ||
        (next !== energyJ &&
          (next.main - main !== powerW * stepSeconds ||
            next.solar - solar !== solarW * stepSeconds ||
            next.import < energyJ.import ||
            next.export < energyJ.export))
      );
    });
    expect(wrong).toEqual([]);
    expect(week.at(-1)?.energyJ.solar).toBeGreaterThan(0);
  });

  test("an office uses more on a workday than on Sunday, and the sun does not shine at night", () => {
    const day = (index: number) => at(index, 23).energyJ.main - at(index, 0).energyJ.main;
    expect(day(1)).toBeGreaterThan(1.4 * day(6));
    expect(at(1, 2).sky.irradiance).toBe(0);
    expect(
      Math.max(...[0, 1, 2, 3, 4, 5, 6].map((index) => at(index, 12).sky.irradiance)),
    ).toBeGreaterThan(250);
  });
});

describe("faults leave their marks", () => {
  const room = plan.rooms.findIndex(({ id }) => id === "room-203");
  const broken = (kind: FaultKind, more: Partial<FaultOrder> = {}) =>
    life(
      7,
      monday,
      2,
      orderedFaults(plan, 7, [{ kind, room: null, date: null, days: null, ...more }]),
    );
  const joules = (moments: Moment[]) => moments.at(-1)!.energyJ.hvac;
  const highest = (moments: Moment[], name: "co2Ppm" | "celsius") =>
    Math.max(...moments.map((moment) => moment[name][room] ?? 0));
  let fine: Moment[];
  beforeAll(() => {
    fine = life(7, monday, 2);
  });

  test("a damper that stays shut: CO2", () => {
    const shut = broken("stuck-damper", { room: "room-203" });
    expect(highest(shut, "co2Ppm")).toBeGreaterThan(highest(fine, "co2Ppm") + 200);
  });

  test("a valve that stays open: temperature and energy", () => {
    const hot = broken("stuck-valve", { room: "room-203" });
    expect(highest(hot, "celsius")).toBeGreaterThan(highest(fine, "celsius") + 2);
    expect(joules(hot)).toBeGreaterThan(joules(fine) * 1.05);
  });

  test("a night set-back that is lost: energy, and only from the day it was lost", () => {
    const lost = broken("set-back-lost", { date: "2026-11-03", days: 1 });
    expect(joules(lost)).toBeGreaterThan(joules(fine) * 1.1);
    const noon = 43_200 / stepSeconds;
    expect(lost[noon]?.energyJ).toEqual(fine[noon]?.energyJ);
  });

  test("an order for a room that is not there is refused", () => {
    expect(() => broken("stuck-valve", { room: "room-999" })).toThrow(/fault.order|room-999/);
  });
});

test("a day on which clocks change has 25 hours and nobody appears twice", () => {
  const start = Date.parse("2026-11-01T04:00:00Z") / 1000;
  const steps = life(7, start, 25 / 24);
  expect(wallTimeAt(here, start)).toMatchObject({ day: 1, hour: 0 });
  expect(wallTimeAt(here, steps.at(-1)?.time ?? 0)).toMatchObject({ day: 1, hour: 23, minute: 59 });
  expect(new Set(steps.map(({ day }) => day)).size).toBe(1);
});
