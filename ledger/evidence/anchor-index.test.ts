// The index of anchors over a real ledger: exact sizes, covering anchors, and being lost or another ledger's.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildTransaction, type Encodable, type Signer, utf8 } from "@muniment/core";
import { loadSigner } from "@muniment/core/files";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Consensus } from "../consensus/consensus.ts";
import { openSolo } from "../consensus/open-solo.ts";
import { loadOrFound } from "../founding.ts";
import { MemoryGateway } from "../intake/memory-gateway.ts";
import { AnchorIndex } from "./anchor-index.ts";
import { readAnchor } from "./anchored.ts";

const ORIGIN = "ledger.example/index";

let folder: string;
let consensus: Consensus;
let operator: Signer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-index-"));
  consensus = await found("one");
  operator = await loadSigner(join(folder, "one", "keys", "operator.pem"));
});
afterEach(async () => {
  await consensus.close();
  await rm(folder, { recursive: true, force: true });
});

async function found(name: string): Promise<Consensus> {
  const { genesis, keys } = await loadOrFound(join(folder, name), ORIGIN, 1_767_225_600_000);
  return openSolo({ directory: join(folder, name, "ledger"), genesis, keys });
}

/** A gateway anchored at the sizes given, one after the other. */
async function anchored(
  id: string,
  first: number,
  sizes: readonly number[],
): Promise<MemoryGateway> {
  const operate = (kind: string, sequence: number, body: { readonly [field: string]: Encodable }) =>
    consensus.submit(buildTransaction({ ledger: ORIGIN, kind, sequence, body, signer: operator }));
  await operate("building.register", first, { building: "b1", name: "Town hall", zone: "UTC" });
  const gateway = new MemoryGateway(id, "b1", ORIGIN);
  const { signer, logSigner } = gateway;
  const body = { gateway: id, building: "b1", key: signer.publicKey, logKey: logSigner.publicKey };
  expect(await operate("gateway.enrol", first + 1, body)).toMatchObject({ ok: true });
  for (const [n, size] of sizes.entries()) {
    while (gateway.size < size) gateway.add(utf8(`entry ${gateway.size}`));
    const answer = await consensus.submit(gateway.anchor(sizes[n - 1] ?? 0));
    expect(answer).toMatchObject({ ok: true });
  }
  return gateway;
}

it("finds the anchor of a size, and the first one over an entry", async () => {
  const index = await AnchorIndex.open(consensus, join(folder, "anchors"));
  expect(await index.at("gw-1", 3)).toBeNull();
  const gateway = await anchored("gw-1", 1, [3, 10, 1000]);
  // Sorts beside gw-1, and must not be taken for it.
  await anchored("gw-10", 3, [5]);
  const entries = await Promise.all([3, 10, 1000].map((size) => index.at("gw-1", size)));
  expect(entries).toEqual([3, 4, 5]);
  expect(await index.at("gw-1", 4)).toBeNull();
  for (const [leaf, entry] of [
    [0, 3],
    [2, 3],
    [3, 4],
    [9, 4],
    [10, 5],
    [999, 5],
    [1000, null],
  ] as const)
    expect(await index.over("gw-1", leaf), `leaf ${leaf}`).toBe(entry);
  expect(await readAnchor(consensus, 4)).toMatchObject({
    entry: 4,
    size: 10,
    note: gateway.note(10),
  });
  await expect(readAnchor(consensus, 1)).rejects.toMatchObject({ code: "evidence.unknown-entry" });
  await expect(readAnchor(consensus, 99)).rejects.toMatchObject({ code: "evidence.unknown-entry" });
  await index.close();
});

it("goes on where it stopped, and begins again for a ledger that is not the one it read", async () => {
  await anchored("gw-1", 1, [3, 10]);
  let index = await AnchorIndex.open(consensus, join(folder, "anchors"));
  expect(await index.at("gw-1", 10)).toBe(4);
  await index.close();
  index = await AnchorIndex.open(consensus, join(folder, "anchors"));
  expect(await index.at("gw-1", 3)).toBe(3);
  await index.close();

  const other = await found("two");
  index = await AnchorIndex.open(other, join(folder, "anchors"));
  expect(await index.at("gw-1", 10)).toBeNull();
  await index.close();
  await other.close();
});
