// Solo consensus under failures: each durable step failed, and failed but persisted; then the whole log is verified (F5, F6).

import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex } from "@muniment/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accepted, checkWholeLog } from "../../test/conformance/consensus.suite.ts";
import {
  GENESIS_TIME,
  LedgerCast,
  testGenesis,
  testSigner,
  VALIDATOR,
} from "../../test/conformance/ledger-cast.ts";
import type { Files } from "../ports.ts";
import { BUSY, type Consensus, type Submission } from "./consensus.ts";
import { openDiskFiles } from "./disk-files.ts";
import { openSolo } from "./open-solo.ts";
import { Solo, type SoloPorts } from "./solo.ts";
import { stateHash } from "./state-hash.ts";
import { openStateStore, type StateStore } from "./state-store.ts";

const clock = { now: () => GENESIS_TIME + 60_000 };
let root: string;
let folders = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "muniment-solo-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const newFolder = () => join(root, `ledger-${folders++}`);
const open = (directory: string) =>
  openSolo({ directory, genesis: testGenesis(), keys: VALIDATOR, clock });

/** Counts durable steps, and fails one of them: before it happened, or after. */
class Fault {
  readonly #at: number;
  readonly #persisted: boolean;
  steps: string[] = [];

  constructor(at: number, persisted: boolean) {
    this.#at = at;
    this.#persisted = persisted;
  }

  async step(name: string, run: () => Promise<void>): Promise<void> {
    this.steps.push(name);
    if (this.steps.length !== this.#at) return run();
    if (this.#persisted) await run();
    throw new Error(`the disk failed at step ${this.#at}, ${name}`);
  }

  files(files: Files): Files {
    const write: Files["write"] = (path, bytes) => this.step(path, () => files.write(path, bytes));
    return {
      ...files,
      write,
      remove: (path) => this.step(`remove ${path}`, () => files.remove(path)),
    };
  }

  store(store: StateStore): StateStore {
    return { ...store, commit: (commit) => this.step("commit", () => store.commit(commit)) };
  }
}

/** Opens a folder over a failing disk. */
async function openOver(
  directory: string,
  fault: Fault,
  limits: SoloPorts["limits"] = {},
): Promise<Solo> {
  const store = await openStateStore(join(directory, "state"));
  const ports = {
    genesis: testGenesis(),
    keys: VALIDATOR,
    store: fault.store(store),
    logFiles: fault.files(openDiskFiles(join(directory, "log"))),
    signerFiles: fault.files(openDiskFiles(join(directory, "keys"))),
    clock,
    limits,
  };
  try {
    return await Solo.open(ports);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Every file of the log and the signer, by path. */
async function filesOf(directory: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const part of ["log", "keys"]) {
    for (const entry of await readdir(join(directory, part), {
      recursive: true,
      withFileTypes: true,
    })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      files.set(path.slice(directory.length), toHex(new Uint8Array(await readFile(path))));
    }
  }
  return files;
}

/** Hashes over the whole state and over every leaf with its effects. */
async function storedIn(ledger: Consensus): Promise<{ state: string; entries: string }> {
  const entries: [string, Uint8Array][] = [];
  for await (const { index, leaf, effects } of ledger.entries(0, ledger.head().size)) {
    entries.push([`leaf ${index}`, leaf], [`effects ${index}`, effects]);
  }
  return {
    state: toHex(await stateHash(ledger.range(""))),
    entries: toHex(await stateHash(entries)),
  };
}

const submitAll = (
  ledger: Solo | Awaited<ReturnType<typeof open>>,
  transactions: readonly Uint8Array[],
): Promise<Submission[]> =>
  Promise.all(transactions.map((transaction) => ledger.submit(transaction)));

describe("a disk that fails", () => {
  const BASE = 250;
  const cast = new LedgerCast();
  const early = Array.from({ length: BASE }, (_, i) => cast.building(`b${i}`));
  // Across the end of the first tile, so that full tiles, a new level and removals are among the steps.
  const late = Array.from({ length: 12 }, (_, i) => cast.building(`late${i}`));
  let base: string;
  /** What a run without failure leaves behind; checkWholeLog() has verified all of it. */
  let undisturbed: Awaited<ReturnType<typeof storedIn>> & { files: Map<string, string> };
  let steps: string[];

  beforeAll(async () => {
    base = newFolder();
    const ledger = await open(base);
    await submitAll(ledger, early);
    await ledger.close();
    const copy = await copyOf(base);
    const whole = new Fault(0, false);
    const again = await openOver(copy, whole);
    await submitAll(again, late);
    await checkWholeLog(again);
    const stored = await storedIn(again);
    await again.close();
    undisturbed = { ...stored, files: await filesOf(copy) };
    steps = whole.steps;
  });

  async function copyOf(directory: string): Promise<string> {
    const copy = newFolder();
    await cp(directory, copy, { recursive: true });
    return copy;
  }

  /** Healthy again: everything is sent once more, and nothing is lost, doubled or different. */
  async function recover(directory: string): Promise<void> {
    const ledger = await open(directory);
    const answers = await submitAll(ledger, late);
    expect(answers.map((answer) => answer.ok && answer.index)).toEqual(
      late.map((_, i) => BASE + 1 + i),
    );
    const stored = await storedIn(ledger);
    await ledger.close();
    expect({ ...stored, files: await filesOf(directory) }).toEqual(undisturbed);
  }

  test("every kind of step is among those that fail below", () => {
    const kinds = [
      "commit",
      "signed-checkpoint",
      "checkpoint",
      "tile/0/000",
      "tile/1/000.p/1",
      "tile/entries/000",
      "tile/entries/001.p/7",
    ];
    expect(steps).toEqual(expect.arrayContaining([...kinds, "remove tile/0/000.p/251"]));
  });

  for (const persisted of [false, true]) {
    test(`at any step of two blocks, ${persisted ? "failed but persisted" : "failed"}: recovers to the same bytes`, async () => {
      for (let at = 1; at <= steps.length; at++) {
        const directory = await copyOf(base);
        const opened = await openOver(directory, new Fault(at, persisted)).catch(() => null);
        if (opened !== null) {
          const outcomes = await Promise.allSettled(
            late.map((transaction) => opened.submit(transaction)),
          );
          const failed = outcomes.filter(({ status }) => status === "rejected");
          expect(failed.length).toBeGreaterThan(0);
          for (const outcome of failed)
            expect(outcome).toMatchObject({ reason: { code: "consensus.halted" } });
          await expect(opened.submit(late[0]!)).rejects.toMatchObject({ code: "consensus.halted" });
          await opened.close();
        }
        await recover(directory);
      }
    });

    test(`at any step of recovery, ${persisted ? "failed but persisted" : "failed"}: a second recovery does it`, async () => {
      const broken = await copyOf(base);
      const first = await openOver(broken, new Fault(steps.length - 6, true));
      await Promise.allSettled(late.map((transaction) => first.submit(transaction)));
      await first.close();
      for (let at = 1; ; at++) {
        const directory = await copyOf(broken);
        const fault = new Fault(at, persisted);
        const opened = await openOver(directory, fault).catch(() => null);
        await opened?.close();
        await recover(directory);
        if (fault.steps.length < at) break;
        expect(at).toBeLessThan(40);
      }
    });

    test(`at any step of the first start, ${persisted ? "failed but persisted" : "failed"}: the ledger begins`, async () => {
      for (let at = 1; ; at++) {
        const directory = newFolder();
        const fault = new Fault(at, persisted);
        const opened = await openOver(directory, fault).catch(() => null);
        await opened?.close();
        const ledger = await open(directory);
        expect(ledger.head().size).toBe(1);
        await checkWholeLog(ledger);
        await ledger.close();
        if (fault.steps.length < at) break;
        expect(at).toBeLessThan(20);
      }
    });
  }

  test("files of the log that are lost or damaged are made again, byte for byte", async () => {
    const directory = await copyOf(base);
    const before = await filesOf(directory);
    await rm(join(directory, "log"), { recursive: true });
    await (await open(directory)).close();
    expect(await filesOf(directory)).toEqual(before);
    const files = openDiskFiles(join(directory, "log"));
    for (const path of ["tile/0/000.p/251", "tile/entries/000.p/251"]) {
      const bytes = (await files.read(path))!;
      bytes[40]! ^= 1;
      await files.write(path, bytes);
      await (await open(directory)).close();
      expect(await filesOf(directory)).toEqual(before);
    }
  });

  test("a state older than what was signed is not taken up", async () => {
    const directory = await copyOf(base);
    const ledger = await open(directory);
    await accepted(ledger.submit(late[0]!));
    await ledger.close();
    await rm(join(directory, "state"), { recursive: true });
    await cp(join(base, "state"), join(directory, "state"), { recursive: true });
    await expect(open(directory)).rejects.toMatchObject({ code: "consensus.behind" });
    await rm(join(directory, "log"), { recursive: true });
    await expect(open(directory)).rejects.toMatchObject({ code: "consensus.behind" });
  });

  test("another history is not signed, even when it is longer", async () => {
    const signed = await copyOf(base);
    const ledger = await open(signed);
    await accepted(ledger.submit(late[0]!));
    await ledger.close();
    for (const others of [late.slice(1, 2), late.slice(1, 4)]) {
      const other = await copyOf(base);
      const second = await open(other);
      await submitAll(second, others);
      await second.close();
      await cp(join(signed, "keys"), join(other, "keys"), { recursive: true });
      await expect(open(other)).rejects.toMatchObject({ code: "consensus.fork" });
    }
  });
});

describe("solo", () => {
  test("refuses another genesis and keys that genesis does not name", async () => {
    const directory = newFolder();
    await (await open(directory)).close();
    const other = testGenesis("ledger.muniment.example/other");
    await expect(
      openSolo({ directory, genesis: other, keys: VALIDATOR, clock }),
    ).rejects.toMatchObject({ code: "genesis.other" });
    const keys = { log: VALIDATOR.log, cosigner: testSigner("nobody") };
    await expect(
      openSolo({ directory: newFolder(), genesis: testGenesis(), keys, clock }),
    ).rejects.toMatchObject({ code: "genesis.key" });
  });

  test("says that it is busy when the queue is full, and takes more once it has drained", async () => {
    const cast = new LedgerCast();
    const solo = await openOver(newFolder(), new Fault(0, false), {
      queueTransactionsMax: 5,
      blockTransactionsMax: 2,
    });
    const transactions = Array.from({ length: 12 }, (_, i) => cast.building(`b${i}`));
    const answers = await submitAll(solo, transactions);
    const busy = answers.filter((answer) => !answer.ok && answer.code === BUSY);
    // One went into a block at once, five waited.
    expect(answers.length - busy.length).toBe(6);
    expect(solo.head()).toMatchObject({ size: 7, height: 4 });
    const next = cast.building("after");
    expect(await solo.submit(next)).toMatchObject({ ok: true, index: 7 });
    await solo.close();
  });

  test("reads of a half-done commit show the one before", async () => {
    const cast = new LedgerCast();
    const directory = newFolder();
    const fault = new Fault(0, false);
    const solo = await openOver(directory, fault);
    const seen: unknown[] = [];
    fault.step = async (name, run) => {
      await run();
      seen.push([
        name,
        solo.get("building/b1") !== undefined,
        solo.head().size,
        await solo.entry(1),
      ]);
    };
    await accepted(solo.submit(cast.building("b1")));
    expect(seen.slice(0, 5).map((row) => (row as unknown[]).slice(1))).toEqual(
      Array.from({ length: 5 }, () => [false, 1, null]),
    );
    expect(solo.get("building/b1")).toBeDefined();
    await solo.close();
  });

  test("close() waits for what is queued", async () => {
    const cast = new LedgerCast();
    const solo = await open(newFolder());
    const answers = submitAll(solo, [
      cast.building("b1"),
      cast.building("b2"),
      cast.building("b3"),
    ]);
    await solo.close();
    expect((await answers).every(({ ok }) => ok)).toBe(true);
  });
});
