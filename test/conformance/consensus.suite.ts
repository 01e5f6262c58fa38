// What every adapter of the consensus port must do (D6), run on each of them.

import {
  checkPolicy,
  decode,
  decodeEffects,
  decodeLedgerEntry,
  effectsHash,
  entriesPath,
  equal,
  keyThumbprint,
  leafHash,
  parsePolicy,
  proveConsistency,
  proveInclusion,
  readEntries,
  rootFromTiles,
  tilePath,
  toHex,
  verifyConsistency,
  verifyInclusion,
} from "@muniment/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Consensus, LedgerHead, Submission } from "../../ledger/consensus/consensus.ts";
import { replay } from "../../ledger/consensus/replay.ts";
import { stateHash } from "../../ledger/consensus/state-hash.ts";
import {
  GatewayTwin,
  GENESIS_TIME,
  LedgerCast,
  ORIGIN,
  testGenesis,
  testSigner,
} from "./ledger-cast.ts";

/** How the suite gets an adapter: one ledger at a time, begun with testGenesis() and the keys of VALIDATOR. */
export interface ConsensusHarness {
  /** A new ledger whose clock shows `now()`. */
  create(now: () => number): Promise<Consensus>;
  /** The same ledger again, after close(). */
  reopen(): Promise<Consensus>;
  /** Called when the test is over. */
  dispose?(): Promise<void>;
}

export function consensusSuite(name: string, harness: ConsensusHarness): void {
  describe(`consensus port: ${name}`, () => {
    let consensus: Consensus;
    let cast: LedgerCast;
    let now: number;

    beforeEach(async () => {
      now = GENESIS_TIME + 1_000;
      cast = new LedgerCast();
      consensus = await harness.create(() => now);
    });

    afterEach(async () => {
      await consensus.close();
      await harness.dispose?.();
    });

    test("begins with genesis as leaf 0 under a final checkpoint", async () => {
      const head = consensus.head();
      expect(head).toMatchObject({ origin: ORIGIN, height: 0, size: 1, time: GENESIS_TIME });
      expect(consensus.genesis()).toEqual(testGenesis());
      expect((await consensus.entry(0))!.leaf).toEqual(testGenesis());
      await checkWholeLog(consensus);
    });

    test("accepts a transaction, and its state, entry and checkpoint agree", async () => {
      const transaction = cast.building("b1");
      const answer = await accepted(consensus.submit(transaction));
      expect(answer).toEqual({ ok: true, index: 1, height: 1, time: now, duplicate: false });
      expect(consensus.head()).toMatchObject({ height: 1, size: 2, time: now });
      const entry = (await consensus.entry(1))!;
      const leaf = decodeLedgerEntry(entry.leaf);
      expect(leaf).toMatchObject({ height: 1, time: now, transaction, code: 0 });
      expect(decodeEffects(entry.effects).map(([key]) => key)).toContain("building/b1");
      expect(leaf.effects).toEqual(effectsHash(decodeEffects(entry.effects)));
      expect(decode(consensus.get("building/b1")!)).toEqual(
        new Map<string, unknown>([
          ["name", "Building b1"],
          ["zone", "America/New_York"],
          ["grossFt2", 100_000],
          ["registry", 0],
        ]),
      );
      await checkWholeLog(consensus);
    });

    test("a refusal has a code and leaves no trace", async () => {
      const before = consensus.head();
      const state = await wholeState(consensus);
      const answer = await consensus.submit(cast.gateway("gw-1", "nowhere"));
      expect(answer).toMatchObject({ ok: false, code: "registry.unknown-building" });
      expect(await consensus.submit(Uint8Array.of(1, 2, 3))).toMatchObject({
        ok: false,
        code: "tx.malformed",
      });
      expect(await consensus.submit(new Uint8Array(61_441))).toMatchObject({
        ok: false,
        code: "tx.malformed",
      });
      expect(consensus.head()).toEqual(before);
      expect(await wholeState(consensus)).toEqual(state);
    });

    test("the same transaction again is answered with its first index", async () => {
      const transaction = cast.building("b1");
      const first = await accepted(consensus.submit(transaction));
      await accepted(consensus.submit(cast.building("b2")));
      now += 5_000;
      expect(await consensus.submit(transaction)).toEqual({ ...first, duplicate: true });
      expect(consensus.head().size).toBe(3);
    });

    test("the same transaction many times at once is accepted once", async () => {
      const transaction = cast.building("b1");
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => accepted(consensus.submit(transaction))),
      );
      expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
      expect(
        new Set(answers.map(({ index, height, time }) => `${index} ${height} ${time}`)),
      ).toHaveLength(1);
      expect(consensus.head().size).toBe(2);
    });

    test("transactions sent together stand in the order they were sent", async () => {
      const transactions = Array.from({ length: 40 }, (_, i) => cast.building(`b${i}`));
      const answers = await Promise.all(
        transactions.map((transaction) => accepted(consensus.submit(transaction))),
      );
      expect(answers.map(({ index }) => index)).toEqual(transactions.map((_, i) => i + 1));
      await checkWholeLog(consensus);
    });

    test("block time never goes back and never stands still", async () => {
      const times: number[] = [];
      for (const step of [10, -50_000, 0, 20_000]) {
        now += step;
        times.push(
          (
            await accepted(
              consensus.submit(cast.building("b1", { name: `at ${now} ${times.length}` })),
            )
          ).time,
        );
      }
      const [first, second, third, fourth] = times as [number, number, number, number];
      expect(first).toBe(GENESIS_TIME + 1_010);
      expect([second, third]).toEqual([first + 1, first + 2]);
      expect(fourth).toBe(Math.max(now, third + 1));
    });

    test("range() gives the keys of a prefix in byte order", async () => {
      for (const id of ["b-2", "b-10", "a"]) await accepted(consensus.submit(cast.building(id)));
      await accepted(consensus.submit(cast.device("d1", "a")));
      expect((await wholeState(consensus, "building/")).map(([key]) => key)).toEqual([
        "building/a",
        "building/b-10",
        "building/b-2",
      ]);
      expect((await wholeState(consensus, "registry/")).map(([key]) => key)).toEqual([
        "registry/a/0000000001",
      ]);
      expect(await wholeState(consensus, "nothing/")).toEqual([]);
    });

    test("listeners hear every commit in order, and stop when told", async () => {
      const heard: LedgerHead[] = [];
      const stop = consensus.onCommit((head) => heard.push(head));
      await accepted(consensus.submit(cast.building("b1")));
      await accepted(consensus.submit(cast.building("b2")));
      await consensus.submit(cast.gateway("gw", "nowhere"));
      stop();
      await accepted(consensus.submit(cast.building("b3")));
      expect(heard.map(({ height, size }) => [height, size])).toEqual([
        [1, 2],
        [2, 3],
      ]);
    });

    test("entries() gives a run, and refuses what is not committed", async () => {
      for (const id of ["b1", "b2", "b3"]) await accepted(consensus.submit(cast.building(id)));
      const indexes = (await all(consensus.entries(1, 3))).map(({ index }) => index);
      expect(indexes).toEqual([1, 2]);
      expect(await all(consensus.entries(2, 2))).toEqual([]);
      expect(await consensus.entry(4)).toBeNull();
      expect(await consensus.entry(-1)).toBeNull();
      await expect((async () => all(consensus.entries(1, 5)))()).rejects.toMatchObject({
        code: "consensus.range",
      });
    });

    test("tiles of a log of more than one tile prove inclusion and consistency at every width", async () => {
      const transactions = Array.from({ length: 300 }, (_, i) => cast.building(`b${i}`));
      const early = [];
      for (const part of [
        transactions.slice(0, 100),
        transactions.slice(100, 270),
        transactions.slice(270),
      ]) {
        await Promise.all(part.map((transaction) => accepted(consensus.submit(transaction))));
        early.push(consensus.head());
      }
      const head = consensus.head();
      expect(head.size).toBe(301);
      for (const { size, root } of early) {
        // An older checkpoint stays provable: its partial tiles are cut from the wider ones.
        expect(await rootFromTiles(size, (path) => consensus.readTile(path))).toEqual(root);
        const proof = await proveConsistency(size, head.size, (path) => consensus.readTile(path));
        expect(
          verifyConsistency({
            size1: size,
            size2: head.size,
            root1: root,
            root2: head.root,
            proof,
          }),
        ).toBe(true);
      }
      for (const path of [
        tilePath(0, 1, 46),
        tilePath(0, 2),
        entriesPath(1, 46),
        "tile/0/0",
        "tile/0/000/../../x",
        "checkpoint",
        "",
      ]) {
        expect(await consensus.readTile(path)).toBeNull();
      }
      await checkWholeLog(consensus);
    });

    test("closed and opened again, it is the same ledger and goes on", async () => {
      const transaction = cast.building("b1");
      const first = await accepted(consensus.submit(transaction));
      const twin = new GatewayTwin("gw-1").append("genesis", "one");
      await accepted(consensus.submit(cast.gateway("gw-1", "b1")));
      await accepted(consensus.submit(twin.anchor()));
      const head = consensus.head();
      const state = await wholeState(consensus);
      await consensus.close();
      await expect(consensus.submit(cast.building("b2"))).rejects.toMatchObject({
        code: "consensus.closed",
      });
      consensus = await harness.reopen();
      expect(consensus.head()).toEqual(head);
      expect(await wholeState(consensus)).toEqual(state);
      expect(await consensus.submit(transaction)).toEqual({ ...first, duplicate: true });
      await accepted(consensus.submit(twin.append("two").anchor()));
      await checkWholeLog(consensus);
    });

    test("range() goes on showing the commit it began with, whatever is committed meanwhile", async () => {
      for (const id of ["b1", "b2", "b3"]) await accepted(consensus.submit(cast.building(id)));
      const before = await wholeState(consensus, "building/");
      const seen: (readonly [string, Uint8Array])[] = [];
      for await (const pair of consensus.range("building/")) {
        seen.push(pair);
        await accepted(consensus.submit(cast.building(`b9-${seen.length}`)));
        await accepted(consensus.submit(cast.building("b3", { name: `name ${seen.length}` })));
      }
      expect(seen).toEqual(before);
      expect(await wholeState(consensus, "building/")).toHaveLength(6);
    });

    test("a key's life shows in the feed, record by record, each with its entry", async () => {
      await accepted(consensus.submit(cast.building("b1")));
      await accepted(consensus.submit(cast.device("d1", "b1")));
      await accepted(
        consensus.submit(cast.rotate(testSigner("device d1"), testSigner("device d1 again"))),
      );
      await accepted(consensus.submit(cast.revoke(testSigner("device d1 again"))));
      const feed = (await wholeState(consensus, "registry/b1/")).map(
        ([, value]) => decode(value) as Map<string, unknown>,
      );
      const kids = ["device d1", "device d1", "device d1 again", "device d1 again"].map((who) =>
        toHex(keyThumbprint(testSigner(who).publicKey)),
      );
      expect(feed.map((record) => record.get("n"))).toEqual([1, 2, 3, 4]);
      expect(feed.map((record) => toHex(record.get("kid") as Uint8Array))).toEqual(kids);
      expect(feed.map((record) => record.get("status"))).toEqual([
        "active",
        "rotated",
        "active",
        "revoked",
      ]);
      expect(feed.map((record) => record.get("entry"))).toEqual([2, 3, 3, 4]);
      expect((decode(consensus.get("building/b1")!) as Map<string, unknown>).get("registry")).toBe(
        4,
      );
    });
  });
}

/** The submission, which must have been accepted. */
export async function accepted(
  answer: Promise<Submission>,
): Promise<Extract<Submission, { ok: true }>> {
  const submission = await answer;
  if (!submission.ok) throw new Error(`refused: ${submission.code}: ${submission.message}`);
  return submission;
}

export async function wholeState(
  consensus: Consensus,
  prefix = "",
): Promise<(readonly [string, Uint8Array])[]> {
  return all(consensus.range(prefix));
}

/**
 * Verifies everything a ledger shows: the checkpoint under the policy, the root from tiles, bundles equal to entries,
 * every inclusion, and a replay from leaf 0 that ends in the same root, effects and state.
 */
export async function checkWholeLog(consensus: Consensus): Promise<void> {
  const { size, root, height, time, checkpoint } = consensus.head();
  const readTile = (path: string) => consensus.readTile(path);
  const verdict = checkPolicy(parsePolicy(consensus.policy()), checkpoint);
  expect(verdict.checkpoint).toEqual({ origin: ORIGIN, size, root });
  expect(await rootFromTiles(size, readTile)).toEqual(root);
  const entries = await all(consensus.entries(0, size));
  const leaves = await readEntries(0, size, size, readTile);
  expect(leaves.length).toBe(size);
  for (const { index, leaf } of entries) {
    if (!equal(leaf, leaves[index]!))
      throw new Error(`entry ${index} is not what its bundle holds`);
    if (index % 7 !== 0 && index < size - 3) continue; // a sample, and the newest
    const proof = await proveInclusion(index, size, readTile);
    if (!verifyInclusion({ index, size, leaf: leafHash(leaf), root, proof }))
      throw new Error(`entry ${index} is not included`);
  }
  const replayed = await replay(entries);
  expect({ size: replayed.size, height: replayed.height, time: replayed.time }).toEqual({
    size,
    height,
    time,
  });
  expect(replayed.root).toEqual(root);
  expect(toHex(await stateHash(replayed.state))).toBe(toHex(await stateHash(consensus.range(""))));
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
