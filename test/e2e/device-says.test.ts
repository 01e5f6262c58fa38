// What devices say of themselves, end to end on real processes: no clock, a birth, a birth that lies, a state, the time heard.
// The devices are openssl, mosquitto and a page of Python; where one of them is missing, that is said aloud.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  decode,
  decodeSign1,
  fromHex,
  keyIdOf,
  keyThumbprint,
  verifyEvidence,
  verifySign1,
} from "@muniment/core";
import { loadSigner, openOperator } from "@muniment/core/files";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUILDING, type Fleet, GATEWAY, startFleet, until } from "../stack/fleet.ts";
import { ROOT, runProduct } from "../stack/process.ts";

const lacking = ["openssl", "mosquitto_pub", "mosquitto_sub", "python3"].filter(
  (program) => spawnSync(program, ["--help"], { stdio: "ignore" }).error !== undefined,
);
if (lacking.length > 0)
  console.log(
    `SKIPPED: what devices say of themselves: ${lacking.join(", ")} not installed (Debian packages openssl, mosquitto-clients, python3)`,
  );

const DEVICES = ["timeless", "honest", "liar", "declared"] as const;
type DeviceName = (typeof DEVICES)[number];
const BRICK = "Outside_Air_Temperature_Sensor";
const PLACE = `${BUILDING}/roof`;
const SUBSCRIBE_MS_MAX = 20_000;
const DAY_MS = 86_400_000;

let fleet: Fleet;
const keyFile = (device: DeviceName): string => join(fleet.data, `${device}.pem`);
const urnOf = (device: DeviceName): string => `urn:dev:os:32473-${device}`;
const topic = (device: DeviceName, rest: string): string =>
  `muniment/v1/${BUILDING}/${device}/${rest}`;

interface Said {
  readonly value: unknown;
  readonly at: string;
  readonly gateway: string;
  readonly index: number;
}
interface DeviceAnswer {
  readonly received: number;
  readonly clock: string | null;
  readonly state: string | null;
  readonly silent: boolean;
  readonly lastStatementAt: string | null;
  readonly birth:
    | (Omit<Said, "value"> & {
        readonly agrees: boolean;
        readonly boot: string | null;
        readonly missing: readonly string[];
        readonly points: readonly {
          readonly name: string;
          readonly unit: string;
          readonly agrees: boolean;
          readonly differs: readonly string[];
        }[];
      })
    | null;
  readonly says: Readonly<Record<string, Said | null>>;
}
interface Series {
  readonly clockless: number;
  readonly items: readonly {
    readonly time: string;
    readonly value: number;
    readonly index: number;
    readonly flags: readonly string[];
  }[];
}

async function ask<T>(path: string): Promise<T> {
  const response = await fetch(fleet.ledgerUrl + path);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
const device = (name: DeviceName) => ask<DeviceAnswer>(`/api/v1/devices/${name}`);
const series = (name: DeviceName, step = "") => {
  const [from, to] = [-DAY_MS, DAY_MS].map((ms) => new Date(Date.now() + ms).toISOString());
  return ask<Series>(`/api/v1/points/${name}.outside/series?from=${from}&to=${to}${step}`);
};

/** What Python and openssl make of one record; `at` 0: without a clock. */
const sign = (
  name: DeviceName,
  sequence: number,
  [record, unit, value]: readonly [string, string, string],
  at = Math.floor(Date.now() / 1000),
): Buffer =>
  execFileSync("python3", [
    ...[join(ROOT, "test/independent/sign_statement.py"), keyFile(name), urnOf(name), PLACE],
    ...[String(sequence), String(at), record, unit, value],
  ]);

/** Publishes as the device; mosquitto_pub ends only when the gateway has acknowledged. */
async function publish(name: DeviceName, message: Uint8Array, to = "up/statement"): Promise<void> {
  const file = join(fleet.data, `${name}.message`);
  await writeFile(file, message);
  execFileSync(
    "mosquitto_pub",
    [
      ...["-V", "mqttv311", "-h", "127.0.0.1", "-p", String(fleet.mqttPort()), "-q", "1"],
      ...["-i", name, "-t", topic(name, to), "-f", file],
    ],
    { timeout: SUBSCRIBE_MS_MAX },
  );
}

async function quarantined(name: DeviceName): Promise<readonly string[]> {
  const response = await fetch(`${fleet.gatewayUrl()}/quarantine`);
  const { items } = (await response.json()) as { items: { device: string; reason: string }[] };
  return items.filter((item) => item.device === name).map(({ reason }) => reason);
}

beforeAll(async () => {
  if (lacking.length > 0) return;
  fleet = await startFleet(1, { gatewayArgs: ["--batch-age-ms-max", "200"] });
  const operator = await openOperator({
    keyPath: join(fleet.data, "keys", "operator.pem"),
    ledger: fleet.ledgerUrl,
  });
  for (const name of DEVICES) {
    execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", keyFile(name)]);
    const der = execFileSync("openssl", [
      ...["pkey", "-in", keyFile(name), "-pubout", "-outform", "DER"],
    ]);
    const answer = await operator.submit("device.enrol", {
      ...{ device: name, building: BUILDING, place: PLACE, urn: urnOf(name) },
      key: fromHex(der.subarray(-32).toString("hex")),
      points: [{ name: "outside", unit: "Cel", kind: "gauge", interval: 60, brick: BRICK }],
    });
    expect(answer.ok).toBe(true);
  }
  await until("the gateway has heard of the devices", async () => {
    const health = (await (await fetch(`${fleet.gatewayUrl()}/health`)).json()) as {
      registry: { counter: number };
    };
    return health.registry.counter >= 1 + DEVICES.length;
  });
}, 120_000);
afterAll(() => fleet?.close());

describe.skipIf(lacking.length > 0)("a device", () => {
  test("without a clock is counted, and every figure and the evidence say that it had none", async () => {
    expect(await device("timeless")).toMatchObject({ clock: null, silent: true });
    await publish("timeless", sign("timeless", 1, ["outside", "Cel", "21.5"], 0));
    await until("the reading is a figure", async () => (await series("timeless")).clockless === 1);
    await publish("timeless", sign("timeless", 2, ["outside", "Cel", "22.0"], 0));
    await until("so is the next", async () => (await series("timeless")).clockless === 2);

    const { items } = await series("timeless");
    expect(items.map(({ value, flags }) => [value, flags])).toEqual([
      [21.5, ["clockless"]],
      [22, ["clockless"]],
    ]);
    expect((await series("timeless", "&step=P1M")).clockless).toBe(2);
    expect(await device("timeless")).toMatchObject({
      ...{ clock: "none", received: 2, silent: false, lastStatementAt: items[1]!.time },
    });

    const policy = await (await fetch(`${fleet.ledgerUrl}/policy`)).text();
    const path = `/evidence/${GATEWAY}/${items[1]!.index}`;
    const evidence = await (await fetch(fleet.ledgerUrl + path)).text();
    const { verdict, steps } = verifyEvidence(evidence, { policy });
    expect(verdict).toBe("verified");
    expect(steps.find(({ step }) => step === "statement")).toMatchObject({
      says: expect.stringContaining("its device had no clock"),
    });
    // The reading has the time at which the ledger took it, and the evidence proves that time.
    expect(steps.find(({ step }) => step === "anchor")!.when).toBe(items[1]!.time);
    const [bundle, pinned] = [join(fleet.data, "bundle.json"), join(fleet.data, "policy.txt")];
    await writeFile(bundle, evidence);
    await writeFile(pinned, policy);
    const verifier = join(ROOT, "test/independent/verify_bundle.py");
    const run = spawnSync("python3", ["-B", verifier, bundle, "--policy", pinned]);
    expect(`${run.stdout}${run.stderr}`).toMatch(/by a device without a clock[\s\S]*\nverified\n$/);
  }, 90_000);

  test("hears the time, signed by the gateway, and from then on has a clock", async () => {
    const heard = await new Promise<string>((resolve, reject) => {
      const listener = spawn(
        "mosquitto_sub",
        [
          ...["-V", "mqttv311", "-h", "127.0.0.1", "-p", String(fleet.mqttPort())],
          ...["-i", "timeless", "-t", topic("timeless", "down/time"), "-C", "1", "-F", "%x"],
        ],
        { timeout: SUBSCRIBE_MS_MAX },
      );
      let output = "";
      listener.stdout.on("data", (chunk) => {
        output += String(chunk);
      });
      listener.on("error", reject);
      listener.on("close", () => resolve(output.trim()));
    });
    const signed = decodeSign1(fromHex(heard));
    const { publicKey } = await loadSigner(
      join(fleet.data, "gateways", GATEWAY, "keys", "gateway.pem"),
    );
    expect(keyIdOf(signed)).toEqual(keyThumbprint(publicKey));
    expect(verifySign1(signed, publicKey)).toBe(true);
    const time = (decode(signed.payload) as ReadonlyMap<string, number>).get("time")!;
    expect(Math.abs(Date.now() - time)).toBeLessThan(60_000);

    await publish(
      "timeless",
      sign("timeless", 3, ["outside", "Cel", "23.5"], Math.floor(time / 1000)),
    );
    await until("it has a clock", async () => (await device("timeless")).clock === "set");
    const { items, clockless } = await series("timeless");
    expect(clockless).toBe(2);
    expect(items.find(({ value }) => value === 23.5)?.flags).toEqual([]);
  }, 60_000);

  test("declares its points, and how it does: both are shown with their entries, and are no readings", async () => {
    await publish("honest", sign("honest", 1, ["birth/outside", "Cel", BRICK]), "up/birth");
    await publish("honest", sign("honest", 2, ["device/state", "", "ready"]));
    await publish("honest", sign("honest", 3, ["device/clock", "", "synced"]));
    await publish("honest", sign("honest", 4, ["device/battery", "%EL", "87.5"]));
    await until("all of it is shown", async () => (await device("honest")).says.battery !== null);
    const { birth, says, ...facts } = await device("honest");
    expect(facts).toMatchObject({ received: 0, clock: "synced", state: "ready", silent: false });
    expect(birth).toMatchObject({ gateway: GATEWAY, agrees: true, boot: null, missing: [] });
    expect(birth!.points).toEqual([
      { name: "outside", unit: "Cel", brick: BRICK, agrees: true, differs: [] },
    ]);
    expect(says.battery).toMatchObject({ value: 87.5, gateway: GATEWAY });
    expect((await series("honest")).items).toEqual([]);
    expect(await quarantined("honest")).toEqual([]);
    const policy = await (await fetch(`${fleet.ledgerUrl}/policy`)).text();
    for (const [index, kind] of [
      [birth!.index, "birth"],
      [says.state!.index, "state"],
    ] as const) {
      const text = await (await fetch(`${fleet.ledgerUrl}/evidence/${GATEWAY}/${index}`)).text();
      const { verdict, statement } = verifyEvidence(text, { policy });
      expect([verdict, statement?.kind]).toEqual(["verified", kind]);
    }
  }, 60_000);

  test("that lies about its points is shown as differing, and is not believed", async () => {
    await publish("liar", sign("liar", 1, ["birth/outside", "K", BRICK]), "up/birth");
    await publish("liar", Buffer.from('{"points":["outside"]}'), "up/birth");
    await publish("liar", sign("liar", 2, ["outside", "K", "294.5"]));
    await publish("liar", sign("liar", 3, ["outside", "Cel", "21.5"]));
    await until("its reading counts", async () => (await device("liar")).received === 1);
    const { birth } = await device("liar");
    expect(birth).toMatchObject({ agrees: false, missing: [] });
    expect(birth!.points).toEqual([
      { name: "outside", unit: "K", brick: BRICK, agrees: false, differs: ["unit"] },
    ]);
    // What nobody signed, and what is in another unit than enrolled, is kept with its reason.
    expect(await quarantined("liar")).toEqual(["cose.structure", "unit-mismatch"]);
    await publish("liar", sign("liar", 4, ["birth/wind", "m/s", "Wind_Speed_Sensor"]));
    await until("the next birth is shown", async () =>
      (await device("liar")).birth!.missing.includes("outside"),
    );
    expect((await device("liar")).birth!.points).toMatchObject([
      { name: "wind", agrees: false, differs: ["point"] },
    ]);
  }, 60_000);

  test("is declared by muniment publish --birth as it is enrolled", async () => {
    const published = await runProduct(
      [
        ...["publish", "--device", "declared", "--key", keyFile("declared"), "--birth", "--json"],
        ...["--mqtt", `mqtt://127.0.0.1:${fleet.mqttPort()}`, "--ledger", fleet.ledgerUrl],
      ],
      { stdin: '{"n":"outside","u":"Cel","v":20.5,"t":0}\n' },
    );
    expect(`${published.code} ${published.stderr}`).toBe("0 ");
    const lines = published.stdout.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { line: 0, sequence: 1, records: 1, result: "admitted" },
      { line: 1, sequence: 2, records: 1, result: "admitted" },
    ]);
    await until("its reading counts", async () => (await device("declared")).received === 1);
    expect((await device("declared")).birth).toMatchObject({ agrees: true });
  }, 60_000);

  test("is the same again when the read model was deleted", async () => {
    const whole = async () =>
      Promise.all([
        ask("/api/v1/devices"),
        ...DEVICES.map(device),
        ...DEVICES.map((name) => series(name)),
      ]);
    await fleet.gateway.stop();
    const before = await whole();
    const { size } = await ask<{ size: number }>("/api/v1/ledger");
    await fleet.ledger.stop();
    for (const name of ["read-model.duckdb", "read-model.duckdb.wal"])
      await rm(join(fleet.data, "ledger", name), { force: true });
    await fleet.restartLedger();
    await until("the read model is rebuilt", async () => {
      return (await ask<{ applied: number }>("/api/v1/ledger")).applied === size;
    });
    expect(await whole()).toEqual(before);
  }, 120_000);
});
