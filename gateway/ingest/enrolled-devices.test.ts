// Enrolled means: an active key, under this very building.

import { expect, test } from "vitest";
import { enrolledDevices } from "./enrolled-devices.ts";
import { MemoryKeyring } from "./memory-keyring.ts";
import { SampleDevice } from "./sample-device.ts";

test("a device is enrolled in its own building, from its enrolment to its revocation", () => {
  const keyring = new MemoryKeyring();
  const isEnrolled = enrolledDevices(keyring);
  const meter = new SampleDevice("meter-1");
  expect(isEnrolled("b1", "meter-1")).toBe(false);
  keyring.put(meter.record);
  expect(isEnrolled("b1", "meter-1")).toBe(true);
  expect(isEnrolled("b2", "meter-1")).toBe(false);
  expect(isEnrolled("b1", "meter-2")).toBe(false);
  keyring.put({ ...meter.record, status: "revoked" });
  expect(isEnrolled("b1", "meter-1")).toBe(false);
});
