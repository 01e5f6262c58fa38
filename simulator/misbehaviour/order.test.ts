// The words of --misbehave, and which device each falls on.
import { expect, test } from "vitest";
import { devicesOf } from "../devices.ts";
import { drawPlan } from "../world/plan.ts";
import { assignMisbehaviours, type MisbehaviourOrder, parseMisbehaviour } from "./order.ts";

const devices = devicesOf(drawPlan("b1", 3, "UTC"));

test("kind, device and share; a kind has a usual share", () => {
  expect(parseMisbehaviour("silent")).toEqual({ kind: "silent", device: null, share: 0.2 });
  expect(parseMisbehaviour("wrong-key:room-101@.5")).toEqual({
    kind: "wrong-key",
    device: "room-101",
    share: 0.5,
  });
  expect(parseMisbehaviour("no-clock:b1-meter-main@1").share).toBe(1);
});

test.each(["", "loud", "silent:", "silent@2", "silent@", "silent:Room", "flood@0.1@0.2"])(
  "%j is refused",
  (text) => {
    expect(() => parseMisbehaviour(text)).toThrow(/expected KIND/);
  },
);

test("a name stands for one device; who has none gets one that is still honest, by the seed", () => {
  const orders = ["flood", "silent:room-101", "replayed", "silent:b1-door-main"].map(
    parseMisbehaviour,
  );
  const assigned = assignMisbehaviours(devices, 3, orders);
  expect(assigned.size).toBe(4);
  expect([assigned.get("b1-room-101"), assigned.get("b1-door-main")]).toEqual([
    orders[1],
    orders[3],
  ]);
  expect(assignMisbehaviours(devices, 3, orders)).toEqual(assigned);
});

test("a device that is not there, or misbehaves already, is refused", () => {
  const twice: MisbehaviourOrder[] = ["silent:room-101", "flood:room-101"].map(parseMisbehaviour);
  expect(() => assignMisbehaviours(devices, 3, twice)).toThrow(/room-101/);
  expect(() => assignMisbehaviours(devices, 3, [parseMisbehaviour("flood:room-999")])).toThrow(
    /room-999/,
  );
});
