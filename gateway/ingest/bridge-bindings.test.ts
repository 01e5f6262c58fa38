// A bridge speaks for the devices that the registry binds to it, and for nobody else.

import { expect, test } from "vitest";
import { bridgeBindings } from "./bridge-bindings.ts";
import { MemoryKeyring } from "./memory-keyring.ts";
import { SampleDevice } from "./sample-device.ts";

test("bound devices, by bridge, building and device", () => {
  const keyring = new MemoryKeyring();
  const bindings = bridgeBindings(keyring);
  const meter = new SampleDevice("meter-1");
  keyring.put(meter.record);
  expect(bindings.isBridgeOf("br-1", "b1", "meter-1")).toBe(false);
  expect(bindings.boundTo("br-1")).toBe(0);

  const board = new SampleDevice("board-1", { bridge: "br-1" });
  keyring.put(board.record);
  expect(bindings.isBridgeOf("br-1", "b1", "board-1")).toBe(true);
  expect(bindings.boundTo("br-1")).toBe(1);
  expect(bindings.isBridgeOf("br-2", "b1", "board-1")).toBe(false);
  expect(bindings.isBridgeOf("br-1", "b2", "board-1")).toBe(false);
  expect(bindings.isBridgeOf("br-1", "b1", "meter-1")).toBe(false);
  expect(bindings.isBridgeOf("board-1", "b1", "br-1")).toBe(false);
});

test("the last record of a device counts, and a revoked device keeps its bridge", () => {
  const keyring = new MemoryKeyring();
  const bindings = bridgeBindings(keyring);
  const first = new SampleDevice("board-1", { bridge: "br-1" });
  keyring.put({ ...first.record, status: "rotated", n: 2 });
  const second = { ...first.record, kid: new Uint8Array(32), bridge: "br-2", n: 3 };
  keyring.put(second);
  expect(bindings.isBridgeOf("br-1", "b1", "board-1")).toBe(false);
  expect(bindings.isBridgeOf("br-2", "b1", "board-1")).toBe(true);
  keyring.put({ ...second, status: "revoked", n: 4 });
  expect(bindings.isBridgeOf("br-2", "b1", "board-1")).toBe(true);
});
