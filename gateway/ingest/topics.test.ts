// The topic grammar of F8, by example.

import { expect, test } from "vitest";
import { ackTopic, coversAck, isId, parseDownFilter, parseUpTopic, timeTopics } from "./topics.ts";

test("a device publishes to three topics", () => {
  expect(parseUpTopic("muniment/v1/b1/meter-1/up/statement")).toEqual({
    kind: "statement",
    building: "b1",
    device: "meter-1",
  });
  expect(parseUpTopic("muniment/v1/b1/meter-1/up/birth")).toEqual({
    kind: "statement",
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

test("a filter names the down/ of one device", () => {
  const meter = { building: "b1", device: "meter-1" };
  expect(parseDownFilter("muniment/v1/b1/meter-1/down/#")).toEqual(meter);
  expect(parseDownFilter(ackTopic("b1", "meter-1"))).toEqual(meter);
  for (const filter of [
    "#",
    "muniment/v1/+/meter-1/down/#",
    "muniment/v1/b1/+/down/ack",
    "muniment/v1/b1/meter-1/#",
    "muniment/v1/b1/meter-1/up/statement",
    "muniment/v1/b1/meter-1/down/+",
  ]) {
    expect(parseDownFilter(filter)).toBeNull();
  }
  expect(coversAck("muniment/v1/b1/meter-1/down/#")).toBe(true);
  expect(coversAck("muniment/v1/b1/meter-1/down/set")).toBe(false);
});

test("the time is heard once a device, where a filter takes it in", () => {
  const own = "muniment/v1/b1/meter-1/down";
  expect([...timeTopics([`${own}/#`, `${own}/time`, `${own}/ack`])]).toEqual([`${own}/time`]);
  expect([...timeTopics([`${own}/time`, "muniment/v1/b1/meter-2/down/#"])]).toEqual([
    `${own}/time`,
    "muniment/v1/b1/meter-2/down/time",
  ]);
  expect(timeTopics([`${own}/ack`, "#"]).size).toBe(0);
});

test("ids", () => {
  expect(["a", "meter-1", "0".repeat(64)].every(isId)).toBe(true);
  expect(["", "A", "a b", "a/b", "a+", "0".repeat(65), "ä"].some(isId)).toBe(false);
});
