// Rules of real zones, against the published ones and against a reader of rules that shares nothing with the writer.
import { expect, test } from "vitest";
import { localTime } from "./dst-rule.ts";

test("North America's rules are those of the published sample files", () => {
  expect(localTime("America/New_York", 2026)).toEqual({
    tzOffset: -18_000,
    dstOffset: 3_600,
    dstStartRule: "360E2000",
    dstEndRule: "B40E2000",
  });
  expect(localTime("America/Los_Angeles", 2026).tzOffset).toBe(-28_800);
});

test("a zone of one time, and one whose summer spans the new year, have no rules", () => {
  for (const [zone, tzOffset] of [
    ["America/Phoenix", -25_200],
    ["Pacific/Honolulu", -36_000],
    ["UTC", 0],
    ["Asia/Kolkata", 19_800],
    ["Australia/Sydney", 36_000],
  ] as const) {
    expect(localTime(zone, 2026), zone).toEqual({
      tzOffset,
      dstOffset: 0,
      dstStartRule: "FFFFFFFF",
      dstEndRule: "FFFFFFFF",
    });
  }
});

/** The instant (ms) that a rule means in a year, in the offset (s) that holds before it: read from the text of DstRuleType. */
function instantOf(rule: string, year: number, offset: number): number {
  const bits = Number.parseInt(rule, 16);
  const field = (low: number, width: number): number => Math.floor(bits / 2 ** low) % 2 ** width;
  const [seconds, hours, weekday] = [field(0, 12), field(12, 5), field(17, 3)];
  const [day, operator, month] = [field(20, 5), field(25, 3), field(28, 4)];
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const all = Array.from({ length: days }, (_, i) => i + 1);
  const matching = all.filter(
    (one) => (new Date(Date.UTC(year, month - 1, one)).getUTCDay() || 7) === weekday,
  );
  const found =
    operator === 0
      ? day
      : operator === 1
        ? matching.find((one) => one >= day)
        : operator === 7
          ? matching.at(-1)
          : matching[operator - 2];
  return Date.UTC(year, month - 1, found) + (hours * 3600 + seconds - offset) * 1000;
}

const zones = [
  "America/New_York",
  "America/Chicago",
  "America/Denver",
  "America/Los_Angeles",
  "America/Anchorage",
  "Europe/London",
  "Europe/Berlin",
  "Asia/Jerusalem",
  "Asia/Beirut",
];

test.each(zones)("%s: whoever follows the rules changes the clock when the zone does", (zone) => {
  const { tzOffset, dstOffset, dstStartRule, dstEndRule } = localTime(zone, 2026);
  const shown = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  const offsetAt = (at: number): number => {
    const text = shown.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(text) ?? [];
    return sign === undefined
      ? 0
      : (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
  };
  for (let year = 2026; year < 2040; year += 1) {
    const start = instantOf(dstStartRule, year, tzOffset);
    const end = instantOf(dstEndRule, year, tzOffset + dstOffset);
    expect([offsetAt(start - 1000), offsetAt(start)]).toEqual([tzOffset, tzOffset + dstOffset]);
    expect([offsetAt(end - 1000), offsetAt(end)]).toEqual([tzOffset + dstOffset, tzOffset]);
  }
});

test("a law that changed: the years before it have the rule of their own year", () => {
  // First Sunday of April to the last of October, until 2006 (15 USC 260a before Pub. L. 109-58).
  expect(localTime("America/New_York", 2006)).toMatchObject({
    dstStartRule: "440E2000",
    dstEndRule: "AE0E2000",
  });
});
