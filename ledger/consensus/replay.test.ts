// Replay: the log alone gives the state, and the first entry that does not follow is named (F5).

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  decodeLedgerEntry,
  encodeLedgerEntry,
  type Hash32,
  type LedgerEntry,
  sha256,
  toHex,
  utf8,
} from "@muniment/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accepted } from "../../test/conformance/consensus.suite.ts";
import {
  GatewayTwin,
  GENESIS_TIME,
  LedgerCast,
  testGenesis,
  testSigner,
  VALIDATOR,
} from "../../test/conformance/ledger-cast.ts";
import {
  createMemoryLedger,
  openMemoryConsensus,
} from "../../test/conformance/memory-consensus.ts";
import { STATE_HASH_LEAVES } from "../machine/apply.ts";
import { systemClock } from "../ports.ts";
import type { CommittedEntry } from "./consensus.ts";
import { openDiskFiles } from "./disk-files.ts";
import { replay } from "./replay.ts";
import { Solo } from "./solo.ts";
import { stateHash } from "./state-hash.ts";
import { openStateStore } from "./state-store.ts";

let entries: CommittedEntry[];
let size: number;

beforeAll(async () => {
  const ledger = createMemoryLedger(testGenesis(), VALIDATOR, { now: () => GENESIS_TIME + 1_000 });
  const consensus = openMemoryConsensus(ledger);
  const cast = new LedgerCast();
  const twin = new GatewayTwin("gw-1").append("genesis", "one");
  const transactions = [
    cast.building("b1"),
    cast.gateway("gw-1", "b1"),
    cast.device("d1", "b1"),
    twin.anchor(),
    cast.rotate(testSigner("device d1"), testSigner("new")),
  ];
  for (const transaction of transactions) await accepted(consensus.submit(transaction));
  entries = ledger.entries;
  size = entries.length;
});

/** The log with one leaf changed. */
function changed(index: number, change: Partial<LedgerEntry>): { leaf: Uint8Array }[] {
  return entries.map(({ leaf }, i) => ({
    leaf: i === index ? encodeLedgerEntry({ ...decodeLedgerEntry(leaf), ...change }) : leaf,
  }));
}

test("the leaves alone are enough, and progress ends at the size", async () => {
  const seen: number[] = [];
  const replayed = await replay(
    entries.map(({ leaf }) => ({ leaf })),
    (at) => seen.push(at),
  );
  expect(replayed).toMatchObject({ size, height: size - 1, time: GENESIS_TIME + 1_000 + size - 2 });
  expect(seen.at(-1)).toBe(size);
  expect([...replayed.state.keys()]).toContain("anchor/gw-1/0001");
});

test.each([
  ["effects", { effects: sha256(utf8("other")) }, "its effects hash is another"],
  ["time", { time: GENESIS_TIME }, "time"],
  ["height", { height: 9 }, "height"],
  ["code", { code: 1 }, "its bytes are others"],
  ["a state hash", { state: sha256(utf8("other")) }, "its bytes are others"],
  ["transaction", { transaction: utf8("other") }, "refused: tx.malformed"],
])("a leaf with another %s is named", async (_what, change, says) => {
  for (const index of [1, 3, 5]) {
    await expect(replay(changed(index, change))).rejects.toMatchObject({
      code: "replay.entry",
      message: expect.stringContaining(`entry ${index}: `),
    });
    await expect(replay(changed(index, change))).rejects.toThrow(says);
  }
});

test("a missing, doubled or swapped leaf is found", async () => {
  const leaves = entries.map(({ leaf }) => ({ leaf }));
  for (const log of [
    leaves.toSpliced(2, 1),
    leaves.toSpliced(2, 0, leaves[2]!),
    leaves.with(2, leaves[3]!).with(3, leaves[2]!),
    [],
  ]) {
    await expect(replay(log)).rejects.toMatchObject({ code: "replay.entry" });
  }
  await expect(replay(leaves.slice(1))).rejects.toMatchObject({ code: "genesis.structure" });
});

test("stored effects that differ from what the leaf does are found, in genesis too", async () => {
  for (const index of [0, 4]) {
    const log = entries.map((entry) =>
      entry.index === index ? { ...entry, effects: entries[index + 1]!.effects } : entry,
    );
    await expect(replay(log)).rejects.toThrow(`entry ${index}: other effects`);
  }
});

test("the state hash depends on every key and value, and not on the order of writing", async () => {
  const one = await stateHash([
    ["a", Uint8Array.of(1)],
    ["b", Uint8Array.of(2)],
  ]);
  expect(toHex(one)).toBe(
    toHex(sha256(Uint8Array.of(0x82, 0x61, 0x61, 0x41, 1, 0x82, 0x61, 0x62, 0x41, 2))),
  );
  expect(await stateHash([["a", Uint8Array.of(1)]])).not.toEqual(one);
});

test("the 10,000th leaf commits to the state as it was stored, and replay holds it to that", async () => {
  const directory = await mkdtemp(join(tmpdir(), "muniment-replay-"));
  afterAll(() => rm(directory, { recursive: true, force: true }));
  const limits = { queueTransactionsMax: 2 * STATE_HASH_LEAVES };
  const store = await openStateStore(join(directory, "state"));
  let walks = 0;
  const solo = await Solo.open({
    genesis: testGenesis(),
    keys: VALIDATOR,
    store: {
      ...store,
      range: (prefix) => {
        walks += 1;
        return store.range(prefix);
      },
    },
    logFiles: openDiskFiles(join(directory, "log")),
    signerFiles: openDiskFiles(join(directory, "keys")),
    clock: systemClock,
    limits,
  });
  let before: Promise<Hash32> | null = null;
  solo.onCommit((head) => {
    if (head.size > STATE_HASH_LEAVES - 300 && head.size <= STATE_HASH_LEAVES)
      before = stateHash(store.range(""));
  });
  const cast = new LedgerCast();
  const transactions = Array.from({ length: STATE_HASH_LEAVES + 5 }, (_, i) =>
    cast.building(`b${i % 50}`, { name: `name ${i}` }),
  );
  const submitAll = (some: readonly Uint8Array[]) =>
    Promise.all(some.map((transaction) => accepted(solo.submit(transaction))));
  await submitAll(transactions.slice(0, STATE_HASH_LEAVES - 1));
  expect(solo.head().size).toBe(STATE_HASH_LEAVES);
  // The next leaf needs the hash; whatever is refused in its place must not cost it again.
  for (let n = 0; n < 3; n++) {
    expect(await solo.submit(utf8("no transaction"))).toMatchObject({ code: "tx.malformed" });
    expect(walks).toBe(1);
  }
  await submitAll(transactions.slice(STATE_HASH_LEAVES - 1));
  expect(walks).toBe(1);
  const leaf = decodeLedgerEntry((await solo.entry(STATE_HASH_LEAVES))!.leaf);
  expect(toHex(leaf.state!)).toBe(toHex((await before)!));
  const other = encodeLedgerEntry({ ...leaf, state: sha256(utf8("other")) });
  const tampered = async function* () {
    for await (const entry of solo.entries(0, solo.head().size)) {
      yield { leaf: entry.index === STATE_HASH_LEAVES ? other : entry.leaf };
    }
  };
  // Everything before it replays, and nothing of this leaf differs but the hash.
  await expect(replay(tampered())).rejects.toThrow(
    `entry ${STATE_HASH_LEAVES}: its state hash is another`,
  );
  await solo.close();
}, 180_000);
