// The read model over a small ledger: every standing, each counted once, late archives, restarts and rebuilds.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildAccessEvent, buildState, buildStatement, type SenmlRecord } from "@muniment/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MemorySources, signerNamed, urnOf } from "./memory-sources.ts";
import { personsByDay } from "./queries/persons.ts";
import { quarantined } from "./queries/standing.ts";
import { createReadModel, type ReadModel } from "./read-model.ts";
import { STANDINGS } from "./standing.ts";

const start = Date.UTC(2026, 0, 5);
const opened: ReadModel[] = [];
let folder: string;
let world: MemorySources;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-read-model-"));
  world = new MemorySources(start);
  world.building("b1");
  world.building("b2");
  world.gateway("gw-1", "b1");
  world.gateway("gw-2", "b1");
  world.gateway("gw-b2", "b2");
  world.device("meter", "b1", [{ name: "energy", unit: "J", kind: "interval", interval: 900 }]);
  world.device("room", "b1/floor-1/room-2", [
    { name: "temp", unit: "Cel", kind: "gauge", interval: 60 },
  ]);
  world.device("door", "b1/floor-1", [{ name: "badge", unit: "count", kind: "event" }]);
});

afterEach(async () => {
  for (const model of opened.splice(0)) await model.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(path = ":memory:"): Promise<ReadModel> {
  const model = await createReadModel({
    consensus: world.ledger,
    archive: world.archive,
    path,
    workers: 0,
  });
  opened.push(model);
  return model;
}

function say(
  device: string,
  sequence: number,
  value: number,
  change: Partial<{
    iss: string;
    sub: string;
    issuedAt: number;
    signer: string;
    name: string;
    unit: string;
  }> = {},
): Uint8Array {
  const known: Record<string, { sub: string; name: string; unit: string }> = {
    meter: { sub: "b1", name: "energy", unit: "J" },
    room: { sub: "b1/floor-1/room-2", name: "temp", unit: "Cel" },
  };
  const { sub, name, unit } = known[device] ?? { sub: "b1", name: "x", unit: "J" };
  const issuedAt = change.issuedAt ?? start / 1000 + sequence * 900;
  const records: SenmlRecord[] = [
    { name: change.name ?? name, unit: change.unit ?? unit, value, time: issuedAt },
  ];
  return buildStatement({
    signer: signerNamed(change.signer ?? device),
    iss: change.iss ?? urnOf(device),
    sub: change.sub ?? sub,
    issuedAt,
    sequence,
    records,
  });
}

async function standings(
  model: ReadModel,
): Promise<readonly (readonly [gateway: number, index: number, standing: string])[]> {
  const rows = await model.store.query("SELECT gateway, idx, standing FROM entries ORDER BY rowid");
  return rows.map(
    ({ gateway, idx, standing }) =>
      [Number(gateway), Number(idx), STANDINGS[Number(standing)]!] as const,
  );
}

const flat = (rows: readonly (readonly [number, number, string])[], gateway: number): string[] =>
  rows.filter(([no]) => no === gateway).map(([, , standing]) => standing);

test("gives every entry its standing", async () => {
  const flipped = say("meter", 2, 2).slice();
  flipped[flipped.length - 1]! ^= 1;
  world.anchor("gw-1", [
    say("meter", 1, 100),
    flipped,
    new Uint8Array([1, 2, 3]),
    say("stranger", 1, 1),
    say("meter", 2, 5, { iss: urnOf("room") }),
    say("meter", 2, 5, { sub: "b1/floor-1" }),
    say("meter", 2, 5, { name: "power" }),
    say("meter", 2, 5, { unit: "W" }),
    say("meter", 1, 100),
    say("meter", 1, 101),
    say("gw-1", 9, 1),
    say("meter", 4, 400),
    say("meter", 3, 300),
  ]);
  world.anchor("gw-b2", [say("meter", 5, 500)]);
  world.anchor("gw-2", [say("meter", 4, 400), say("meter", 5, 501)]);
  const model = await open();
  await model.caughtUp();
  const rows = await standings(model);
  expect(flat(rows, 1)).toEqual([
    "genesis",
    "counted",
    "bad-signature",
    "malformed",
    "unknown-key",
    "wrong-device",
    "wrong-device",
    "unknown-point",
    "unknown-point",
    "duplicate",
    "conflict",
    "unknown-key",
    "counted",
    "late",
  ]);
  expect(flat(rows, 3)).toEqual(["genesis", "wrong-building"]);
  // What another building's gateway anchored never counted, so the right one still may.
  expect(flat(rows, 2)).toEqual(["genesis", "duplicate", "counted"]);
  const samples = await model.store.query("SELECT v, flags FROM samples ORDER BY rowid");
  expect(samples.map(({ v, flags }) => [v, flags])).toEqual([
    [100, 0],
    [400, 0],
    [300, 1],
    [501, 0],
  ]);
  const shown = await quarantined(model.store, 3, null, null);
  expect(shown.map(({ index, standing }) => [index, standing])).toEqual([
    [2, "bad-signature"],
    [3, "malformed"],
    [4, "unknown-key"],
  ]);
  const last = shown.at(-1)!;
  const more = await quarantined(model.store, 100, [last.ledger, last.index], null);
  expect(more).toHaveLength(8 + 1 + 1 - 1);
  expect((await quarantined(model.store, 9, null, "late")).map(({ index }) => index)).toEqual([13]);
});

test("a revoked key counts for nothing after, a rotated one for what it signed before", async () => {
  world.anchor("gw-1", [say("meter", 1, 1), say("room", 1, 20)]);
  const end = start + 7_200_000;
  world.retire("meter", "revoked", "b1", end);
  world.retire("room", "rotated", "b1", end + 1);
  world.anchor("gw-1", [
    say("meter", 2, 2, { issuedAt: end / 1000 - 60 }),
    say("room", 2, 21, { issuedAt: end / 1000 - 60 }),
    say("room", 3, 22, { issuedAt: end / 1000 + 60 }),
  ]);
  const model = await open();
  await model.caughtUp();
  expect(flat(await standings(model), 1)).toEqual([
    "genesis",
    "counted",
    "counted",
    "revoked-key",
    "counted",
    "revoked-key",
  ]);
});

test("access events count whether or not their bodies are kept, and the bodies tell how many came", async () => {
  const event = (sequence: number, badge: number, time = start / 1000) =>
    buildAccessEvent({
      signer: signerNamed("door"),
      iss: urnOf("door"),
      sub: "b1/floor-1",
      issuedAt: time,
      sequence,
      records: [{ name: "badge", value: new Uint8Array(16).fill(badge), time }],
      salt: new Uint8Array(16).fill(sequence),
    });
  const evening = start / 1000 + 20 * 3_600;
  const kept = [event(1, 1), event(2, 2), event(3, 1), event(5, 9, evening + 86_400)];
  for (const { body } of kept) world.keepBody(body);
  const lost = event(6, 3);
  // The same event through another gateway is a duplicate, and so is who came.
  world.anchor(
    "gw-1",
    [...kept, lost].map(({ statement }) => statement),
  );
  world.anchor("gw-2", [kept[0]!.statement]);
  const model = await open();
  await model.caughtUp();
  const all = flat(await standings(model), 1);
  expect(all.filter((standing) => standing === "counted")).toHaveLength(5);
  expect(await quarantined(model.store, 9, null, "duplicate")).toHaveLength(1);
  expect(await model.store.query("SELECT * FROM samples")).toEqual([]);
  const week = { from: start, to: start + 7 * 86_400_000 };
  const days = () => personsByDay(model.store, model.registry(), "b1", week);
  const [first, second] = ["2026-01-05", "2026-01-06"];
  expect(await days()).toEqual([
    { date: first, persons: 2, source: "badges" },
    { date: second, persons: 1, source: "badges" },
  ]);
  expect(await personsByDay(model.store, model.registry(), "b2", week)).toEqual([]);

  world.dispose("b1", first, 2);
  await model.caughtUp();
  expect(await days()).toEqual([
    { date: first, persons: 2, source: "disposition" },
    { date: second, persons: 1, source: "badges" },
  ]);
  expect(await model.store.query("SELECT DISTINCT date FROM persons")).toEqual([{ date: second }]);
  // What comes in after a disposition adds where it is more, and is told from what was written down by nothing else.
  const late = [event(7, 4), event(8, 5), event(9, 6)];
  for (const { body } of late) world.keepBody(body);
  world.anchor(
    "gw-1",
    late.map(({ statement }) => statement),
  );
  await model.caughtUp();
  expect((await days())[0]).toEqual({ date: first, persons: 3, source: "disposition" });
  world.dispose("b1", first, 3);
  world.dispose("b1", second, 1);
  await model.caughtUp();
  const fresh = await open();
  await fresh.caughtUp();
  expect(await everything(fresh)).toEqual(await everything(model));
  expect(await days()).toEqual([
    { date: first, persons: 3, source: "disposition" },
    { date: second, persons: 1, source: "disposition" },
  ]);
});

test("waits for the archive, in ledger order", async () => {
  const model = await open();
  await model.caughtUp();
  world.holdBack = true;
  world.anchor("gw-1", [say("meter", 1, 1)]);
  world.building("b3");
  await new Promise((resolve) => setImmediate(resolve));
  expect(model.applied().next).toBe(world.ledger.head().size - 2);
  world.publish();
  await model.caughtUp();
  expect(model.applied().next).toBe(world.ledger.head().size);
  expect(model.registry().buildings.has("b3")).toBe(true);
});

/** Every derived table, in an order that does not depend on how it was filled. */
async function everything(model: ReadModel): Promise<unknown> {
  const tables = [
    "persons",
    "dispositions",
    ...["cursor", "names", "points", "entries", "samples", "transactions"],
    ...["clockless", "device_says"],
  ];
  const dump = await Promise.all(
    tables.map((table) => model.store.query(`SELECT * FROM ${table} ORDER BY ALL`)),
  );
  return [
    ...dump,
    await model.store.query("SELECT * FROM hourly ORDER BY point, hour"),
    await model.store.query("SELECT key, time FROM registry ORDER BY key"),
  ];
}

/** From a door that has no clock: its state, or that it opened. */
function clocklessState(sequence: number): Uint8Array {
  const head = { signer: signerNamed("door"), iss: urnOf("door"), sub: "b1/floor-1", issuedAt: 0 };
  return sequence % 40 === 1
    ? buildState({ ...head, sequence, state: { state: "ready", uptime: sequence } })
    : buildStatement({
        ...{ ...head, sequence },
        records: [{ name: "badge", unit: "count", value: 1, time: 0 }],
      });
}

test("restarts, a deleted file and one pass from scratch all give the same", async () => {
  const path = join(folder, "read-model.duckdb");
  let sequence = 0;
  const grow = (): void => {
    const batch = Array.from({ length: 40 }, (_, i) =>
      say("meter", sequence + i + 1, (sequence + i) * 10),
    );
    // Every batch also brings old news: a duplicate and a conflict of the first batch, from before any restart.
    world.anchor("gw-1", [
      ...batch,
      say("meter", 2, 10),
      say("meter", 3, 11),
      say("room", 1000 - sequence, 20),
      // A device without a clock, which says how it does, too.
      ...[1, 2].map((n) => clocklessState(sequence + n)),
    ]);
    sequence += 40;
  };
  for (let round = 0; round < 3; round += 1) {
    const model = await open(path);
    grow();
    await model.caughtUp();
    grow();
    await model.caughtUp();
    await model.close();
    opened.pop();
  }
  const followed = await open(path);
  await followed.caughtUp();
  const fresh = await open();
  await fresh.caughtUp();
  expect(await everything(followed)).toEqual(await everything(fresh));
  const counts = flat(await standings(fresh), 1).filter(
    (standing) => standing === "counted",
  ).length;
  expect(counts).toBe(sequence + 1 + 2 * 6);
  expect(await fresh.store.query("SELECT count(*) AS n FROM clockless")).toEqual([{ n: 6 }]);
  const before = await everything(followed);
  await followed.close();
  opened.splice(opened.indexOf(followed), 1);
  await rm(path);
  const rebuilt = await open(path);
  await rebuilt.caughtUp();
  expect(await everything(rebuilt)).toEqual(before);
});

test("a file of another ledger, or no database at all, is rebuilt", async () => {
  const path = join(folder, "read-model.duckdb");
  const { writeFile } = await import("node:fs/promises");
  await writeFile(path, "not a database");
  const model = await open(path);
  await model.caughtUp();
  expect(model.applied().next).toBe(world.ledger.head().size);
  await model.close();
  opened.pop();
  world = new MemorySources(start + 1);
  world.building("other");
  const other = await open(path);
  await other.caughtUp();
  expect([...other.registry().buildings.keys()]).toEqual(["other"]);
});

test("a failing archive is tried again, and nothing is counted twice", async () => {
  const model = await open();
  await model.caughtUp();
  const { entries } = world.archive;
  let failures = 0;
  (world.archive as { entries: typeof entries }).entries = async (...range) => {
    failures += 1;
    if (failures === 1) throw new Error("disk on fire");
    return entries(...range);
  };
  world.anchor("gw-1", [say("meter", 1, 1)]);
  await expect(model.caughtUp()).rejects.toThrow("disk on fire");
  await new Promise<void>((resolve) => {
    const stop = model.onApplied(() => {
      stop();
      resolve();
    });
  });
  expect(model.failure()).toBeNull();
  expect(flat(await standings(model), 1)).toEqual(["genesis", "counted"]);
});
