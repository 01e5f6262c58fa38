// The site's URLs, read and written.
import { expect, test } from "vitest";
import {
  buildingHref,
  deviceHref,
  evidenceHref,
  placeHref,
  pointHref,
  publicHref,
  routeOf,
} from "./route.ts";

test("every address the pages write is read back", () => {
  expect(routeOf("/")).toEqual({ page: "portfolio" });
  for (const page of ["ledger", "gateways", "quarantine", "devices", "alarms"] as const)
    expect(routeOf(`/${page}`)).toEqual({ page });
  expect(routeOf("/alarms/rules")).toEqual({ page: "alarm-rules" });
  expect(routeOf("/public")).toEqual({ page: "public", building: null });
  expect(routeOf(publicHref("b1"))).toEqual({ page: "public", building: "b1" });
  expect(routeOf(deviceHref("meter-1"))).toEqual({ page: "device", device: "meter-1" });
  for (const view of ["overview", "occupancy", "rooms", "energy", "points"] as const)
    expect(routeOf(buildingHref("b1", view))).toEqual({ page: "building", building: "b1", view });
  expect(routeOf(placeHref("b1/floor 1/room-101"))).toEqual({
    page: "place",
    building: "b1",
    place: "b1/floor 1/room-101",
  });
  expect(routeOf(placeHref("b1"))).toEqual({ page: "building", building: "b1", view: "overview" });
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
});

test.each([
  "/x",
  "/verify/gw-1",
  "/verify/gw-1/-1",
  "/verify/gw-1/1/2",
  "/buildings",
  "/buildings/b1/overview",
  "/buildings/b1/places",
  "/buildings/b1/points/p/q",
  "/buildings/b1/energy/more",
  "/devices/d/e",
  "/alarms/other",
  "/public/b1/rooms",
  "/ledger/1",
  "/%",
])("%s is nowhere", (path) => {
  expect(routeOf(path)).toEqual({ page: "nowhere" });
});
