// Points as the command line writes them.
import { expect, test } from "vitest";
import { collectPoint, parsePoint } from "./point-argument.ts";

test("name and unit are enough; kind, interval and class may follow", () => {
  expect(parsePoint("temp=Cel")).toEqual({ name: "temp", unit: "Cel", kind: "gauge" });
  expect(parsePoint("energy=J:counter:900@Building_Electrical_Meter")).toEqual({
    name: "energy",
    unit: "J",
    kind: "counter",
    interval: 900,
    brick: "Building_Electrical_Meter",
  });
  expect(parsePoint("co2=/@CO2_Sensor")).toEqual({
    name: "co2",
    unit: "/",
    kind: "gauge",
    brick: "CO2_Sensor",
  });
  expect(parsePoint("humidity=%RH:gauge")).toEqual({
    name: "humidity",
    unit: "%RH",
    kind: "gauge",
  });
});

test("what cannot be enrolled is refused before it is signed", () => {
  for (const text of [
    "",
    "temp",
    "=Cel",
    "-x=Cel",
    "a=J:sometimes",
    "a=J:counter:0",
    "a=J:interval",
    "a=J@1x",
    "a b=J",
  ]) {
    expect(() => parsePoint(text), text).toThrow(/expected/);
  }
});

test("a point is given once", () => {
  const one = collectPoint("a=W", []);
  expect(collectPoint("b=W", one)).toHaveLength(2);
  expect(() => collectPoint("a=J", one)).toThrow(/twice/);
});
