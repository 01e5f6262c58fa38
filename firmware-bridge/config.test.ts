// Where settings come from, and what is no setting.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bridgeConfig, resolveConfig } from "./config.ts";

test("file, then environment, then flags", async () => {
  const data = await mkdtemp(join(tmpdir(), "muniment-bridge-"));
  const folder = join(data, "bridges", "br-1");
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "bridge.json"),
    JSON.stringify({ serial: "/dev/file", baud: 9600, mqtt: "mqtt://file:1883", pollMs: 1 }),
  );
  const environment = {
    MUNIMENT_DATA: data,
    MUNIMENT_BRIDGE_SERIAL: "/dev/environment",
    MUNIMENT_BRIDGE_BAUD: "19200",
    MUNIMENT_BRIDGE_MQTT: "",
  };
  expect(
    resolveConfig({ environment, flags: { id: "br-1", serial: "/dev/flag", baud: undefined } }),
  ).toMatchObject({
    ...{ data, id: "br-1", serial: "/dev/flag", baud: 19_200, mqtt: "mqtt://file:1883", pollMs: 1 },
    ...{ httpPort: 8482, ledger: "http://127.0.0.1:8480" },
  });
  await rm(data, { recursive: true });
});

test.each([
  [{ id: "br-1" }, /serial/],
  [{ serial: "/dev/ttyACM0" }, /id/],
  [{ id: "BR", serial: "/dev/ttyACM0" }, /a-z0-9-/],
  [{ id: "br-1", serial: "x", baud: "fast" }, /baud/],
  [{ id: "br-1", serial: "x", mqtt: "http://127.0.0.1" }, /mqtt/],
  [{ id: "br-1", serial: "x", colour: "red" }, /colour/],
])("%j is refused", (settings, naming) => {
  expect(() => bridgeConfig(settings)).toThrow(naming);
  expect(() => bridgeConfig(settings)).toThrow(expect.objectContaining({ code: "config.invalid" }));
});

test("a file that is not there is an error when it was named", () => {
  expect(() => resolveConfig({ file: "/nowhere/bridge.json", environment: {}, flags: {} })).toThrow(
    /nowhere/,
  );
});
