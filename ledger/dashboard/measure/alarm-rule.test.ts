// Rules in words and from forms.
import { expect, test } from "vitest";
import {
  type AlarmRule,
  durationWords,
  type RuleForm,
  ruleOf,
  ruleWords,
  whereWords,
} from "./alarm-rule.ts";

const ppm = (value: number): string => `${Math.round(value * 1e6)} ppm`;
const co2: AlarmRule = {
  id: "co2",
  title: "CO2",
  severity: "warning",
  kind: "above",
  where: { building: "b1", brick: "CO2_Level_Sensor" },
  limit: 0.0012,
  clear: 0.001,
  forSeconds: 900,
  during: "open",
};

test("rules in words", () => {
  expect(ruleWords(co2, ppm)).toBe(
    "above 1200 ppm for 15 minutes, in opening hours; clears at 1000 ppm",
  );
  expect(whereWords(co2)).toBe("CO2_Level_Sensor in b1");
  const silence: AlarmRule = {
    id: "s",
    title: "s",
    severity: "critical",
    kind: "silence",
    where: {},
    intervals: 3,
    atLeastSeconds: 900,
  };
  expect(ruleWords(silence, String)).toBe("nothing for 3 of its intervals, at least 15 minutes");
  expect(whereWords(silence)).toBe("every device, all buildings");
  expect([60, 90, 3_600, 172_800].map(durationWords)).toEqual([
    "1 minute",
    "90 seconds",
    "1 hour",
    "2 days",
  ]);
});

const form: RuleForm = {
  kind: "above",
  title: "CO₂ too high!",
  severity: "warning",
  building: "b1",
  brick: "CO2_Level_Sensor",
  limit: "1200",
  clear: "",
  minutes: "15",
  during: "open",
  scale: 1_000_000,
};

test("a form as a rule, in the unit that the device sends", () => {
  expect(ruleOf(form)).toEqual({
    id: "co-too-high",
    title: "CO₂ too high!",
    severity: "warning",
    kind: "above",
    where: { building: "b1", brick: "CO2_Level_Sensor" },
    limit: 0.0012,
    forSeconds: 900,
    during: "open",
  });
  expect(ruleOf({ ...form, kind: "completeness", building: "", limit: "95", minutes: "" })).toEqual(
    {
      id: "co-too-high",
      title: "CO₂ too high!",
      severity: "warning",
      kind: "completeness",
      where: {},
      limit: 0.95,
    },
  );
  expect(ruleOf({ ...form, kind: "gateway-lag", title: "…", minutes: "30" })).toMatchObject({
    id: "rule",
    limitSeconds: 1_800,
  });
});
