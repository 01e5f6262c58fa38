// Device states (FORMAT 1.2): what is said is read back, what is not known is passed over, what contradicts the format refused.

import { expect, test } from "vitest";
import {
  DEVICE_CLOCKS,
  DEVICE_STATES,
  type DeviceState,
  readState,
  stateRecords,
} from "./device-state.ts";
import { decodePack, encodePack, type SenmlRecord } from "./senml.ts";

const T = 1_767_225_600;
const said = (name: string, value: SenmlRecord["value"] & {}, unit?: string): SenmlRecord => ({
  name: `device/${name}`,
  value,
  time: T,
  ...(unit === undefined ? {} : { unit }),
});

test("a state is read as it was said", () => {
  const states: readonly DeviceState[] = [
    ...DEVICE_STATES.map((state) => ({ state })),
    ...DEVICE_CLOCKS.map((clock) => ({ clock })),
    { uptime: 0, battery: 100, resets: 2 },
    { state: "sleeping", clock: "set", uptime: 86_400.5, battery: 0, resets: 0 },
  ];
  for (const state of states) {
    for (const time of [T, 0])
      expect(readState(decodePack(encodePack(stateRecords(state, time))))).toEqual(state);
  }
});

test("a unit may be left out, and names of later programs are passed over", () => {
  expect(readState([said("uptime", 5), said("rssi", -70, "dBW"), said("note", "x")])).toEqual({
    uptime: 5,
  });
});

test.each<[string, readonly SenmlRecord[]]>([
  ["another state", [said("state", "fine")]],
  ["a state that is a number", [said("state", 1)]],
  ["a state with a unit", [said("state", "ready", "count")]],
  ["another clock", [said("clock", "slow")]],
  ["a battery of 101 %", [said("battery", 101, "%EL")]],
  ["a battery in %RH", [said("battery", 50, "%RH")]],
  ["an uptime below 0", [said("uptime", -1, "s")]],
  ["an uptime in words", [said("uptime", "long")]],
  ["a sum of resets", [{ ...said("resets", 1), sum: 1 }]],
  ["a name twice", [said("state", "ready"), said("state", "alert")]],
  ["an unknown name twice", [said("rssi", 1), said("rssi", 1)]],
  ["no name", [said("", 1)]],
  ["a name below a name", [said("a/b", 1)]],
  ["a name in capitals", [said("State", "ready")]],
])("%s is refused", (_, records) => {
  expect(() => readState(records)).toThrow(expect.objectContaining({ code: "statement.state" }));
});
