// Settings: file, then environment, then flag; bad ones are named.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gatewayConfig, resolveConfig } from "./config.ts";

describe("configuration", () => {
  it("has a default for everything but the id", () => {
    expect(gatewayConfig({ id: "gw-1" })).toMatchObject({
      mqttPort: 1883,
      httpPort: 8481,
      data: "./data",
      host: "127.0.0.1",
    });
    expect(() => gatewayConfig({})).toThrow(expect.objectContaining({ code: "config.invalid" }));
  });

  it("prefers flag over environment over file", async () => {
    const directory = await mkdtemp(join(tmpdir(), "muniment-config-"));
    const file = join(directory, "gateway.json");
    await writeFile(file, JSON.stringify({ mqttPort: 1, httpPort: 1, workers: 1 }));
    const environment = {
      MUNIMENT_GATEWAY_MQTT_PORT: "2",
      MUNIMENT_HTTP_PORT: "2",
      MUNIMENT_DATA: "/d",
    };
    const config = resolveConfig({ flags: { id: "gw-1", httpPort: "3" }, environment, file });
    expect(config).toMatchObject({ workers: 1, mqttPort: 2, httpPort: 3, data: "/d" });
    await rm(directory, { recursive: true });
  });

  it("takes ledger nodes as a list, or as one text of the environment", () => {
    const two = ["http://one.example:8480", "https://two.example"];
    expect(gatewayConfig({ id: "gw-1", ledger: two }).ledger).toEqual(two);
    const environment = { MUNIMENT_LEDGER: two.join(", ") };
    expect(resolveConfig({ flags: { id: "gw-1" }, environment }).ledger).toEqual(two);
    expect(() => gatewayConfig({ id: "gw-1", ledger: "ftp://one.example" })).toThrow(/ledger/);
  });

  it("refuses unknown settings and values out of range, by name", () => {
    expect(() => gatewayConfig({ id: "gw-1", colour: "red" })).toThrow(/colour/);
    expect(() => gatewayConfig({ id: "gw-1", mqttPort: 70_000 })).toThrow(/mqttPort/);
    expect(() => gatewayConfig({ id: "gw-1", batchCountMax: 5_000 })).toThrow(/batchCountMax/);
  });
});
