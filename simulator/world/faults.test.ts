// Faults: the words of --faults, and a schedule that is a function of the seed alone.
import { expect, test } from "vitest";
import { orderedFaults, parseFaultOrder, seededFaults } from "./faults.ts";
import { drawPlan } from "./plan.ts";

const plan = drawPlan("b1", 3, "America/New_York");
const year = [
  Date.parse("2026-01-01T05:00:00Z") / 1000,
  Date.parse("2027-01-01T05:00:00Z") / 1000,
] as const;

test("kind, room, first day and days", () => {
  expect(parseFaultOrder("stuck-valve:room-203@2026-11-05/3")).toEqual({
    ...{ kind: "stuck-valve", room: "room-203", date: "2026-11-05", days: 3 },
  });
  expect(parseFaultOrder("set-back-lost")).toEqual({
    ...{ kind: "set-back-lost", room: null, date: null, days: null },
  });
});

test.each([
  "",
  "broken",
  "stuck-valve:",
  "stuck-valve/3",
  "stuck-valve@5",
  "stuck-valve@2026-11-05/",
])("%j is refused", (text) => {
  expect(() => parseFaultOrder(text)).toThrow(/expected KIND/);
});

test("an ordered fault lasts whole local days, from midnight", () => {
  const [fault] = orderedFaults(plan, 3, [
    parseFaultOrder("stuck-damper:room-102@2026-11-05/2"),
  ]).during(...year);
  expect(fault).toEqual({
    kind: "stuck-damper",
    room: plan.rooms.findIndex(({ id }) => id === "room-102"),
    from: Date.parse("2026-11-05T05:00:00Z") / 1000,
    to: Date.parse("2026-11-07T05:00:00Z") / 1000,
  });
});

test("chance brings every kind within a year, to rooms that are there, and the same whenever it is asked", () => {
  const schedule = seededFaults(plan, 3);
  const faults = schedule.during(...year);
  expect(new Set(faults.map(({ kind }) => kind)).size).toBe(4);
  expect(faults.length).toBeGreaterThan(20);
  for (const fault of faults) {
    expect(fault.room === null || plan.rooms[fault.room]?.sensed === true).toBe(true);
    expect(schedule.during(fault.from, fault.from + 1)).toContainEqual(fault);
    expect(schedule.during(fault.to, fault.to + 1)).not.toContainEqual(fault);
  }
  expect(seededFaults(plan, 4).during(...year)).not.toEqual(faults);
});
