// What needs attention, from little worlds.
import { expect, test } from "vitest";
import type { Alarm } from "../data/alarm-shapes.ts";
import type { Device, Gateway } from "../data/health-shapes.ts";
import type { Room, Utilization } from "../data/occupancy-shapes.ts";
import { findingsOf, type Known } from "./findings.ts";

const now = Date.parse("2026-11-22T12:00:00Z");
const nothing: Known = {
  building: { id: "b1", name: "One" },
  alarms: [],
  silent: [],
  gateways: [],
  utilization: null,
  energy: null,
  rooms: null,
  now,
};
const alarm = (building: string): Alarm => ({
  id: "a",
  rule: "r",
  building,
  subject: "d.p",
  subjectKind: "point",
  place: null,
  severity: "warning",
  title: "Stuffy air",
  says: "",
  value: 1,
  worst: 1,
  unit: "/",
  openedAt: "2026-11-22T11:00:00Z",
  acknowledgedAt: null,
  acknowledgedBy: null,
  note: null,
  closedAt: null,
  closedBecause: null,
  reopened: 0,
  flapping: false,
  historic: false,
  status: "open",
  evidence: null,
  deliveries: [],
});
const silent = (building: string): Device => ({
  id: "d",
  building,
  place: building,
  urn: "urn:dev:os:32473-d",
  kid: "00",
  status: "active",
  trust: "device",
  bridge: null,
  points: [],
  lastTime: null,
  received: 0,
  clock: null,
  state: null,
  birth: null,
  lastStatementAt: null,
  silent: true,
});
const gateway = (status: string, anchoredAt: string | null): Gateway => ({
  id: "gw-1",
  building: "b1",
  status,
  origin: "o",
  size: 1,
  anchoredAt,
  registry: 1,
  entries: 1,
  standing: {},
});
const room = (name: string, peakPersons: number | null, seats: number | null): Room => ({
  place: `b1/floor-1/${name}`,
  label: null,
  use: null,
  floor: "b1/floor-1",
  seats,
  usableFt2: null,
  occupiedHours: null,
  openHours: null,
  occupiedShare: null,
  meanPersons: null,
  peakPersons,
  seatShare: null,
  meanCo2: null,
  maxCo2: null,
  meanCelsius: null,
  received: 1,
  expected: 1,
});
const used = (rate: number | null): Utilization => ({
  usableFt2: 15_000,
  capacity: 100,
  meanPersons: rate === null ? null : rate * 100,
  rate,
  below60: rate === null ? null : rate < 0.6,
  days: 5,
  missingDays: 0,
  sources: ["counters"],
});
const texts = (known: Partial<Known>): string[] =>
  findingsOf({ ...nothing, ...known }).map(({ text }) => text);

test("nothing known, or all well, finds nothing", () => {
  expect(texts({ alarms: null, silent: null, gateways: null })).toEqual([]);
  expect(
    texts({
      gateways: [gateway("active", "2026-11-22T11:59:00Z")],
      utilization: used(0.6),
      energy: { received: 98, expected: 100 },
      rooms: [room("room-1", 4, 4), room("room-2", null, 4), room("room-3", 9, null)],
    }),
  ).toEqual([]);
});

test("what others’ buildings have is not this one’s", () => {
  expect(texts({ alarms: [alarm("b2")], silent: [silent("b2")] })).toEqual([]);
});

test("to act on first, then to look at; each says where", () => {
  const found = findingsOf({
    ...nothing,
    alarms: [alarm("b1")],
    silent: [silent("b1"), silent("b1")],
    gateways: [gateway("suspended", null), gateway("active", "2026-11-22T10:00:00Z")],
    utilization: used(0.314),
    energy: { received: 97, expected: 100 },
    rooms: [room("room-1", 5, 4)],
  });
  expect(found.map(({ weight, text, href }) => [weight, text, href])).toEqual([
    ["act", "Alarm: Stuffy air", "/alarms?building=b1"],
    ["act", "Gateway gw-1 is suspended", "/gateways"],
    ["act", "Gateway gw-1 has delivered nothing for 2 h", "/gateways"],
    ["act", "2 devices are silent", "/devices?building=b1&show=silent"],
    ["look", "Only 97.0 % of the meter readings arrived", "/buildings/b1/energy"],
    ["look", "More people than seats in room-1", "/buildings/b1/places/floor-1/room-1"],
    ["look", "Used to 31.4 % of its capacity, below 60 %", "/buildings/b1/occupancy"],
  ]);
});

test("many rooms are named up to three", () => {
  const rooms = ["a", "b", "c", "d", "e"].map((name) => room(name, 5, 4));
  expect(texts({ rooms })).toEqual(["More people than seats in a, b, c and 2 more"]);
});
