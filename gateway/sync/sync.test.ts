// Delivery and registry against a ledger with real proofs that lags, lies, forgets and forks (D14).

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  addSignature,
  cosign,
  encode,
  leafHash,
  makeVkey,
  parsePolicy,
  sha256,
  signCheckpoint,
  signerFromSeed,
  utf8,
} from "@muniment/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Alarms, createAlarms } from "../alarms.ts";
import { GatewayError } from "../errors.ts";
import { Fuse } from "../fuse.ts";
import { Dedup } from "../ingest/dedup.ts";
import { type Journal, openJournal } from "../journal/journal.ts";
import { type Log, openLog } from "../log/log.ts";
import { memoryLogFiles } from "../log/memory-log-files.ts";
import { memoryStore } from "../memory-store.ts";
import { memoryVault } from "../memory-vault.ts";
import { systemClock } from "../system-clock.ts";
import type { LedgerClient } from "./ledger-client.ts";
import { type LedgerView, openLedgerView } from "./ledger-view.ts";
import { MemoryLedger } from "./memory-ledger.ts";
import { openRegistry, type Registry } from "./registry.ts";
import { openSync, type Sync } from "./sync.ts";

const vault = memoryVault();

const signer = signerFromSeed(sha256(utf8("gateway key")));
const logSigner = signerFromSeed(sha256(utf8("log key")));
const deviceKey = (n: number) => signerFromSeed(sha256(utf8(`device ${n}`))).publicKey;
const ORIGIN = "ledger.test/gw/gw-1";

interface Disks {
  readonly files: Map<string, Uint8Array>;
  readonly state: Map<string, Uint8Array>;
  readonly bodies: Map<string, Uint8Array>;
}

interface Box {
  readonly log: Log;
  readonly journal: Journal;
  readonly sync: Sync;
  readonly registry: Registry;
  readonly view: LedgerView;
  readonly alarms: Alarms;
  readonly halted: () => boolean;
  readonly rebuilt: () => number;
  /** Admits a statement and closes a batch with it. */
  batch(...texts: string[]): Promise<void>;
  stop(): Promise<void>;
}

let directories: string[];
let boxes: Box[];
let ledger: MemoryLedger;
beforeEach(() => {
  directories = [];
  boxes = [];
  ledger = new MemoryLedger();
  ledger.enrolGateway("gw-1", "b1", signer.publicKey, logSigner.publicKey);
});
afterEach(async () => {
  for (const box of boxes) await box.stop();
  for (const directory of directories) await rm(directory, { recursive: true });
});

function disks(): Disks {
  return { files: new Map(), state: new Map(), bodies: new Map() };
}

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "muniment-sync-"));
  directories.push(directory);
  return directory;
}

async function open(
  client: LedgerClient,
  disk = disks(),
  directory?: string,
  fuse = new Fuse(),
): Promise<Box> {
  const state = memoryStore(disk.state, fuse);
  const journal = await openJournal({
    directory: directory ?? (await folder()),
    segmentBytesMax: 1 << 20,
    journalBytesMax: 1 << 26,
    vault,
  });
  const log = await openLog({
    origin: ORIGIN,
    signer: logSigner,
    genesis: utf8("genesis"),
    journal,
    files: memoryLogFiles(disk.files),
    state: memoryStore(disk.state),
    bodies: memoryStore(disk.bodies),
    windows: new Dedup(),
    limits: { batchCountMax: 100, batchBytesMax: 1 << 20, batchAgeMsMax: 1 },
    pruneFinal: false,
  });
  const view = await openLedgerView({
    state,
    policy: parsePolicy(ledger.policy()),
    genesisLeaf: leafHash(ledger.genesis),
    readTile: client.readTile,
  });
  const registry = await openRegistry({
    gateway: "gw-1",
    building: "b1",
    key: signer.publicKey,
    logKey: logSigner.publicKey,
    client,
    view,
    state,
  });
  const alarms = createAlarms(
    () => 0,
    () => {},
  );
  let halted = false;
  let rebuilt = 0;
  const sync = await openSync({
    terms: {
      gateway: "gw-1",
      ledger: ledger.origin,
      logKey: makeVkey(ORIGIN, 1, logSigner.publicKey),
      archives: [ledger.archive.publicKey],
      archivesNeeded: 1,
    },
    signer,
    log,
    client,
    view,
    registry,
    state,
    alarms,
    clock: systemClock,
    random: () => 0,
    limits: { answerMsMax: 5_000, backoffBaseMs: 1, backoffMsMax: 2 },
    registryPollMs: 60_000,
    onHalt: () => {
      halted = true;
    },
    onRebuilt: () => {
      rebuilt += 1;
    },
  });
  let sequence = 0;
  let stopped = false;
  const box: Box = {
    log,
    journal,
    sync,
    registry,
    view,
    alarms,
    halted: () => halted,
    rebuilt: () => rebuilt,
    async batch(...texts) {
      for (const text of texts) {
        sequence += 1;
        const record = {
          arrivedAt: 1,
          late: false,
          kid: sha256(utf8("kid")),
          sequence,
          statement: utf8(text),
          body: null,
        };
        const next = await journal.append(record);
        log.add({ record, leaf: leafHash(record.statement), next }, 1);
      }
      await log.closeBatch();
      sync.wake();
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      await sync.stop();
      await journal.close();
    },
  };
  boxes.push(box);
  return box;
}

/** Waits until it holds: sync runs beside the test. */
async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; !holds(); turns++) {
    if (turns > 5_000) throw new Error("it never came to hold");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const codes = (box: Box): string[] => box.alarms.list().map(({ code }) => code);

describe("sync", () => {
  it("drains the backlog, verifies each receipt, and keeps the proofs", async () => {
    const disk = disks();
    const box = await open(ledger.client(), disk);
    await box.batch("a", "b");
    await box.batch("c");
    box.sync.start();
    await until(() => box.sync.status().anchoredSize === 4);
    await box.batch("d");
    await until(() => box.sync.status().anchoredSize === 5);
    expect(box.sync.status()).toMatchObject({ receipts: 4, attempts: 4 });
    for (const size of [1, 3, 4, 5]) expect(await box.sync.receipt(size)).not.toBeNull();
    expect(await box.sync.receipt(2)).toBeNull();
    expect(Array.from(disk.state.keys()).filter((key) => key.startsWith("batch/"))).toEqual([]);
    expect(codes(box)).toEqual([]);
  });

  it("resumes after a stop, and sends nothing twice", async () => {
    const disk = disks();
    const directory = await folder();
    const first = await open(ledger.client(), disk, directory);
    await first.batch("a");
    first.sync.start();
    await until(() => first.sync.status().anchoredSize === 2);
    await first.stop();

    const second = await open(ledger.client(), disk, directory);
    expect(second.sync.status().anchoredSize).toBe(2);
    await second.batch("b");
    second.sync.start();
    await until(() => second.sync.status().anchoredSize === 3);
    expect(second.sync.status().attempts).toBe(1);
  });

  it("hears 'already' when an answer was lost, and goes on", async () => {
    let losses = 2;
    const client = ledger.client({
      async postBatch(gateway, request) {
        const answer = ledger.postBatch(gateway, request);
        if (losses-- > 0) throw new GatewayError("ledger.unreachable", "the answer was lost");
        return answer;
      },
    });
    const box = await open(client);
    await box.batch("a");
    const before = ledger.size;
    box.sync.start();
    await until(() => box.sync.status().anchoredSize === 2);
    expect(box.sync.status().attempts).toBe(4);
    expect(ledger.size).toBe(before + 2);
    await until(() => codes(box).length === 0);
  });

  it("takes a power cut between receipt and cursor for a lost answer", async () => {
    const disk = disks();
    const directory = await folder();
    for (const blow of ["failed", "failed-but-persisted"] as const) {
      for (let at = 1; at <= 6; at++) {
        const box = await open(ledger.client(), disk, directory, new Fuse(at, blow));
        await box.batch(`${blow} ${at}`);
        box.sync.start();
        await until(
          () => codes(box).length > 0 || box.sync.status().anchoredSize === box.log.size(),
        );
        await box.stop();
      }
    }
    const box = await open(ledger.client(), disk, directory);
    box.sync.start();
    await until(() => box.sync.status().anchoredSize === 13);
    expect(codes(box)).toEqual([]);
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ["is for another size", () => ledger.receipt("gw-1", 1)!],
    ["is not archived", () => ledger.receipt("gw-1", 2, { archived: "" })!],
    ["has changed effects", () => ledger.receipt("gw-1", 2, { effects: encode([]) })!],
    ["has another index", () => ledger.receipt("gw-1", 2, { index: 1 })!],
    ["has a changed leaf", () => ledger.receipt("gw-1", 2, { leaf: encode([1]) })!],
    ["is no CBOR", () => Uint8Array.of(255)],
  ])("does not believe a receipt that %s", async (_, forge) => {
    let lies = 3;
    const client = ledger.client({
      async postBatch(gateway, request) {
        const answer = ledger.postBatch(gateway, request);
        if (answer.type !== "receipt" || ledger.receipt("gw-1", 2) === null || lies-- <= 0)
          return answer;
        return { type: "receipt", bytes: forge(answer.bytes) };
      },
    });
    const box = await open(client);
    await box.batch("a");
    box.sync.start();
    await until(() => lies < 3);
    await until(() => box.sync.status().anchoredSize === 2);
    expect(lies).toBeLessThanOrEqual(0);
    expect(box.sync.status().attempts).toBe(5);
  });

  it("does not believe an archive line by another key, or a checkpoint without its quorum", async () => {
    const box = await open(ledger.client());
    await box.batch("a");
    const stranger = signerFromSeed(sha256(utf8("stranger")));
    let answers = 0;
    const forged = ledger.client({
      async postBatch(gateway, request) {
        ledger.postBatch(gateway, request);
        answers += 1;
        const size = ledger.receipt("gw-1", 2) === null ? 1 : 2;
        const note = (await box.log.batchFrom(size - 1))?.checkpoint ?? box.log.checkpoint();
        const line = cosign(note, { name: "ledger.test/archive/v1", signer: stranger, time: 1 });
        if (answers % 2 === 0)
          return {
            type: "receipt",
            bytes: ledger.receipt(gateway, size, { archived: addSignature(note, line) })!,
          };
        const bare = new TextDecoder().decode(ledger.receipt(gateway, size)!).includes("tlog-proof")
          ? bareProof(size)
          : "";
        return { type: "receipt", bytes: ledger.receipt(gateway, size, { proof: bare })! };
      },
    });
    const other = await open(forged);
    await other.batch("a");
    other.sync.start();
    await until(() => answers > 4);
    expect(other.sync.status().anchoredSize).toBe(0);
    expect(codes(other)).toContain("receipt.invalid");
    expect(codes(other).some((code) => code === "policy.quorum" || code === "policy.log")).toBe(
      true,
    );

    function bareProof(size: number): string {
      const text = new TextDecoder().decode(ledger.receipt("gw-1", size)!);
      const start = text.indexOf("c2sp.org/tlog-proof");
      const lines = text.slice(start).split("\n");
      const end = lines.findIndex((line) => line.startsWith("\u2014 ledger.test "));
      return `${lines.slice(0, end + 1).join("\n")}\n`;
    }
  });

  it("stops at a fork that its own key signed, and says so", async () => {
    const theirs = signCheckpoint(
      { origin: ORIGIN, size: 2, root: sha256(utf8("another history")) },
      logSigner,
    );
    let conflicts = 0;
    const client = ledger.client({
      async postBatch() {
        conflicts += 1;
        return { type: "conflict", theirs };
      },
    });
    const box = await open(client);
    await box.batch("a");
    box.sync.start();
    await until(() => box.halted());
    expect(box.sync.status().phase).toBe("forked");
    expect(codes(box)).toEqual(["log.forked"]);
    expect(box.alarms.list()[0]!.message).toContain(JSON.stringify(theirs));
    await box.batch("b");
    expect(conflicts).toBe(1);
  });

  it("takes a conflict that its key did not sign for a lying node", async () => {
    let lies = 3;
    const stranger = signerFromSeed(sha256(utf8("stranger")));
    const theirs = signCheckpoint({ origin: ORIGIN, size: 1, root: sha256(utf8("x")) }, stranger);
    const client = ledger.client({
      postBatch: async (gateway, request) =>
        lies-- > 0 ? { type: "conflict", theirs } : ledger.postBatch(gateway, request),
    });
    const box = await open(client);
    box.sync.start();
    await until(() => box.sync.status().anchoredSize === 1);
    expect(box.halted()).toBe(false);
  });

  it("rebuilds from the archive when it is behind its last anchor, and goes on", async () => {
    const newer = await open(ledger.client());
    await newer.batch("a", "b", "c");
    newer.sync.start();
    await until(() => newer.sync.status().anchoredSize === 4);

    const disk = disks();
    const directory = await folder();
    const restored = await open(ledger.client(), disk, directory);
    await restored.sync.look();
    expect(restored.log.checkpoint()).toBe(newer.log.checkpoint());
    expect(restored.sync.status()).toMatchObject({ anchoredSize: 4, phase: "idle" });
    expect(restored.rebuilt()).toBe(1);
    expect([restored.halted(), codes(restored)]).toEqual([false, []]);
    await restored.batch("d");
    restored.sync.start();
    await until(() => restored.sync.status().anchoredSize === 5);
    await restored.stop();
    const again = await open(ledger.client(), disk, directory);
    expect([again.log.size(), again.log.behind()]).toEqual([5, null]);
  });

  it("signs nothing while the archive cannot be read, over restarts too, and readings wait", async () => {
    const newer = await open(ledger.client());
    await newer.batch("a", "b", "c");
    newer.sync.start();
    await until(() => newer.sync.status().anchoredSize === 4);

    const disk = disks();
    const directory = await folder();
    let shown: (bytes: Uint8Array | null) => Uint8Array | null = () => null;
    const client = ledger.client({
      readArchive: async (gateway, path) => shown(ledger.readArchive(gateway, path)),
    });
    const restored = await open(client, disk, directory);
    await restored.sync.look();
    expect(codes(restored)).toEqual(["log.behind-anchor", "archive.invalid"]);
    await restored.batch("x");
    restored.sync.start();
    await restored.stop();

    const down = async (): Promise<never> => {
      throw new GatewayError("ledger.unreachable", "down");
    };
    const offline = await open(
      ledger.client({ registry: down, receipt: down, status: down, readArchive: down }),
      disk,
      directory,
    );
    await offline.sync.look();
    expect(codes(offline)).toContain("log.behind-anchor");
    await offline.batch("y");
    expect([offline.log.size(), offline.log.pending().count]).toEqual([1, 0]);
    await offline.stop();

    shown = (bytes) => {
      if (bytes !== null) bytes[bytes.length - 1]! ^= 1;
      return bytes;
    };
    const online = await open(client, disk, directory);
    online.sync.start();
    await until(() => codes(online).includes("archive.invalid"));
    expect(online.log.size()).toBe(1);
    shown = (bytes) => bytes;
    await until(() => online.sync.status().anchoredSize === 4);
    expect(online.log.pending().count).toBe(2);
    await online.log.closeBatch();
    online.sync.wake();
    await until(() => online.sync.status().anchoredSize === 6);
    expect([online.halted(), codes(online)]).toEqual([false, []]);
  });

  it("takes a power cut at each durable step of the rebuilding, and the next start ends it", async () => {
    const newer = await open(ledger.client());
    await newer.batch("a", "b", "c");
    await newer.batch("d");
    newer.sync.start();
    await until(() => newer.sync.status().anchoredSize === 5);
    for (const blow of ["failed", "failed-but-persisted"] as const) {
      for (let at = 1, cut = true; cut; at++) {
        const disk = disks();
        const directory = await folder();
        const fuse = new Fuse(at, blow);
        const box = await open(ledger.client(), disk, directory, fuse).catch(() => null);
        await box?.sync.look();
        cut = fuse.steps.length >= at;
        await box?.stop();
        const next = await open(ledger.client(), disk, directory);
        await next.sync.look();
        next.sync.start();
        await until(() => next.sync.status().anchoredSize === 5);
        expect([next.log.checkpoint(), codes(next)]).toEqual([newer.log.checkpoint(), []]);
        await next.stop();
      }
    }
  });

  it("finds the fork of a restored gateway that went on with other readings", async () => {
    const newer = await open(ledger.client());
    await newer.batch("a", "b");
    newer.sync.start();
    await until(() => newer.sync.status().anchoredSize === 3);
    const restored = await open(ledger.client());
    await restored.batch("x", "y", "z");
    restored.sync.start();
    await until(() => restored.halted());
    expect(codes(restored)).toContain("log.forked");
  });

  it("goes on when the ledger has the same history with another boundary", async () => {
    const newer = await open(ledger.client());
    await newer.batch("a");
    newer.sync.start();
    await until(() => newer.sync.status().anchoredSize === 2);
    const restored = await open(ledger.client());
    await restored.batch("a", "b");
    restored.sync.start();
    await until(() => restored.sync.status().anchoredSize === 3);
    expect(restored.halted()).toBe(false);
  });

  // A node says what it likes, so no code of its own may stop the gateway for good.
  it.each(["anchor.suspended", "log.behind-anchor", "log.forked"])(
    "tries a batch refused as %s again later: an operator may end the cause",
    async (code) => {
      let refusals = 2;
      const client = ledger.client({
        postBatch: async (gateway, request) =>
          refusals-- > 0
            ? { type: "refused", code, message: `${code}: no` }
            : ledger.postBatch(gateway, request),
      });
      const box = await open(client);
      box.sync.start();
      await until(() => box.sync.status().anchoredSize === 1);
      expect(refusals).toBeLessThanOrEqual(0);
      await until(() => codes(box).length === 0);
    },
  );
});

describe("the registry", () => {
  it("follows the feed, with proofs, and works offline from its cache", async () => {
    ledger.registerKey("d1", deviceKey(1));
    ledger.registerKey("d2", deviceKey(2));
    const disk = disks();
    const directory = await folder();
    const box = await open(ledger.client(), disk, directory);
    let changes = 0;
    box.registry.onChange(() => {
      changes += 1;
    });
    await box.registry.pull();
    expect(box.registry.counter()).toBe(2);
    expect(Array.from(box.registry.all(), ({ device }) => device)).toEqual(["d1", "d2"]);
    ledger.registerKey("d1", deviceKey(1), "revoked");
    await box.registry.pull();
    expect(Array.from(box.registry.all(), ({ status }) => status)).toEqual(["revoked", "active"]);
    await box.registry.pull();
    expect(changes).toBe(2);
    await box.stop();

    const down = async (): Promise<never> => {
      throw new GatewayError("ledger.unreachable", "down");
    };
    const offline = await open(
      ledger.client({ registry: down, postBatch: down, status: down }),
      disk,
      directory,
    );
    expect(offline.registry.counter()).toBe(3);
    await offline.sync.look();
    expect(codes(offline)).toEqual(["ledger.unreachable"]);
    expect(offline.halted()).toBe(false);
  });

  it("refuses a rolled back ledger", async () => {
    ledger.registerKey("d1", deviceKey(1));
    const size = ledger.size;
    let stale = false;
    const client = ledger.client({
      registry: async (gateway, from, since) =>
        stale
          ? ledger.registry(gateway, from, since, 1, size)
          : ledger.registry(gateway, from, since),
    });
    const box = await open(client);
    await box.registry.pull();
    ledger.registerKey("d2", deviceKey(2));
    await box.registry.pull();
    stale = true;
    await expect(box.registry.pull()).rejects.toMatchObject({ code: "registry.rollback" });
    expect(box.registry.counter()).toBe(2);
  });

  it("refuses a ledger that was forked, and one of another genesis", async () => {
    ledger.registerKey("d1", deviceKey(1));
    const box = await open(ledger.client());
    await box.registry.pull();
    const fork = new MemoryLedger();
    fork.enrolGateway("gw-1", "b1", signer.publicKey, logSigner.publicKey);
    fork.registerKey("evil", deviceKey(9));
    fork.registerKey("evil", deviceKey(8));
    const client = ledger.client({ registry: async (...ask) => fork.registry(...ask) });
    const disk = disks();
    const first = await open(ledger.client(), disk);
    await first.registry.pull();
    const second = await open(client, disk);
    await expect(second.registry.pull()).rejects.toMatchObject({ code: "registry.forked" });
  });

  it("finds out a node that hides a revocation, by the counter in the anchor", async () => {
    ledger.registerKey("d1", deviceKey(1));
    let hides = true;
    const client = ledger.client({
      registry: async (gateway, from, since) =>
        ledger.registry(gateway, from, since, hides ? 1 : ledger.counter),
    });
    const box = await open(client);
    await box.registry.pull();
    ledger.registerKey("d1", deviceKey(1), "revoked");
    await box.registry.pull();
    expect(box.registry.counter()).toBe(1);
    expect(codes(box)).toEqual([]);
    await box.batch("a");
    box.sync.start();
    await until(() => codes(box).includes("registry.withheld"));
    expect(box.registry.provenCounter()).toBe(2);
    hides = false;
    await box.sync.look();
    expect(codes(box)).toEqual([]);
    expect(box.registry.find(Buffer.from(sha256(utf8("none"))).toString("hex"))).toBeUndefined();
    expect(Array.from(box.registry.all(), ({ status }) => status)).toEqual(["revoked"]);
  });

  it("refuses a gap, a record without proof, and a feed that promises more than it shows", async () => {
    ledger.registerKey("d1", deviceKey(1));
    ledger.registerKey("d2", deviceKey(2));
    const gap = await open(
      ledger.client({ registry: async (gateway, _, since) => ledger.registry(gateway, 2, since) }),
    );
    await expect(gap.registry.pull()).rejects.toMatchObject({ code: "registry.gap" });
    const empty = await open(
      ledger.client({
        registry: async (gateway, _, since) => ledger.registry(gateway, 3, since, 2),
      }),
    );
    await expect(empty.registry.pull()).rejects.toMatchObject({ code: "registry.gap" });
    const flipped = await open(
      ledger.client({
        async registry(gateway, from, since) {
          const bytes = ledger.registry(gateway, from, since);
          const at = Buffer.from(bytes).indexOf("urn:dev:os:32473-d1");
          bytes[at + 5]! ^= 1;
          return bytes;
        },
      }),
    );
    await expect(flipped.registry.pull()).rejects.toMatchObject({ code: "registry.proof" });
  });

  it("refuses an enrolment of other keys, and another building's feed", async () => {
    const other = new MemoryLedger();
    other.enrolGateway("gw-1", "b1", deviceKey(7), logSigner.publicKey);
    const box = await open(other.client());
    await expect(box.registry.pull()).rejects.toMatchObject({ code: "registry.enrolment" });
    const elsewhere = new MemoryLedger();
    elsewhere.enrolGateway("gw-1", "b2", signer.publicKey, logSigner.publicKey);
    const moved = await open(elsewhere.client());
    await expect(moved.registry.pull()).rejects.toMatchObject({ code: "registry.enrolment" });
  });

  it("asks the next node when one hides records", async () => {
    ledger.registerKey("d1", deviceKey(1));
    let asked = 0;
    let honest = false;
    const client = ledger.client({
      nodes: 2,
      registry: async (gateway, from, since) => {
        asked += 1;
        return ledger.registry(gateway, from, since, honest ? 1 : 0);
      },
      distrust: () => {
        honest = true;
      },
    });
    const box = await open(client);
    box.registry.proven(1);
    await box.registry.pull();
    expect(asked).toBe(2);
    expect(box.registry.counter()).toBe(1);
  });
});
