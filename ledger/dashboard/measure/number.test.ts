// Numbers, shares and ages as printed.
import { expect, test } from "vitest";
import { formatAge, formatNumber, formatShare } from "./number.ts";
import { displayUnit } from "./unit.ts";

test("numbers are grouped and unknown ones are a dash", () => {
  expect(formatNumber(1234.56, 1)).toBe("1,234.6");
  expect(formatNumber(null)).toBe("–");
  expect(formatNumber(-0.04, 1)).toBe("0.0");
  expect(formatNumber(-0.06, 1)).toBe("-0.1");
});

test("a share is only whole when it is whole", () => {
  expect(formatShare(671, 672)).toBe("99.9 %");
  expect(formatShare(9_999, 10_000)).toBe("99.9 %");
  expect(formatShare(672, 672)).toBe("100 %");
  expect(formatShare(1, 100_000)).toBe("0.1 %");
  expect(formatShare(0, 0)).toBe("–");
});

test("ages use the largest unit that fits", () => {
  expect([4_000, 90_000, 7_200_000, 400_000_000].map(formatAge)).toEqual([
    "4 s",
    "2 min",
    "2 h",
    "5 days",
  ]);
});

test("units are those people read", () => {
  expect(3_600_000 * displayUnit("J", null).scale).toBeCloseTo(1);
  expect(displayUnit("/", "CO2_Level_Sensor").label).toBe("ppm");
  expect(displayUnit("hPa", null)).toEqual({ label: "hPa", scale: 1, digits: 2 });
});
