// Settings: what wins over what, and what cannot be used.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadAccessToken, loadConfig } from "./config.ts";

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "muniment-config-"));
});
afterEach(() => rm(data, { recursive: true, force: true }));

it("has a default for everything", async () => {
  expect(await loadConfig({ data })).toEqual({
    data,
    host: "127.0.0.1",
    port: 8480,
    origin: "ledger.muniment.example/demo",
    requestsPerMinuteMax: 6_000,
    retentionEveryMs: 3_600_000,
    logLevel: "warn",
  });
});

it("takes a flag before the environment, and that before the file", async () => {
  await writeFile(
    join(data, "ledger.json"),
    JSON.stringify({ port: 1, host: "10.0.0.1", logLevel: "info" }),
  );
  const environment = {
    MUNIMENT_DATA: data,
    MUNIMENT_LEDGER_PORT: "2",
    MUNIMENT_LEDGER_HOST: "10.0.0.2",
    MUNIMENT_LEDGER_REQUESTS_PER_MINUTE_MAX: "9",
  };
  expect(await loadConfig({ port: 3, host: undefined }, environment)).toMatchObject({
    data,
    port: 3,
    host: "10.0.0.2",
    logLevel: "info",
    requestsPerMinuteMax: 9,
  });
});

it("takes the alarms' settings as JSON from the environment, and names what is wrong in them", async () => {
  const smtp = { host: "mail.example.gov", from: "alarms@example.gov", to: ["desk@example.gov"] };
  const read = (alarms: unknown) =>
    loadConfig({ data }, { MUNIMENT_LEDGER_ALARMS: JSON.stringify(alarms) });
  expect((await read({ smtp })).alarms).toMatchObject({
    smtp: { ...smtp, name: "email", security: "starttls" },
    webhooks: [],
  });
  await expect(read({ smtp: { ...smtp, form: "x" } })).rejects.toMatchObject({
    code: "config.value",
    message: expect.stringContaining("alarms.smtp"),
  });
  await expect(loadConfig({ data }, { MUNIMENT_LEDGER_ALARMS: "{" })).rejects.toMatchObject({
    code: "config.value",
    message: expect.stringContaining("alarms"),
  });
});

it.each([
  ['{"prot": 1}', /ledger\.json.*prot/],
  ['{"port": 70000}', /port/],
  ["[]", /expected an object/],
  ["{", /not JSON/],
])("refuses %s and names it", async (text, named) => {
  await writeFile(join(data, "ledger.json"), text);
  await expect(loadConfig({ data })).rejects.toMatchObject({
    code: "config.value",
    message: expect.stringMatching(named),
  });
});

it("takes a token of 32 printable characters or more, from the first line", async () => {
  const path = join(data, "token");
  await writeFile(path, `${"k".repeat(32)}\nnot this\n`);
  expect(await loadAccessToken(path)).toBe("k".repeat(32));
  expect(await loadAccessToken(undefined)).toBeNull();
  for (const token of ["", "short", `${"k".repeat(31)} `, `${"k".repeat(20)} ${"k".repeat(20)}`]) {
    await writeFile(path, token);
    await expect(loadAccessToken(path)).rejects.toMatchObject({ code: "config.value" });
  }
});
