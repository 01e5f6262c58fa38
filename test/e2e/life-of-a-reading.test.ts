// What docs/architecture.md says of a forked gateway, a stale registry, a bad leaf and a statement that comes twice, on real processes.

import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { buildStatement, buildTransaction, toHex, verifyEvidence } from "@muniment/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  BUILDING,
  type Fleet,
  type FleetDevice,
  GATEWAY,
  POINT,
  startFleet,
  until,
} from "../stack/fleet.ts";
import { runProduct, startProduct } from "../stack/process.ts";
import { answerReader, connectPacket, publishPacket } from "../stack/raw-mqtt.ts";
import { CoreGateway } from "./core-gateway.ts";

const DAY = "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z";
const START = Date.UTC(2026, 0, 1) / 1000;
const ANSWER_MS_MAX = 20_000;
/** The gateway asks every 5 s, and waits longer after failures. */
const SYNC_MS_MAX = 90_000;

let fleet: Fleet;
let origin: string;
let seed = 0;

beforeAll(async () => {
  fleet = await startFleet(6, { gatewayArgs: ["--batch-age-ms-max", "200"] });
  origin = String((await ledger<{ origin: string }>("/api/v1/ledger")).origin);
}, 120_000);
afterAll(() => fleet?.close());

async function ledger<T>(path: string): Promise<T> {
  const response = await fetch(fleet.ledgerUrl + path);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

interface Reading {
  readonly time: string;
  readonly gateway: string;
  readonly index: number;
  readonly sequence: number;
  readonly value: number;
}
interface Standing {
  readonly gateway: string;
  readonly index: number;
  readonly standing: string;
  readonly device: string | null;
  readonly sequence: number | null;
}
interface GatewayFacts {
  readonly id: string;
  readonly status: string;
  readonly size: number;
  readonly entries: number;
  readonly standing: Readonly<Record<string, number>>;
}

const readings = async (device: FleetDevice): Promise<readonly Reading[]> =>
  (await ledger<{ items: Reading[] }>(`/api/v1/points/${device.id}.${POINT.name}/series?${DAY}`))
    .items;
const refusedOf = async (gateway: string): Promise<readonly Standing[]> =>
  (await ledger<{ items: Standing[] }>("/api/v1/quarantine?limit=1000")).items.filter(
    (entry) => entry.gateway === gateway,
  );
const factsOf = async (gateway: string): Promise<GatewayFacts> =>
  (await ledger<{ items: GatewayFacts[] }>("/api/v1/gateways")).items.find(
    ({ id }) => id === gateway,
  )!;

/** Waits until every anchored entry of a gateway is judged. */
const judged = (gateway: string, size: number) =>
  until(`${gateway} is judged up to ${size}`, async () => {
    const facts = await factsOf(gateway);
    return facts !== undefined && facts.size >= size && facts.entries >= size;
  });

const temperature = (value: number, minute: number) => [
  { name: POINT.name, unit: POINT.unit, value, time: START + 60 * minute },
];

/** A gateway of core alone in the fleet's building; it takes what devices of the fleet have signed. */
const coreGateway = (id: string): Promise<CoreGateway> => {
  seed += 1_000;
  return CoreGateway.enrol({
    ledger: fleet.ledgerUrl,
    origin,
    operatorKey: join(fleet.data, "keys", "operator.pem"),
    id,
    building: {
      building: BUILDING,
      name: "Test building",
      zone: "Europe/London",
      grossFt2: 10_000,
    },
    seed,
  });
};

/** Publishes statements as their device and waits for the acknowledgement of each. */
function publish(device: FleetDevice, statements: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: fleet.mqttPort(), host: "127.0.0.1" });
    const timer = setTimeout(() => end(new Error("no acknowledgement in time")), ANSWER_MS_MAX);
    const end = (error?: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    let acked = 0;
    const read = answerReader({
      connack: (code) => {
        if (code !== 0) return end(new Error(`CONNACK ${code}`));
        for (const [i, bytes] of statements.entries())
          socket.write(publishPacket(device.topic, i + 1, bytes));
      },
      puback: () => {
        acked += 1;
        if (acked === statements.length) end();
      },
    });
    socket.on("data", read);
    socket.on("error", end);
    socket.on("close", () => end(new Error("the gateway closed the connection")));
    socket.write(connectPacket(device.id));
  });
}

async function gatewayHealth() {
  const response = await fetch(`${fleet.gatewayUrl()}/health`);
  return (await response.json()) as {
    readonly log: {
      readonly size: number;
      readonly anchoredSize: number;
      readonly pending: number;
    };
    readonly registry: { readonly counter: number };
  };
}

async function gatewayQuarantine(device: FleetDevice) {
  const response = await fetch(`${fleet.gatewayUrl()}/quarantine?limit=1000`);
  const { items } = (await response.json()) as {
    items: { device: string; reason: string; sequence: number | null }[];
  };
  return items.filter((item) => item.device === device.id);
}

/** Everything the building's gateway has logged is anchored and judged. */
async function delivered(): Promise<void> {
  await until(
    "the gateway has delivered",
    async () => {
      const { log } = await gatewayHealth();
      return log.size > 1 && log.pending === 0 && log.anchoredSize === log.size;
    },
    SYNC_MS_MAX,
  );
  await judged(GATEWAY, (await gatewayHealth()).log.size);
}

const knowsAll = () =>
  until(
    "the gateway knows every device",
    async () => (await gatewayHealth()).registry.counter >= fleet.devices.length,
    SYNC_MS_MAX,
  );

test("a forked gateway is told which note is held, shown by anyone enrolled, suspended, and heard no more", async () => {
  const witness = fleet.devices[0]!;
  const honest = await coreGateway("gw-forked");
  const device = fleet.devices[1]!;
  honest.put(device.sign(temperature(20, 1)), device.sign(temperature(21, 2)));
  await honest.send();
  const other = honest.fork();
  honest.put(device.sign(temperature(22, 3)));
  other.put(device.sign(temperature(99, 3)));
  await honest.send();

  const refused = await other.post();
  expect(refused.status).toBe(409);
  expect(refused.headers.get("content-type")).toBe("application/problem+json");
  const problem = (await refused.json()) as { code: string; theirs: string };
  expect(problem.code).toBe("anchor.conflict");
  expect(problem.theirs).toBe(honest.note());
  await judged("gw-forked", 4);
  expect((await factsOf("gw-forked")).status).toBe("active");

  // One note twice, or two notes of two sizes, show nothing.
  const show = (notes: readonly string[], sequence: number) =>
    fetch(`${fleet.ledgerUrl}/transactions`, {
      method: "POST",
      headers: { "content-type": "application/cose" },
      body: new Uint8Array(
        buildTransaction({
          ledger: origin,
          kind: "equivocation",
          sequence,
          body: { gateway: "gw-forked", notes: [...notes] },
          signer: witness.signer,
        }),
      ),
    });
  const nothing = await show([problem.theirs, problem.theirs], 1);
  expect(await nothing.json()).toMatchObject({ code: "equivocation.same" });
  expect(nothing.status).toBe(422);
  const shown = await show([problem.theirs, other.note()], 1);
  expect(shown.status).toBe(200);
  const { index } = (await shown.json()) as { index: number };
  const transactions = await ledger<{ kind: string; by: string }>(`/api/v1/transactions/${index}`);
  expect(transactions).toMatchObject({ kind: "equivocation", by: witness.id });

  await until("the suspension is shown", async () => {
    return (await factsOf("gw-forked")).status === "suspended";
  });
  for (const history of [honest, other]) {
    history.put(device.sign(temperature(23, 4)));
    const late = await history.post();
    expect(late.status).toBe(403);
    expect(await late.json()).toMatchObject({ code: "anchor.suspended" });
  }
  // What it anchored before stays, and counts.
  expect(await factsOf("gw-forked")).toMatchObject({
    size: 4,
    standing: { genesis: 1, counted: 3 },
  });
  expect((await readings(device)).map(({ value }) => value)).toEqual([20, 21, 22]);
});

test("a bad leaf in a good batch is anchored, stands with its code, and the rest counts", async () => {
  const gateway = await coreGateway("gw-careless");
  const device = fleet.devices[2]!;
  await gateway.addDevice("stranger", `${BUILDING}/lab`, [], true);
  const forged = device.sign(temperature(30, 2));
  forged[forged.length - 40]! ^= 1;
  const elsewhere = buildStatement({
    signer: device.signer,
    iss: `urn:dev:os:32473-${device.id}`,
    sub: `${BUILDING}/cellar`,
    issuedAt: START,
    sequence: 900,
    records: temperature(33, 5),
  });
  gateway.put(device.sign(temperature(20, 1)), forged);
  gateway.say("stranger", temperature(31, 3), START);
  gateway.put(new TextEncoder().encode("no statement at all"), new Uint8Array(0), elsewhere);
  gateway.put(device.sign(temperature(21, 6)));
  await gateway.send();
  await judged("gw-careless", 8);

  expect(await refusedOf("gw-careless")).toEqual([
    expect.objectContaining({ index: 2, standing: "bad-signature", device: device.id }),
    expect.objectContaining({ index: 3, standing: "unknown-key", device: null }),
    expect.objectContaining({ index: 4, standing: "malformed" }),
    expect.objectContaining({ index: 5, standing: "malformed" }),
    expect.objectContaining({ index: 6, standing: "wrong-device", device: device.id }),
  ]);
  expect((await factsOf("gw-careless")).standing).toEqual({
    genesis: 1,
    counted: 2,
    "bad-signature": 1,
    "unknown-key": 1,
    malformed: 2,
    "wrong-device": 1,
  });
  expect((await readings(device)).map(({ value }) => value)).toEqual([20, 21]);

  // The good leaf beside them has evidence that passes; none of the bad ones has.
  const policy = await (await fetch(`${fleet.ledgerUrl}/policy`)).text();
  const verdicts = new Map<number, string>();
  for (const index of [1, 2, 3, 4, 5, 6]) {
    const answer = await fetch(`${fleet.ledgerUrl}/evidence/gw-careless/${index}`);
    const verdict = answer.ok ? verifyEvidence(await answer.text(), { policy }) : null;
    verdicts.set(index, verdict === null ? "none" : (verdict.failedStep ?? verdict.verdict));
  }
  expect([...verdicts]).toEqual([
    [1, "verified"],
    [2, "device-signature"],
    [3, "none"],
    [4, "none"],
    [5, "none"],
    [6, "device-signature"],
  ]);
});

test("a statement through two gateways counts once; other bytes under its number conflict; all stay visible", async () => {
  const device = fleet.devices[3]!;
  await knowsAll();
  const first = device.sign(temperature(20, 1));
  const second = device.sign(temperature(21, 2));
  await publish(device, [first, second]);
  await delivered();
  const before = await readings(device);
  expect(before.map(({ gateway, sequence, value }) => [gateway, sequence, value])).toEqual([
    [GATEWAY, 1, 20],
    [GATEWAY, 2, 21],
  ]);

  const other = await coreGateway("gw-second");
  const contradiction = buildStatement({
    signer: device.signer,
    iss: `urn:dev:os:32473-${device.id}`,
    sub: `${BUILDING}/lab`,
    issuedAt: START,
    sequence: 2,
    records: temperature(99, 2),
  });
  other.put(first, contradiction, device.sign(temperature(22, 3)));
  await other.send();
  await judged("gw-second", 4);
  expect(await refusedOf("gw-second")).toEqual([
    expect.objectContaining({ index: 1, standing: "duplicate", device: device.id, sequence: 1 }),
    expect.objectContaining({ index: 2, standing: "conflict", device: device.id, sequence: 2 }),
  ]);
  expect((await readings(device)).map(({ gateway, value }) => [gateway, value])).toEqual([
    [GATEWAY, 20],
    [GATEWAY, 21],
    ["gw-second", 22],
  ]);

  // Both statements under the one number can be shown to anybody: the device signed two.
  const policy = await (await fetch(`${fleet.ledgerUrl}/policy`)).text();
  const statements = new Set<string>();
  for (const path of [`${GATEWAY}/${before[1]!.index}`, "gw-second/2"]) {
    const text = await (await fetch(`${fleet.ledgerUrl}/evidence/${path}`)).text();
    const { verdict, statement } = verifyEvidence(text, { policy });
    expect(verdict).toBe("verified");
    expect(statement!.sequence).toBe(2);
    statements.add(toHex(statement!.bytes));
  }
  expect(statements.size).toBe(2);

  // The building's own gateway refuses the contradiction at the door.
  await publish(device, [contradiction, second]);
  expect(await gatewayQuarantine(device)).toEqual([
    expect.objectContaining({ reason: "conflict", sequence: 2 }),
  ]);
});

test("a gateway that could not hear of a revocation admits; the ledger counts none of it; then it refuses", async () => {
  const device = fleet.devices[4]!;
  const steady = fleet.devices[5]!;
  await knowsAll();
  const known = (await gatewayHealth()).registry.counter;
  await publish(device, [device.sign(temperature(20, 1))]);
  await delivered();

  // The ledger leaves the address that the gateway knows; on another one its operator revokes the key.
  await fleet.ledger.stop();
  const elsewhere = await startProduct(["ledger", "--data", fleet.data, "--port", "0"]);
  const revoked = await runProduct([
    ...["device", "revoke", "--device", device.id, "--reason", "stolen", "--json"],
    ...["--data", fleet.data, "--ledger", String(elsewhere.ready.url)],
  ]);
  expect(`${revoked.code} ${revoked.stderr}`).toMatch(/^0 /);
  await elsewhere.stop();

  const late = [device.sign(temperature(66, 2)), device.sign(temperature(67, 3))];
  await publish(device, late);
  await publish(steady, [steady.sign(temperature(25, 2))]);
  expect(await gatewayQuarantine(device)).toEqual([]);
  expect((await gatewayHealth()).registry.counter).toBe(known);

  await fleet.restartLedger();
  await delivered();
  const standing = (await refusedOf(GATEWAY)).filter((entry) => entry.device === device.id);
  expect(standing.map((entry) => [entry.standing, entry.sequence])).toEqual([
    ["revoked-key", 2],
    ["revoked-key", 3],
  ]);
  expect((await readings(device)).map(({ value }) => value)).toEqual([20]);
  expect((await readings(steady)).map(({ value }) => value)).toEqual([25]);
  const evidence = await fetch(`${fleet.ledgerUrl}/evidence/${GATEWAY}/${standing[0]!.index}`);
  expect(await evidence.json()).toMatchObject({ code: "evidence.revoked-key" });

  await until(
    "the gateway has heard of it",
    async () => (await gatewayHealth()).registry.counter > known,
    SYNC_MS_MAX,
  );
  await publish(device, [device.sign(temperature(68, 4))]);
  expect(await gatewayQuarantine(device)).toEqual([
    expect.objectContaining({ reason: "revoked-key", sequence: 4 }),
  ]);
  const devices = await ledger<{ items: { id: string; status: string }[] }>("/api/v1/devices");
  expect(devices.items.find(({ id }) => id === device.id)).toMatchObject({ status: "revoked" });
  expect((await readings(device)).map(({ value }) => value)).toEqual([20]);
}, 240_000);

test("the figures of a ledger whose read model was deleted are the same again", async () => {
  const whole = async () => ({
    gateways: await ledger("/api/v1/gateways"),
    quarantine: await ledger("/api/v1/quarantine?limit=1000"),
    readings: await Promise.all(fleet.devices.map(readings)),
  });
  await fleet.gateway.stop();
  const before = await whole();
  const { size } = await ledger<{ size: number }>("/api/v1/ledger");
  await fleet.ledger.stop();
  for (const name of ["read-model.duckdb", "read-model.duckdb.wal"])
    await rm(join(fleet.data, "ledger", name), { force: true });
  await fleet.restartLedger();
  await until("the read model is rebuilt", async () => {
    return (await ledger<{ applied: number }>("/api/v1/ledger")).applied === size;
  });
  expect(await whole()).toEqual(before);
}, 120_000);
