// Third-party Merkle vectors: inclusion, consistency, subtrees, a tlog-tiles log and entries of a public log.

import {
  CompactRange,
  decodeEntries,
  encodeEntries,
  entriesPath,
  equal,
  fromBase64,
  leafHash,
  makeVkey,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  parseVkey,
  proveConsistency,
  proveInclusion,
  readEntries,
  rootFromTiles,
  tilePath,
  verifyConsistency,
  verifyInclusion,
} from "@muniment/core";
import { describe, expect, it } from "vitest";
import {
  hasMaterial,
  listMaterial,
  readMaterial,
  readMaterialJson,
  readMaterialText,
} from "./material.ts";
import { refusal } from "./refusal.ts";
import { Tally } from "./tally.ts";

type Count = number | bigint;
const hashes = (proof: string[] | null): Uint8Array[] => (proof ?? []).map(fromBase64);

/** A range of leaves that can be a subtree: its start is a multiple of its length rounded up to a power of two. */
function isSubtree(start: bigint, end: bigint): boolean {
  if (start >= end) return false;
  let width = 1n;
  while (width < end - start) width *= 2n;
  return start % width === 0n;
}

describe.runIf(hasMaterial("merkle"))("third-party Merkle vectors", () => {
  const tally = new Tally("Merkle trees and logs");

  it("of inclusion and consistency have their verdict", () => {
    for (const path of listMaterial("merkle/inclusion", ".json")) {
      type Vector = {
        leafIdx: Count;
        treeSize: Count;
        root: string;
        leafHash: string;
        proof: string[] | null;
        wantErr: boolean;
      };
      const vector = readMaterialJson<Vector>(path);
      const claim = {
        index: vector.leafIdx,
        size: vector.treeSize,
        leaf: fromBase64(vector.leafHash),
        root: fromBase64(vector.root),
        proof: hashes(vector.proof),
      };
      tally.expect("inclusion", path, !vector.wantErr, verifyInclusion(claim));
    }
    for (const path of listMaterial("merkle/consistency", ".json")) {
      type Vector = {
        size1: Count;
        size2: Count;
        root1: string;
        root2: string;
        proof: string[] | null;
        wantErr: boolean;
      };
      const vector = readMaterialJson<Vector>(path);
      const found = verifyConsistency({
        size1: vector.size1,
        size2: vector.size2,
        root1: fromBase64(vector.root1),
        root2: fromBase64(vector.root2),
        proof: hashes(vector.proof),
      });
      // RFC 9162 2.1.4 defines consistency for 0 < m: nothing is proved about a log of size 0.
      if (!vector.wantErr && BigInt(vector.size1) === 0n)
        tally.refusedByPolicy("consistency", path, "size 0", false, found);
      else tally.expect("consistency", path, !vector.wantErr, found);
    }
  });

  it("of subtrees have their verdict where a subtree is a tree that is proved here", () => {
    for (const path of listMaterial("merkle/subtreeinclusion", ".json")) {
      type Vector = {
        leafIdx: Count;
        start: Count;
        end: Count;
        root: string;
        leafHash: string;
        proof: string[] | null;
        wantErr: boolean;
      };
      const vector = readMaterialJson<Vector>(path);
      const [index, start, end] = [
        BigInt(vector.leafIdx),
        BigInt(vector.start),
        BigInt(vector.end),
      ];
      // A leaf of a subtree is a leaf of the tree that the subtree is, counted from its start.
      const found =
        isSubtree(start, end) &&
        verifyInclusion({
          index: index - start,
          size: end - start,
          leaf: fromBase64(vector.leafHash),
          root: fromBase64(vector.root),
          proof: hashes(vector.proof),
        });
      tally.expect("subtree inclusion", path, !vector.wantErr, found);
    }
    let later = 0;
    for (const path of listMaterial("merkle/subtreeconsistency", ".json")) {
      type Vector = {
        start: Count;
        end: Count;
        size: Count;
        root1: string;
        root2: string;
        proof: string[] | null;
        wantErr: boolean;
      };
      const vector = readMaterialJson<Vector>(path);
      if (BigInt(vector.start) !== 0n) {
        later += 1;
        continue;
      }
      const found = verifyConsistency({
        size1: vector.end,
        size2: vector.size,
        root1: fromBase64(vector.root1),
        root2: fromBase64(vector.root2),
        proof: hashes(vector.proof),
      });
      tally.expect("subtree consistency from 0", path, !vector.wantErr, found);
    }
    if (later > 0)
      tally.outOfScope(
        "subtree consistency",
        `${later} vectors start inside the tree, which only mirrors that fetch packages prove`,
      );
  });

  it("of a tlog-tiles log: every checkpoint, tile, proof and bundle", async () => {
    const key = parseVkey(readMaterialText("merkle/tlog-tiles/vkey.txt").trim());
    const files = new Set(
      listMaterial("merkle/tlog-tiles").map((path) => path.replaceAll("\\", "/")),
    );
    const read = async (path: string): Promise<Uint8Array | null> => {
      const file = `merkle/tlog-tiles/${path}`;
      return files.has(file) ? readMaterial(file) : null;
    };
    const family = "tlog-tiles";
    const checkpoints = [];
    for (let size = 0; files.has(`merkle/tlog-tiles/checkpoint.${size}`); size++) {
      const checkpoint = openCheckpoint(
        readMaterialText(`merkle/tlog-tiles/checkpoint.${size}`),
        key,
      );
      tally.expect(family, `checkpoint.${size}`, size, checkpoint.size);
      checkpoints.push(checkpoint);
      tally.expect(
        family,
        `root ${size} from tiles`,
        true,
        equal(await rootFromTiles(size, read), checkpoint.root),
      );
    }
    const last = checkpoints.length - 1;
    const entries = await readEntries(0, last, last, read);
    const range = new CompactRange();
    for (const [i, entry] of entries.entries()) {
      range.append(leafHash(entry));
      tally.expect(
        family,
        `root ${i + 1} from entries`,
        true,
        equal(range.root(), checkpoints[i + 1]!.root),
      );
    }
    for (let size = 1; size <= last; size++) {
      const bundle = (await read(entriesPath(0, size)))!;
      tally.expect(
        family,
        `bundle ${size}`,
        true,
        equal(encodeEntries(decodeEntries(bundle)), bundle),
      );
      const tile = (await read(tilePath(0, 0, size)))!;
      tally.expect(
        family,
        `tile ${size}`,
        true,
        entries
          .slice(0, size)
          .every((entry, i) => equal(tile.slice(32 * i, 32 * i + 32), leafHash(entry))),
      );
      for (let index = 0; index < size; index++) {
        const proof = await proveInclusion(index, size, read);
        const root = checkpoints[size]!.root;
        tally.expect(
          family,
          `inclusion ${index} in ${size}`,
          true,
          verifyInclusion({ index, size, leaf: leafHash(entries[index]!), root, proof }),
        );
      }
      for (let size1 = 1; size1 <= size; size1++) {
        const proof = await proveConsistency(size1, size, read);
        const claim = {
          size1,
          size2: size,
          root1: checkpoints[size1]!.root,
          root2: checkpoints[size]!.root,
          proof,
        };
        tally.expect(family, `consistency ${size1} to ${size}`, true, verifyConsistency(claim));
      }
    }
  });

  it("of a public log's entries: inclusion, checkpoint, and what must fail", () => {
    type Entry = {
      canonicalizedBody: string;
      inclusionProof?: {
        logIndex: string;
        treeSize: string;
        rootHash: string;
        hashes: string[];
        checkpoint: { envelope: string };
      };
    };
    type Bundle = {
      tlogEntries: Entry[];
      tlogs?: { baseUrl: string; publicKey: { rawBytes: string; keyDetails: string } }[];
    };
    for (const path of listMaterial("merkle/rekor", ".json")) {
      const bundle = readMaterialJson<Bundle>(path);
      const valid = !path.includes("_fail");
      const { canonicalizedBody, inclusionProof: proof } = bundle.tlogEntries[0]!;
      if (proof === undefined) {
        tally.expect("public log entries", `${path}: no proof`, valid, false);
        continue;
      }
      const included = verifyInclusion({
        index: BigInt(proof.logIndex),
        size: BigInt(proof.treeSize),
        leaf: leafHash(fromBase64(canonicalizedBody)),
        root: fromBase64(proof.rootHash),
        proof: proof.hashes.map(fromBase64),
      });
      if (path.includes("rekor2")) {
        const log = bundle.tlogs!.find(({ publicKey }) => publicKey.keyDetails === "PKIX_ED25519")!;
        const key = makeVkey(
          new URL(log.baseUrl).host,
          1,
          fromBase64(log.publicKey.rawBytes).slice(-32),
        );
        const code = refusal(() => openCheckpoint(proof.checkpoint.envelope, key));
        tally.expect("public log entries, Ed25519", path, valid, included && code === null);
        if (!valid) expect(code, path).toBe("note.signature"); // the size line was cut out after signing
      } else {
        // The older log signs with ECDSA: its entries and roots can be compared, its signature is refused by policy.
        const { text } = parseNote(proof.checkpoint.envelope);
        const code = refusal(() => parseCheckpoint(text));
        const agrees =
          code === null && equal(parseCheckpoint(text).root, fromBase64(proof.rootHash));
        if (path.includes("invalid-checkpoint-signature")) {
          tally.refusedByPolicy(
            "public log entries, ECDSA",
            path,
            "extension line in a checkpoint",
            "checkpoint.structure",
            code,
          );
        } else {
          tally.expect("public log entries, ECDSA", path, valid, included && agrees);
        }
        const other = makeVkey("rekor.sigstore.dev", 1, new Uint8Array(32));
        tally.refusedByPolicy(
          "public log entries, ECDSA",
          `${path}: key`,
          "ECDSA note",
          "note.unsigned",
          refusal(() => openCheckpoint(proof.checkpoint.envelope, other)),
        );
      }
    }
  });

  it("come out as their sources say, or by a policy that is named", () => {
    tally.print();
    expect(tally.wrong()).toEqual([]);
    expect(tally.total()).toBeGreaterThan(350);
  });
});
