// The site's URLs, read and written.
import { expect, test } from "vitest";
import { buildingHref, evidenceHref, pointHref, routeOf } from "./route.ts";

test("every address the pages write is read back", () => {
  expect(routeOf("/")).toEqual({ page: "portfolio" });
  expect(routeOf("/ledger")).toEqual({ page: "ledger" });
  expect(routeOf(buildingHref("b1"))).toEqual({ page: "building", building: "b1" });
  expect(routeOf(pointHref("b1", "meter-1.energy"))).toEqual({
    page: "point",
    building: "b1",
    point: "meter-1.energy",
  });
  expect(routeOf(evidenceHref("gw-1", 42))).toEqual({
    page: "evidence",
    gateway: "gw-1",
    index: 42,
  });
  expect(buildingHref("b1", "range=7d")).toBe("/buildings/b1?range=7d");
});

test.each([
  "/x",
  "/verify/gw-1",
  "/verify/gw-1/-1",
  "/verify/gw-1/1/2",
  "/buildings",
  "/ledger/1",
  "/%",
])("%s is nowhere", (path) => {
  expect(routeOf(path)).toEqual({ page: "nowhere" });
});
