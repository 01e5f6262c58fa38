// Names of places.
import { expect, test } from "vitest";
import { isWithin, placeLabel, placePath, placesDownTo } from "./place.ts";

test("a place by its label, else by the end of its path", () => {
  expect(placeLabel({ place: "b1/floor-2/room-201", label: "Reading room" })).toBe("Reading room");
  expect(placeLabel({ place: "b1/floor-2/room-201", label: null })).toBe("room-201");
});

test("paths within a building, and the way down", () => {
  expect(placePath("b1/floor-2/room-201", "b1")).toBe("floor-2 › room-201");
  expect(placePath("b1", "b1")).toBe("whole building");
  expect(placesDownTo("b1/floor-2/room-201")).toEqual(["b1/floor-2", "b1/floor-2/room-201"]);
  expect(placesDownTo("b1")).toEqual([]);
});

test("floor-1 does not hold floor-10", () => {
  expect(isWithin("b1/floor-1/room-1", "b1/floor-1")).toBe(true);
  expect(isWithin("b1/floor-1", "b1/floor-1")).toBe(true);
  expect(isWithin("b1/floor-10", "b1/floor-1")).toBe(false);
});
