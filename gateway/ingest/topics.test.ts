// The topic grammar of F8, by example.

import { expect, test } from "vitest";
import { ackTopic, coversAck, isId, maySubscribe, parseUpTopic } from "./topics.ts";

test("a device publishes to three topics", () => {
  expect(parseUpTopic("muniment/v1/b1/meter-1/up/statement")).toEqual({
    kind: "statement",
    building: "b1",
    device: "meter-1",
  });
  expect(parseUpTopic("muniment/v1/b1/meter-1/up/birth")).toEqual({
    kind: "birth",
    building: "b1",
    device: "meter-1",
  });
  expect(parseUpTopic("muniment/v1/b1/meter-1/state")).toEqual({
    kind: "state",
    building: "b1",
    device: "meter-1",
  });
});

test.each([
  "muniment/v2/b1/meter-1/up/statement",
  "muniment/v1/b1/meter-1/up/statement/",
  "muniment/v1/b1/meter-1/up/Statement",
  "muniment/v1/b1/meter-1/down/ack",
  "muniment/v1/b1//up/statement",
  "muniment/v1/b1/meter_1/up/statement",
  "muniment/v1/B1/meter-1/up/statement",
  `muniment/v1/b1/${"a".repeat(65)}/up/statement`,
  "muniment/v1/b1/meter-1/up/statement\n",
  "$SYS/x",
  "",
])("nobody publishes to %j", (topic) => {
  expect(parseUpTopic(topic)).toBeNull();
});

test("a device subscribes below its own down/ only", () => {
  expect(maySubscribe("meter-1", "muniment/v1/b1/meter-1/down/#")).toBe(true);
  expect(maySubscribe("meter-1", ackTopic("b1", "meter-1"))).toBe(true);
  for (const filter of [
    "#",
    "muniment/v1/b1/meter-2/down/#",
    "muniment/v1/+/meter-1/down/#",
    "muniment/v1/b1/meter-1/#",
    "muniment/v1/b1/meter-1/up/statement",
    "muniment/v1/b1/meter-1/down/+",
  ]) {
    expect(maySubscribe("meter-1", filter)).toBe(false);
  }
  expect(coversAck("muniment/v1/b1/meter-1/down/#")).toBe(true);
  expect(coversAck("muniment/v1/b1/meter-1/down/set")).toBe(false);
});

test("ids", () => {
  expect(["a", "meter-1", "0".repeat(64)].every(isId)).toBe(true);
  expect(["", "A", "a b", "a/b", "a+", "0".repeat(65), "ä"].some(isId)).toBe(false);
});
