// The examples of RFC 8428, resolved: each JSON example is carried into CBOR label by label and read by core.

import {
  type Cbor,
  decodePack,
  type Encodable,
  encode,
  encodePack,
  fromHex,
  type SenmlRecord,
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

/** RFC 8428 table 4 and 12.2: the JSON and the CBOR label of each field. */
const LABELS: Readonly<Record<string, number>> = {
  bver: -1,
  bn: -2,
  bt: -3,
  bu: -4,
  bv: -5,
  bs: -6,
  n: 0,
  u: 1,
  v: 2,
  vs: 3,
  vb: 4,
  s: 5,
  t: 6,
  ut: 7,
  vd: 8,
};

type JsonRecord = Readonly<Record<string, string | number | boolean>>;

function toCbor(pack: readonly JsonRecord[]): Uint8Array {
  return encode(
    pack.map(
      (record) =>
        new Map<Cbor, Encodable>(
          Object.entries(record).map(([label, value]) => [LABELS[label] ?? label, value]),
        ),
    ),
  );
}

/** The resolved record of RFC 8428 4.6 as core names its fields. */
function resolved(record: JsonRecord): SenmlRecord {
  const { n, u, v, t } = record as { n: string; u?: string; v?: number; t: number };
  return {
    name: n,
    ...(u === undefined ? {} : { unit: u }),
    time: t,
    ...(v === undefined ? {} : { value: v }),
  };
}

/** Examples that a ledger refuses, and why. */
const POLICY: Readonly<Record<string, readonly [policy: string, code: string]>> = {
  ex3: ["version 5", "senml.version"],
  ex8: ["unknown label", "senml.label"],
};

/** Examples without a time: relative, here, to when the pack was sent. The RFC's resolver put its own "now" in its place. */
const RESOLVED_AT: Readonly<Record<string, number>> = { ex1: 1_498_780_179, ex2: 1_498_780_179 };

describe.runIf(hasMaterial("senml"))("RFC 8428's examples", () => {
  const tally = new Tally("SenML");

  it("resolve as the RFC resolves them", () => {
    for (const path of listMaterial("senml", ".json")) {
      const file = path.replace(/^.*[\\/]/, "");
      const example = file.split(".")[0]!;
      const pack = toCbor(readMaterialJson<JsonRecord[]>(path));
      const isResolved = file.endsWith(".resolved.json");
      const family = isResolved
        ? "resolved packs"
        : file.endsWith(".gen.json")
          ? "minified packs"
          : "published packs";
      const policy = POLICY[example];
      const code = refusal(() => decodePack(pack));
      // The resolved form of an example has no relative time and no version left, but keeps unknown labels.
      if (policy !== undefined && (!isResolved || policy[1] === "senml.label")) {
        tally.refusedByPolicy(family, file, policy[0], policy[1], code);
        continue;
      }
      tally.expect(family, file, null, code);
      const now = isResolved ? 0 : (RESOLVED_AT[example] ?? 0);
      const expected = readMaterialJson<JsonRecord[]>(`senml/${example}.gen.resolved.json`)
        .map(resolved)
        .map((record) => ({ ...record, time: record.time - now }));
      const found = decodePack(pack);
      tally.expect(
        family,
        `${file}: records`,
        JSON.stringify(expected.map(sorted)),
        JSON.stringify(found.map(sorted)),
      );
      // Our own encoding of the same records is another pack with the same meaning.
      tally.expect(
        family,
        `${file}: encoded here`,
        JSON.stringify(found.map(sorted)),
        JSON.stringify(decodePack(encodePack(found)).map(sorted)),
      );
    }
  });

  it("in CBOR as printed are not deterministic: refused as a payload", () => {
    const bytes = readMaterial("senml/ex3.gen.cbor");
    tally.refusedByPolicy(
      "CBOR as printed",
      "ex3.gen.cbor",
      "unsorted keys",
      "cbor.key-order",
      refusal(() => decodePack(bytes)),
    );
    const lines = readMaterialText("senml/ex3.gen.cbor.hex")
      .split("\n")
      .filter((line) => line.includes("|"));
    const hex = lines.map((line) => line.slice(5, line.indexOf("|")).replaceAll(" ", "")).join("");
    tally.refusedByPolicy(
      "CBOR as printed",
      "ex3.gen.cbor.hex",
      "unsorted keys",
      "cbor.key-order",
      refusal(() => decodePack(fromHex(hex))),
    );
    expect(fromHex(hex)).toEqual(bytes);
    tally.outOfScope("ex3.gen.cbor.diag, *.cddl", "the same pack as text, and schemas");
  });

  it("come out as the RFC says, or by a policy that is named", () => {
    tally.print();
    expect(tally.wrong()).toEqual([]);
    expect(tally.total()).toBeGreaterThan(35);
  });
});

function sorted(record: SenmlRecord): [string, unknown][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
