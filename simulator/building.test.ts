// The true building: repeatable, conserving energy, and with the shape of an office's days.
import { beforeAll, describe, expect, test } from "vitest";
import { type Step, simulateBuilding, stepSeconds } from "./building.ts";
import { drawPlan } from "./plan.ts";
import { wallTimeAt, zone } from "./zone.ts";

const here = zone("America/New_York");
const plan = drawPlan("b1", 7, here.name);
/** Monday 2 November 2026, midnight in New York. */
const monday = Date.parse("2026-11-02T05:00:00Z") / 1000;

function life(seed: number, start: number, days: number): Step[] {
  const steps: Step[] = [];
  for (const step of simulateBuilding(plan, seed, start)) {
    if (step.time >= start + days * 86_400) return steps;
    steps.push(step);
  }
  return steps;
}

describe("a week", () => {
  let week: Step[];
  beforeAll(() => {
    week = life(7, monday, 7);
  });
  const people = (step: Step) => step.rooms.reduce((sum, room) => sum + room.people, 0);
  const at = (day: number, hour: number) => week[((day * 24 + hour) * 3600) / stepSeconds] as Step;

  test("the same seed gives the same life, another seed another", () => {
    expect(life(7, monday, 1)).toEqual(week.slice(0, 8_640));
    expect(life(8, monday, 1)).not.toEqual(week.slice(0, 8_640));
  });

  test("people work on weekdays and are gone at night; most are in the room with their desk or a meeting", () => {
    expect(people(at(0, 3))).toBe(0);
    expect(people(at(1, 11))).toBeGreaterThan(plan.people.length * 0.5);
    expect(people(at(5, 11))).toBeLessThan(5);
    expect(Math.max(...week.map(people))).toBeLessThanOrEqual(plan.people.length);
  });

  test("doors and rooms agree: whoever is inside came in", () => {
    let inside = 0;
    for (const step of week) {
      for (const { direction } of step.crossings) inside += direction === "in" ? 1 : -1;
      expect(inside).toBe(people(step));
    }
  });

  test("carbon dioxide follows people, temperature keeps to comfort in opening hours", () => {
    const busiest = week.reduce((a, b) => (people(b) > people(a) ? b : a));
    expect(Math.max(...busiest.rooms.map((room) => room.co2Ppm))).toBeGreaterThan(550);
    expect(Math.max(...at(6, 4).rooms.map((room) => room.co2Ppm))).toBeLessThan(430);
    for (const room of at(2, 14).rooms) {
      expect(room.celsius).toBeGreaterThan(19);
      expect(room.celsius).toBeLessThan(26);
    }
  });

  test("counters are integer joules, never fall, and the main meter counts the rest and a base load", () => {
    let before = week[0]?.energyJ;
    const wrong = week.filter(({ energyJ }) => {
      const falls = energyJ.main < (before?.main ?? 0);
      before = energyJ;
      return falls || !Object.values(energyJ).every(Number.isSafeInteger);
    });
    expect(wrong).toEqual([]);
    const [first, last] = [week[0] as Step, week.at(-1) as Step];
    const { main, hvac, lighting, plugs } = last.energyJ;
    const base = 1900 * (last.time - first.time);
    expect(main).toBe(hvac + lighting + plugs + base);
    const integral = week.slice(0, -1).reduce((sum, step) => sum + step.powerW * stepSeconds, 0);
    expect(main).toBe(integral);
  });

  test("an office uses more on a workday than on Sunday", () => {
    const day = (index: number) => at(index, 23).energyJ.main - at(index, 0).energyJ.main;
    expect(day(1)).toBeGreaterThan(1.5 * day(6));
  });
});

test("a day on which clocks change has 25 hours and nobody appears twice", () => {
  const start = Date.parse("2026-11-01T04:00:00Z") / 1000;
  const steps = life(7, start, 25 / 24);
  expect(wallTimeAt(here, start)).toMatchObject({ day: 1, hour: 0 });
  expect(wallTimeAt(here, steps.at(-1)?.time ?? 0)).toMatchObject({ day: 1, hour: 23, minute: 59 });
});
