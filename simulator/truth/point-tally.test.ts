// The tally of points: raw values of the last days only, and intervals counted once however often they are told.
import { expect, test } from "vitest";
import { devicesOf } from "../devices.ts";
import { type Step, simulateBuilding } from "../world/building.ts";
import { drawPlan } from "../world/plan.ts";
import { openPointTally } from "./point-tally.ts";

const plan = drawPlan("b1", 3, "UTC", { floors: 1, rooms: 2, people: 4 });
const point = "b1-room-101.co2";
const midnight = Date.parse("2026-06-01T00:00:00Z") / 1000;
const step: Step = simulateBuilding(plan, 3, midnight).next().value;

test("raw values are kept for so many days, from a known time on; days of rooms are kept for ever", () => {
  const tally = openPointTally(devicesOf(plan), 2);
  for (let day = 0; day < 4; day++) {
    tally.newDay();
    for (let n = 0; n < 288; n++) {
      const time = midnight + day * 86_400 + n * 300;
      tally.reading(point, { ...step, time }, (day * 1000 + n) / 1_000_000, n / 1_000_000);
    }
  }
  tally.newDay();
  const { from, values, read } = tally.points()[point]!;
  expect([from, values.length, read?.length]).toEqual([midnight + 2 * 86_400, 576, 576]);
  expect([values[0], read?.[0], read?.at(-1)]).toEqual([0, 0.002, 0.003287]);
  expect(tally.rooms()["b1/floor-1/room-101"]?.map(({ co2Max }) => co2Max)).toEqual([
    287, 1287, 2287, 3287, 0,
  ]);
});

test("two readings in one interval are one, and what was lost is missing", () => {
  const tally = openPointTally(devicesOf(plan), 2);
  for (const seconds of [0, 299, 300, 899, 900, 900]) tally.delivered(point, midnight + seconds, 0);
  tally.delivered("b1-meter-main.power", midnight, 0);
  tally.delivered(point, midnight + 86_400, -1);
  const day = { from: midnight, to: midnight + 3_600 } as Parameters<
    typeof tally.delivery
  >[0][number];
  const delivery = tally.delivery([day]);
  expect(delivery[point]).toEqual({ expected: [12], received: [4] });
  expect(delivery["b1-meter-main.power"]).toBeUndefined();
});
