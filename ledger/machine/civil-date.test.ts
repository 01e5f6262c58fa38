// Dates as text against the calendar of the runtime.

import fc from "fast-check";
import { expect, test } from "vitest";
import { dayNumber, isDate } from "./civil-date.ts";

const dayMs = 86_400_000;

test("every day from 1600 to 2400 has its number", () => {
  const first = Date.UTC(1600, 0, 1) / dayMs;
  for (let day = first; day < Date.UTC(2400, 0, 1) / dayMs; day++) {
    const text = new Date(day * dayMs).toISOString().slice(0, 10);
    if (!isDate(text) || dayNumber(text) !== day) expect(text).toBe(day);
  }
});

test("what the calendar does not have is no date", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1000, max: 9999 }), fc.nat(15), fc.nat(40), (y, m, d) => {
      const text = `${y}-${String(m).padStart(2, "0")}-${String(d).padStart(2, "0")}`;
      const at = Date.parse(`${text}T00:00:00Z`);
      const real = !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
      expect(isDate(text)).toBe(real);
    }),
    { seed: 12, numRuns: 2_000 },
  );
  for (const text of ["2026-1-01", " 2026-01-01", "2026-01-01T", 20_260_101, null])
    expect(isDate(text)).toBe(false);
});
