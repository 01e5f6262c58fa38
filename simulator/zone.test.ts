// Zones both ways, on the days when clocks change.
import { expect, test } from "vitest";
import { instantIn, wallTimeAt, zone } from "./zone.ts";

const seconds = (iso: string) => Date.parse(iso) / 1000;
const wall = (year: number, month: number, day: number, hour: number, minute = 0) => ({
  year,
  month,
  day,
  hour,
  minute,
  second: 0,
});

test("a fixed offset has one instant for every wall time", () => {
  expect(zone("-05:00").instantsOf(wall(2016, 3, 13, 2))).toEqual([
    seconds("2016-03-13T07:00:00Z"),
  ]);
  expect(zone("+05:30").offsetAt(0)).toBe(19_800);
});

test("the hour that clocks skip has no instant", () => {
  expect(zone("America/New_York").instantsOf(wall(2026, 3, 8, 2, 30))).toEqual([]);
  expect(zone("Europe/London").instantsOf(wall(2019, 3, 31, 1))).toEqual([]);
});

test("the hour that clocks repeat has two, and instantIn takes them in order", () => {
  const london = zone("Europe/London");
  const [first, second] = [seconds("2019-10-27T00:30:00Z"), seconds("2019-10-27T01:30:00Z")];
  expect(london.instantsOf(wall(2019, 10, 27, 1, 30))).toEqual([first, second]);
  expect(instantIn(london, wall(2019, 10, 27, 1, 30), first - 60)).toBe(first);
  expect(instantIn(london, wall(2019, 10, 27, 1, 30), first)).toBe(second);
});

test("wallTimeAt and instantsOf undo each other through a whole year", () => {
  const here = zone("America/New_York");
  for (
    let instant = seconds("2026-01-01T00:00:00Z");
    instant < seconds("2027-01-01T00:00:00Z");
    instant += 4_500
  ) {
    expect(here.instantsOf(wallTimeAt(here, instant))).toContain(instant);
  }
});

test("a name that is no zone is refused", () => {
  expect(() => zone("Mars/Olympus")).toThrow(RangeError);
});
