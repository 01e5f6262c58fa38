// Retention over solo consensus and real folders: the clock, holds, what the disposition says, and death at every step.

import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  bodiesHash,
  buildAccessEvent,
  buildTransaction,
  decodeLedgerEntry,
  type Encodable,
  parseTransaction,
  readDisposition,
  type Signer,
  sha256,
  signerFromSeed,
  utf8,
} from "@muniment/core";
import { SealingKeys } from "@muniment/core/files";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Archive } from "../archive/archive.ts";
import { Bodies, type BodyDay } from "../archive/bodies.ts";
import { openArchive } from "../archive/directory-archive.ts";
import { openMemoryStorage } from "../archive/memory-storage.ts";
import type { Consensus } from "../consensus/consensus.ts";
import { openSolo } from "../consensus/open-solo.ts";
import { AnchorIndex } from "../evidence/anchor-index.ts";
import { readAnchor } from "../evidence/anchored.ts";
import { createGenesis } from "../genesis.ts";
import { Intake } from "../intake/intake.ts";
import { MemoryGateway } from "../intake/memory-gateway.ts";
import { Retention } from "./retention.ts";

const ORIGIN = "ledger.example/retention";
const key = (name: string): Signer => signerFromSeed(sha256(utf8(`retention test ${name}`)));
const operator = key("operator");
const archivist = key("archivist");
const keys = { log: key("log"), cosigner: key("cosigner") };
const genesis = createGenesis({
  origin: ORIGIN,
  time: Date.parse("2026-01-01T00:00:00Z"),
  operators: [{ name: "operator", key: operator.publicKey }],
  archivists: [{ name: "v1", key: archivist.publicKey }],
  validators: [
    {
      name: "v1",
      log: keys.log.publicKey,
      cosigner: keys.cosigner.publicKey,
      archive: key("archive").publicKey,
    },
  ],
  policy: {},
});

let folder: string;
let now: number;
let sequence: number;
let consensus: Consensus;
let anchors: AnchorIndex;
let bodies: Bodies;
let archive: Archive;
let intake: Intake;
let retention: Retention;
let gateway: MemoryGateway;
let anchored: number;
const storage = { current: openMemoryStorage() };
const clock = { now: () => now };
/** What the read model would say. */
const persons = new Map<string, number>();

async function open(bodyFolder = "bodies"): Promise<void> {
  consensus = await openSolo({ directory: join(folder, "ledger"), genesis, keys, clock });
  anchors = await AnchorIndex.open(consensus, join(folder, "anchors"));
  bodies = await Bodies.open(join(folder, bodyFolder), new SealingKeys(join(folder, "keys")));
  const name = `${ORIGIN}/archive/v1`;
  archive = await openArchive({ storage: storage.current, bodies, signer: key("archive"), name });
  const anchoredAt = async (id: string, size: number) => {
    const index = await anchors.at(id, size);
    return index === null ? null : readAnchor(consensus, index);
  };
  intake = new Intake({ consensus, archive, clock, anchoredAt });
  retention = makeRetention();
}

function makeRetention(over: { readonly bodies?: Bodies; readonly signer?: Signer } = {}) {
  return new Retention({
    ...{ consensus, archive, bodies, clock, signer: archivist },
    persons: async ({ date }) => persons.get(date) ?? null,
    whileIdle: (id, work) => intake.whileIdle(id, work),
    ...over,
  });
}

async function close(): Promise<void> {
  await retention.settled();
  await anchors.close();
  await bodies.close();
  await consensus.close();
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-retention-"));
  now = Date.parse("2026-02-01T12:00:00Z");
  sequence = 0;
  anchored = 0;
  persons.clear();
  storage.current = openMemoryStorage();
  await open();
  await operate("building.register", { building: "b1", name: "Hall", zone: "America/New_York" });
  gateway = new MemoryGateway("gw-1", "b1", ORIGIN);
  const { publicKey } = gateway.signer;
  const logKey = gateway.logSigner.publicKey;
  await operate("gateway.enrol", { gateway: "gw-1", building: "b1", key: publicKey, logKey });
});
afterEach(async () => {
  await close();
  await rm(folder, { recursive: true, force: true });
});

async function operate(
  kind: string,
  body: { readonly [field: string]: Encodable },
): Promise<number> {
  sequence += 1;
  const signer = operator;
  const answer = await consensus.submit(
    buildTransaction({ ledger: ORIGIN, kind, sequence, body, signer }),
  );
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`);
  return answer.index;
}

const policy = (days: number, citation = "GRS 5.6", from = 0) =>
  operate("policy.set", { name: "retention.access", from, value: { days }, citation });

let events = 0;
/** Somebody comes in at a time. */
function event(time: string) {
  events += 1;
  const issuedAt = Date.parse(time) / 1000;
  return buildAccessEvent({
    ...{ signer: key("door"), iss: "urn:dev:os:32473-door", sub: "b1", issuedAt },
    sequence: events,
    records: [{ name: "in", value: sha256(utf8(time)).slice(0, 16), time: issuedAt }],
    salt: sha256(utf8(`salt ${events}`)).slice(0, 16),
  });
}

/** Logs what came, with other entries between, and has it anchored; gives the indices of the events. */
async function deliver(...came: readonly ReturnType<typeof event>[]): Promise<number[]> {
  const indices = came.map(({ statement }) => {
    gateway.add(utf8(`a reading before ${gateway.size}`), statement);
    return gateway.size - 1;
  });
  const request = gateway.request(
    anchored,
    gateway.size,
    came.map(({ body }) => body),
  );
  expect(await intake.acceptBatch("gw-1", request)).toMatchObject({ ok: true });
  anchored = gateway.size;
  return indices;
}

const at = (index: number) => archive.body({ gateway: "gw-1", index });

async function dispositionAt(index: number) {
  const entry = await consensus.entry(index);
  return readDisposition(parseTransaction(decodeLedgerEntry(entry!.leaf).transaction).body);
}

async function days(): Promise<BodyDay[]> {
  const found: BodyDay[] = [];
  for await (const day of bodies.days()) found.push(day);
  return found;
}

test("without a policy nothing is ever destroyed", async () => {
  await deliver(event("2020-01-01T12:00:00Z"));
  expect(await retention.run()).toEqual({
    ...{ policy: null, dispositions: [], bodies: 0, kept: 1, held: [], refused: [] },
  });
  expect(await at(2)).not.toBeNull();
});

test("a day goes when its clock runs out in the building's own time, and says what went", async () => {
  await policy(10);
  const came = ["2026-01-19T15:00:00Z", "2026-01-20T04:59:59Z", "2026-01-20T05:00:00Z"].map(event);
  const indices = await deliver(...came);
  persons.set("2026-01-19", 2);
  // The 19th ends at 05:00 UTC of the 20th; ten days later to the millisecond.
  now = Date.parse("2026-01-30T05:00:00Z") - 1;
  // Block time never goes back, but nothing was committed since the start of the test.
  expect((await retention.run()).dispositions).toEqual([]);
  now += 1;
  const report = await retention.run();
  expect(report).toMatchObject({ bodies: 2, kept: 1, held: [], refused: [] });
  expect(await dispositionAt(report.dispositions[0]!)).toEqual({
    ...{ building: "b1", day: "2026-01-19", gateway: "gw-1", persons: 2 },
    ...{ entries: [indices[0], 1, 1, 1], count: 2, from: 0, citation: "GRS 5.6" },
    bodies: bodiesHash(came.slice(0, 2).map(({ body }) => sha256(body))),
  });
  expect(await Promise.all(indices.map(at))).toEqual([null, null, expect.anything()]);
  const withheld = indices.map((index) => archive.withheldBy({ gateway: "gw-1", index }));
  expect(await Promise.all(withheld)).toEqual([
    ...[report.dispositions[0], report.dispositions[0], null],
  ]);
  expect(await new SealingKeys(join(folder, "keys")).names()).toEqual(["b1/2026-01-20"]);
  expect(await retention.run()).toMatchObject({ bodies: 0, dispositions: [] });
});

test("a hold stops the clock until it is released; a longer policy does too", async () => {
  await policy(1);
  await deliver(event("2026-01-05T12:00:00Z"), event("2026-01-06T12:00:00Z"));
  await operate("hold.place", {
    ...{ hold: "case-7", building: "b1", from: "2026-01-06", to: "2026-01-06", reason: "a case" },
  });
  expect(await retention.run()).toMatchObject({
    bodies: 1,
    held: [{ building: "b1", date: "2026-01-06", hold: "case-7" }],
  });
  await operate("hold.release", { hold: "case-7" });
  await policy(60, "GRS 5.6 item 090", now - 1);
  expect(await retention.run()).toMatchObject({ bodies: 0, kept: 1, policy: { days: 60 } });
  now = Date.parse("2026-03-09T00:00:00Z");
  const report = await retention.run();
  expect(await dispositionAt(report.dispositions[0]!)).toMatchObject({
    citation: "GRS 5.6 item 090",
  });
});

test("what comes in late, on a day that is disposed of, is disposed of by itself", async () => {
  await policy(1);
  await deliver(event("2026-01-05T12:00:00Z"));
  persons.set("2026-01-05", 1);
  const first = await retention.run();
  const [late] = await deliver(event("2026-01-05T13:00:00Z"));
  const second = await retention.run();
  expect(second.dispositions).toHaveLength(1);
  expect(await archive.withheldBy({ gateway: "gw-1", index: late! })).toBe(second.dispositions[0]);
  expect(await archive.withheldBy({ gateway: "gw-1", index: 2 })).toBe(first.dispositions[0]);
  expect(await days()).toEqual([]);
});

test("a day without a readable body has no number of persons, one that nobody counts in has none", async () => {
  await policy(1);
  await deliver(event("2026-01-05T12:00:00Z"), event("2026-01-06T12:00:00Z"));
  await new SealingKeys(join(folder, "keys")).destroy("b1/2026-01-05");
  await close();
  await open();
  const { dispositions } = await retention.run();
  const told = await Promise.all(dispositions.map(dispositionAt));
  expect(told.map((one) => [one.day, one.persons])).toEqual([
    ["2026-01-05", null],
    ["2026-01-06", 0],
  ]);
});

test("bodies of a batch that was never anchored go with their day, and the batch with them", async () => {
  await policy(1);
  await deliver(event("2026-01-05T12:00:00Z"));
  const { statement, body } = event("2026-01-05T14:00:00Z");
  gateway.add(statement);
  const { root, checkpoint } = { root: gateway.root(), checkpoint: gateway.note() };
  const day = { building: "b1", date: "2026-01-05" };
  await archive.stage({
    ...{ gateway: "gw-1", from: anchored, size: gateway.size, root, checkpoint },
    entries: [statement],
    bodies: [{ ...day, gateway: "gw-1", index: anchored, body }],
  });
  expect(await retention.run()).toMatchObject({ bodies: 1 });
  expect(await days()).toEqual([]);
  expect(await archive.staged()).toEqual([]);
  // The gateway sends it again: then it is anchored, and disposed of like any other.
  const request = gateway.request(anchored, gateway.size, [body]);
  expect(await intake.acceptBatch("gw-1", request)).toMatchObject({ ok: true });
  expect(await retention.run()).toMatchObject({ bodies: 1 });
});

test("a key that may not dispose destroys nothing", async () => {
  await policy(1);
  await deliver(event("2026-01-05T12:00:00Z"));
  const report = await makeRetention({ signer: key("nobody") }).run();
  expect(report.refused).toMatchObject([{ date: "2026-01-05", code: "tx.unknown-key" }]);
  expect(await at(2)).not.toBeNull();
  expect(await makeRetention({ signer: operator }).run()).toMatchObject({ refused: [] });
});

test("a restored folder of bodies destroys again what the log says, and needs no key to do so", async () => {
  await policy(1);
  await deliver(event("2026-01-05T12:00:00Z"), event("2026-02-01T11:00:00Z"));
  await close();
  await cp(join(folder, "bodies"), join(folder, "backup"), { recursive: true });
  await open();
  const [entry] = (await retention.run()).dispositions;
  await close();
  await open("backup");
  expect(await days()).toHaveLength(2);
  await retention.apply();
  expect(await days()).toEqual([{ building: "b1", date: "2026-02-01" }]);
  expect(await archive.withheldBy({ gateway: "gw-1", index: 2 })).toBe(entry);
});

test("death at any step: the next run ends as if nothing had happened", async () => {
  await policy(1);
  const steps = ["places", "read", "destroy", "setApplied"] as const;
  for (const [day, step] of steps.entries()) {
    const indices = await deliver(
      ...Array.from({ length: 5 }, (_, i) => event(`2026-01-0${day + 1}T1${i}:00:00Z`)),
    );
    for (let calls = 0; ; calls++) {
      await close();
      await open();
      // Once a trial got as far as the disposition, the next ones only finish the destruction.
      let count = 0;
      const dying = new Proxy(bodies, {
        get(target, name) {
          const value = Reflect.get(target, name) as unknown;
          if (typeof value !== "function") return value;
          return (...args: unknown[]) => {
            if (name === step && count++ === calls) throw new Error("died");
            return (value as (...all: unknown[]) => unknown).apply(target, args);
          };
        },
      });
      const died = await makeRetention({ bodies: dying })
        .run()
        .then(
          () => false,
          () => true,
        );
      if (!died) break;
      expect(calls).toBeLessThan(20);
    }
    await close();
    await open();
    await retention.run();
    expect(await Promise.all(indices.map(at))).toEqual(indices.map(() => null));
    expect(await days()).toEqual([]);
  }
  // One disposition a day, however often the runs died.
  let count = 0;
  for await (const { leaf } of consensus.entries(1, consensus.head().size))
    if (parseTransaction(decodeLedgerEntry(leaf).transaction).kind === "disposition") count += 1;
  expect(count).toBe(steps.length);
});

test("a big day takes several entries, none above the limit", async () => {
  await policy(1);
  // As the archive would have them, without sending 20,000 statements through intake.
  const one = event("2026-01-05T12:00:00Z");
  const size = 40_001;
  const places = Array.from({ length: 20_000 }, (_, i) => ({ gateway: "gw-1", index: 2 * i + 1 }));
  const big = new Proxy(archive, {
    get(target, name) {
      if (name === "size") return () => size;
      if (name === "entries")
        return async (_: string, from: number, to: number) =>
          Array.from({ length: to - from }, () => one.statement);
      return Reflect.get(target, name) as unknown;
    },
  });
  const day = { building: "b1", date: "2026-01-05" };
  await bodies.add(places.map((place) => ({ ...place, ...day, body: one.body })));
  const sent: Uint8Array[] = [];
  const accepting = new Proxy(consensus, {
    get(target, name) {
      if (name !== "submit") {
        const value = Reflect.get(target, name) as unknown;
        return typeof value === "function" ? value.bind(target) : value;
      }
      return async (transaction: Uint8Array) => {
        sent.push(transaction);
        return { ok: true, index: sent.length, height: 1, time: now, duplicate: false };
      };
    },
  });
  await new Retention({
    ...{ consensus: accepting, archive: big, bodies, clock, signer: archivist },
    persons: async () => 900,
    whileIdle: async () => undefined,
  }).run();
  const told = sent.map((bytes) => readDisposition(parseTransaction(bytes).body));
  expect(told.map(({ count }) => count)).toEqual([8_192, 8_192, 3_616]);
  expect(Math.max(...sent.map(({ length }) => length))).toBeLessThan(61_440);
});
