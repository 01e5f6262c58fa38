// Hours of the week, opening hours and local days through clock changes, in TypeScript and in SQL alike.

import { afterAll, beforeAll, expect, test } from "vitest";
import { civilDays } from "./civil-days.ts";
import { CivilTime, dateOf, type Opening, opener, partsOf } from "./civil-time.ts";
import { Store } from "./store.ts";

const newYork = "America/New_York";
const at = (text: string): number => Date.parse(text);
const hour = 3_600_000;

test("local hours: one is missing in spring, one comes twice in autumn", () => {
  const spring = { from: at("2026-03-08T05:00:00Z"), to: at("2026-03-09T04:00:00Z") };
  const hours = [...new CivilTime(spring, newYork).hours()];
  expect(hours.map((cell) => cell.hour)).toEqual([
    0,
    1,
    ...Array.from({ length: 21 }, (_, i) => i + 3),
  ]);
  expect(hours.every(({ weekday, start, end }) => weekday === 0 && end - start === hour)).toBe(
    true,
  );
  const autumn = { from: at("2026-11-01T04:00:00Z"), to: at("2026-11-02T05:00:00Z") };
  expect([...new CivilTime(autumn, newYork).hours()].map((cell) => cell.hour)).toEqual([
    0,
    1,
    1,
    ...Array.from({ length: 22 }, (_, i) => i + 2),
  ]);
});

test("local hours of a zone at an odd offset are cut where the period cuts them", () => {
  const period = { from: at("2026-06-01T00:10:00Z"), to: at("2026-06-01T01:20:00Z") };
  expect([...new CivilTime(period, "Asia/Kathmandu").hours()]).toEqual([
    { start: period.from, end: at("2026-06-01T00:15:00Z"), weekday: 1, hour: 5 },
    { start: at("2026-06-01T00:15:00Z"), end: at("2026-06-01T01:15:00Z"), weekday: 1, hour: 6 },
    { start: at("2026-06-01T01:15:00Z"), end: period.to, weekday: 1, hour: 7 },
  ]);
});

const office: Opening = {
  hours: [
    [[60, 180]],
    ...Array.from(
      { length: 5 },
      () =>
        [
          [420, 720],
          [780, 1_110],
        ] as const,
    ),
    [],
  ],
  holidays: ["2026-11-11"],
};

test("opening hours: 1:00 to 3:00 on the Sunday clocks change lasts one hour, or three", () => {
  const open = (from: string, to: string): number =>
    [...new CivilTime({ from: at(from), to: at(to) }, newYork).open(office)].reduce(
      (sum, { start, end }) => sum + (end - start) / hour,
      0,
    );
  expect(open("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z")).toBe(1);
  expect(open("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")).toBe(3);
  // A week of five days at ten and a half hours, and a Sunday at two; less a holiday on Wednesday.
  expect(open("2026-10-12T04:00:00Z", "2026-10-19T04:00:00Z")).toBe(54.5);
  expect(open("2026-11-09T05:00:00Z", "2026-11-16T05:00:00Z")).toBe(44);
});

let store: Store;
beforeAll(async () => {
  store = await Store.open({ path: ":memory:", genesis: "00" });
});
afterAll(() => store.close());

test.each([newYork, "Europe/London", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago"])(
  "%s: SQL and TypeScript say the same of each quarter-hour of a year",
  async (zone) => {
    const period = { from: at("2025-12-31T23:00:00Z"), to: at("2026-12-31T23:00:00Z") };
    const civil = new CivilTime(period, zone);
    const { weekday, hour: hourSql } = civil.weekHourSql("t");
    const rows = await store.query(
      `SELECT t, ${weekday} AS weekday, ${hourSql} AS hour, ${civil.openSql("t", office)} AS open
       FROM range(${period.from}, ${period.to}, 900000) AS quarters (t)`,
    );
    const isOpen = opener(office);
    const spans = [...civil.open(office)];
    const cells = [...civil.hours()];
    expect(rows).toHaveLength(365 * 96);
    let [span, cell] = [0, 0];
    const wrong = rows.filter((row) => {
      const t = Number(row.t);
      while (span < spans.length && spans[span]!.end <= t) span += 1;
      while (cells[cell]!.end <= t) cell += 1;
      const parts = partsOf(civil.local(t));
      const within = span < spans.length && spans[span]!.start <= t;
      return !(
        row.weekday === parts.weekday &&
        row.hour === Math.floor(parts.minute / 60) &&
        cells[cell]!.weekday === parts.weekday &&
        cells[cell]!.hour === row.hour &&
        row.open === within &&
        isOpen(civil.local(t)) === within
      );
    });
    expect(wrong).toEqual([]);
    expect(rows.some(({ open }) => open === true)).toBe(true);
  },
);

test("SQL knows holidays, and a building that never opens", async () => {
  const period = { from: at("2026-11-11T05:00:00Z"), to: at("2026-11-12T05:00:00Z") };
  const civil = new CivilTime(period, newYork);
  const never: Opening = { hours: [[], [], [], [], [], [], []], holidays: [] };
  const [row] = await store.query(
    `SELECT ${civil.openSql(String(at("2026-11-11T15:00:00Z")), office)} AS holiday, ${civil.openSql("0", never)} AS never`,
  );
  expect(row).toEqual({ holiday: false, never: false });
});

test("local days and which of them are whole", () => {
  const days = civilDays(
    { from: at("2026-03-07T10:00:00Z"), to: at("2026-03-09T04:00:00Z") },
    newYork,
  );
  expect(
    days.map(({ date, weekday, whole, start, end }) => [
      date,
      weekday,
      whole,
      (end - start) / hour,
    ]),
  ).toEqual([
    ["2026-03-07", 6, false, 19],
    ["2026-03-08", 0, true, 23],
  ]);
  // In Santiago the day on which summer time begins has no midnight.
  const first = at("2026-09-06T04:00:00Z");
  expect(civilDays({ from: first, to: first + 23 * hour }, "America/Santiago")).toMatchObject([
    { date: "2026-09-06", weekday: 0, whole: true },
  ]);
  expect(dateOf(at("2024-02-29T23:59:59Z"))).toEqual({ date: "2024-02-29", weekday: 4 });
});
