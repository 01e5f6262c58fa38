// Hours of a building as spans of UTC: weekdays, holidays, midnight, and both clock changes of a year.

import { expect, it } from "vitest";
import { Hours, type Schedule, scheduleOf, spansOf } from "./hours.ts";

const office: Schedule = {
  zone: "America/New_York",
  // Monday to Friday 8:00 to 18:00, Saturday 22:00 on into Sunday 2:00.
  hours: [
    [[0, 120]],
    [[480, 1_080]],
    [[480, 1_080]],
    [[480, 1_080]],
    [[480, 1_080]],
    [[480, 1_080]],
    [[1_320, 1_440]],
  ],
  holidays: ["2026-07-03"],
};
const at = (text: string): number => Date.parse(text);
const shown = (schedule: Schedule, during: "open" | "closed", from: string, to: string) =>
  spansOf(schedule, during, at(from), at(to)).map((span) =>
    [span.from, span.to].map((ms) => new Date(ms).toISOString().slice(5, 16)),
  );

it("are those of the weekday, none on a holiday, and go on over midnight", () => {
  expect(shown(office, "open", "2026-07-02T00:00:00Z", "2026-07-06T13:00:00Z")).toEqual([
    ["07-02T12:00", "07-02T22:00"],
    ["07-05T02:00", "07-05T06:00"],
    ["07-06T12:00", "07-06T22:00"],
  ]);
  expect(shown(office, "closed", "2026-07-02T12:00:00Z", "2026-07-03T12:00:00Z")).toEqual([
    ["07-02T22:00", "07-05T02:00"],
  ]);
});

it("keep their local time through clock changes", () => {
  expect(shown(office, "open", "2026-03-06T00:00:00Z", "2026-03-10T00:00:00Z")).toEqual([
    ["03-06T13:00", "03-06T23:00"],
    ["03-08T03:00", "03-08T07:00"],
    ["03-09T12:00", "03-09T22:00"],
  ]);
  expect(shown(office, "open", "2026-10-31T23:00:00Z", "2026-11-02T14:00:00Z")).toEqual([
    ["11-01T02:00", "11-01T07:00"],
    ["11-02T13:00", "11-02T23:00"],
  ]);
});

it("of a building that registered none are always open", () => {
  const unknown = scheduleOf(undefined);
  expect(new Hours(unknown, "open").at(0)).toBe(true);
  expect(new Hours(unknown, "closed").at(0)).toBe(false);
  expect(new Hours({ ...office, hours: office.hours!.map(() => []) }, "closed").at(0)).toBe(true);
});

it("answer the same from what is kept as from what is computed", () => {
  for (const during of ["open", "closed"] as const) {
    const hours = new Hours(office, during);
    for (let t = at("2026-02-20T00:00:00Z"); t < at("2026-04-01T00:00:00Z"); t += 5_400_000) {
      const [span] = spansOf(office, during, t, t).filter(({ from, to }) => from <= t && t < to);
      expect(hours.at(t), new Date(t).toISOString()).toBe(span !== undefined);
    }
  }
});
