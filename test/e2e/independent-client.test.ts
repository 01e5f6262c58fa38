// A client with nothing of ours: openssl signs, mosquitto_pub publishes. What it sends is admitted; one flipped bit is not.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex } from "@muniment/core";
import { openOperator } from "@muniment/core/files";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BUILDING, type Fleet, startFleet, until } from "../stack/fleet.ts";
import { ROOT } from "../stack/process.ts";

function missing(): string | null {
  for (const [program, ...args] of [
    ["openssl", "version"],
    ["mosquitto_pub", "--help"],
    ["python3", "--version"],
  ] as const) {
    try {
      execFileSync(program, args, { stdio: "ignore" });
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") return program;
    }
  }
  return null;
}

const lacking = missing();
if (lacking !== null)
  console.log(
    `SKIPPED: independent client: ${lacking} is not installed (Debian packages openssl, mosquitto-clients, python3)`,
  );

const DEVICE = "independent";
const URN = `urn:dev:os:32473-${DEVICE}`;

let fleet: Fleet;
let keyFile: string;

beforeAll(async () => {
  if (lacking !== null) return;
  fleet = await startFleet(1);
  keyFile = join(fleet.data, "independent.pem");
  execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", keyFile]);
  const der = execFileSync("openssl", ["pkey", "-in", keyFile, "-pubout", "-outform", "DER"]);
  const operator = await openOperator({
    keyPath: join(fleet.data, "keys", "operator.pem"),
    ledger: fleet.ledgerUrl,
  });
  const answer = await operator.submit("device.enrol", {
    device: DEVICE,
    building: BUILDING,
    place: `${BUILDING}/roof`,
    urn: URN,
    key: fromHex(der.subarray(-32).toString("hex")),
    points: [{ name: "outside", unit: "Cel", kind: "gauge", interval: 60 }],
  });
  expect(answer.ok).toBe(true);
  await until("the gateway has heard of the device", async () => {
    const health = (await (await fetch(`${fleet.gatewayUrl()}/health`)).json()) as {
      registry: { counter: number };
    };
    return health.registry.counter >= 2;
  });
});

afterAll(async () => {
  await fleet?.close();
});

function sign(sequence: number, value: string): Buffer {
  const now = String(Math.floor(Date.now() / 1000));
  return execFileSync("python3", [
    join(ROOT, "test/independent/sign_statement.py"),
    keyFile,
    URN,
    `${BUILDING}/roof`,
    String(sequence),
    now,
    "outside",
    "Cel",
    value,
  ]);
}

function publish(statement: Uint8Array): void {
  const file = join(fleet.data, "statement.cose");
  writeFileSync(file, statement);
  // -q 1: mosquitto_pub ends only when the broker has acknowledged.
  execFileSync(
    "mosquitto_pub",
    [
      "-V",
      "mqttv311",
      "-h",
      "127.0.0.1",
      "-p",
      String(fleet.mqttPort()),
      "-q",
      "1",
      "-i",
      DEVICE,
      "-t",
      `muniment/v1/${BUILDING}/${DEVICE}/up/statement`,
      "-f",
      file,
    ],
    { timeout: 20_000 },
  );
}

async function quarantine(): Promise<{ reason: string }[]> {
  return (
    (await (await fetch(`${fleet.gatewayUrl()}/quarantine`)).json()) as {
      items: { reason: string }[];
    }
  ).items;
}

async function readings(): Promise<{ value: number; sequence: number }[]> {
  const response = await fetch(
    `${fleet.ledgerUrl}/api/v1/points/${DEVICE}.outside/series?from=2024-01-01T00:00:00Z&to=2030-01-01T00:00:00Z`,
  );
  return response.ok
    ? ((await response.json()) as { items: { value: number; sequence: number }[] }).items
    : [];
}

test.skipIf(lacking !== null)(
  "a statement signed by openssl and sent by mosquitto_pub is admitted and counted",
  async () => {
    // 21.5 is f94d60: a float that a number-only encoder would not have written as an integer either; 21.0 is f94d40.
    publish(sign(1, "21.5"));
    publish(sign(2, "21.0"));
    await until("both readings are on the page", async () => (await readings()).length === 2);
    expect((await readings()).map(({ value, sequence }) => [sequence, value])).toEqual([
      [1, 21.5],
      [2, 21],
    ]);
    expect(await quarantine()).toEqual([]);
  },
);

test.skipIf(lacking !== null)(
  "one flipped bit, and the same statement is in quarantine as bad-signature",
  async () => {
    const statement = Buffer.from(sign(3, "21.5"));
    statement[statement.length - 10]! ^= 1;
    publish(statement);
    const items = await quarantine();
    expect(items.map(({ reason }) => reason)).toEqual(["bad-signature"]);
  },
);

test.skipIf(lacking !== null)(
  "bad input of other kinds is named, kept and acknowledged; the gateway goes on",
  async () => {
    const before = (await quarantine()).length;
    const good = sign(4, "21.5");
    const inputs: readonly (readonly [string, Uint8Array, string])[] = [
      ["nothing", new Uint8Array(0), "cose.structure"],
      ["not COSE", Buffer.from("hello"), "cose.structure"],
      ["break as a map value", Buffer.from("d284a100ff00000000", "hex"), "cbor.reserved"],
      [
        "deep nesting",
        Buffer.concat([Buffer.from("d2", "hex"), Buffer.alloc(2_000, 0x81)]),
        "cbor.depth",
      ],
      [
        "a statement of another device's key",
        fleet.devices[0]!.sign([
          { name: "temp", unit: "Cel", value: 1, time: Math.floor(Date.now() / 1000) },
        ]),
        "wrong-device",
      ],
      ["trailing bytes", Buffer.concat([good, Buffer.from([0])]), "cbor.trailing"],
      ["bad UTF-8", Buffer.from("d28462fffe000000", "hex"), "cbor.utf8"],
    ];
    for (const [, bytes] of inputs) publish(bytes);
    const codes = (await quarantine()).slice(before).map(({ reason }) => reason);
    expect(codes).toEqual(inputs.map(([, , code]) => code));
    publish(good);
    await until("the good one is counted", async () =>
      (await readings()).some(({ sequence }) => sequence === 4),
    );
    expect(readFileSync(join(fleet.data, "statement.cose")).equals(good)).toBe(true);
  },
);
