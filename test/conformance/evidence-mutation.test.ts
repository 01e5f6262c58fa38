// Evidence that was touched must fail and say where: single-byte changes of the file and of every field in it.

import {
  addSignature,
  type EvidenceBundle,
  formatEvidence,
  formatSignatureLine,
  fromBase64,
  fromUtf8,
  makeVkey,
  toBase64,
  utf8,
  verifyEvidence,
} from "@muniment/core";
import { beforeAll, describe, expect, it } from "vitest";
import { accessStatement, type SampleLedger, sampleLedger } from "../independent/sample-ledger.ts";

const LONG = process.env.MUNIMENT_LONG === "1";
const SEED = Number(process.env.MUNIMENT_SEED ?? 20_261_122);
/** Changes tried per field when only a sample is run. */
const SAMPLE = 40;

const STEPS = new Set([
  "bundle",
  "policy",
  "statement",
  "body",
  "device-signature",
  "gateway-log",
  "anchor",
  "ledger-log",
  "quorum",
]);

/** mulberry32: a seeded generator is enough to choose positions. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Positions to change: all of them in a long run, else the ends and a seeded choice. */
function positions(length: number, random: () => number): number[] {
  if (LONG || length <= SAMPLE) return Array.from({ length }, (_, i) => i);
  return [
    0,
    length - 1,
    ...Array.from({ length: SAMPLE - 2 }, () => Math.floor(random() * length)),
  ];
}

/** The bytes with one of them changed: a flipped bit, and any other value. */
function changes(bytes: Uint8Array, at: number, random: () => number): Uint8Array[] {
  const flips = [1 << Math.floor(random() * 8), 1 + Math.floor(random() * 255)];
  return flips.map((flip) => bytes.map((byte, i) => (i === at ? byte ^ flip : byte)));
}

type Field = readonly [
  name: string,
  read: (bundle: EvidenceBundle) => string,
  write: (bundle: EvidenceBundle, text: string) => EvidenceBundle,
];

const FIELDS: readonly Field[] = [
  ...(["statement", "body", "gatewayProof", "policy"] as const).map(
    (name): Field => [
      name,
      (bundle) => bundle[name] ?? "",
      (bundle, text) => ({ ...bundle, [name]: text }),
    ],
  ),
  ...(["disposition", "anchor", "gatewayKey", "deviceKey"] as const).flatMap((name) =>
    (["entry", "effects", "proof"] as const).map(
      (part): Field => [
        `${name}.${part}`,
        (bundle) => bundle[name]?.[part] ?? "",
        (bundle, text) => ({
          ...bundle,
          [name]: { ...NO_ENTRY, ...bundle[name], [part]: text },
        }),
      ],
    ),
  ),
];
/** Where a bundle has none. */
const NO_ENTRY = { entry: "", effects: "", proof: "" };
const BINARY = /^(statement|body)$|\.(entry|effects)$/;

describe("a single-byte change of evidence", { timeout: LONG ? 3_600_000 : 60_000 }, () => {
  const random = generator(SEED);
  let ledger: SampleLedger;
  let reading: EvidenceBundle;
  let access: EvidenceBundle;
  /** Of the same event, once its body was destroyed. */
  let withheld: EvidenceBundle;
  const tried = new Map<string, Map<string, number>>();

  beforeAll(async () => {
    ledger = await sampleLedger();
    reading = await ledger.evidence(7);
    access = await ledger.evidence(20, accessStatement(20).body);
    withheld = await (await sampleLedger(4, undefined, undefined, true)).evidence(20);
    console.log(
      `evidence is changed at ${LONG ? "every byte" : `${SAMPLE} places a field`}, seed ${SEED}`,
    );
  });

  function expectFailure(field: string, text: string): void {
    const verdict = verifyEvidence(text, { policy: ledger.policy });
    if (verdict.verdict !== "failed")
      throw new Error(`${field}: a changed bundle was ${verdict.verdict}:\n${text}`);
    expect(STEPS, field).toContain(verdict.failedStep);
    expect(verdict.steps.at(-1)).toMatchObject({ step: verdict.failedStep, ok: false });
    const counts = tried.get(field) ?? new Map<string, number>();
    counts.set(verdict.failedStep!, (counts.get(verdict.failedStep!) ?? 0) + 1);
    tried.set(field, counts);
  }

  it("untouched, all bundles are verified, and without a pinned policy are only consistent", () => {
    for (const bundle of [reading, access, withheld]) {
      expect(verifyEvidence(formatEvidence(bundle), { policy: ledger.policy }).verdict).toBe(
        "verified",
      );
      expect(verifyEvidence(formatEvidence(bundle)).verdict).toBe("consistent-issuer-not-trusted");
    }
  });

  it("in the file fails", () => {
    for (const bundle of [access, withheld]) {
      const bytes = utf8(formatEvidence(bundle));
      for (const at of positions(bytes.length, random)) {
        for (const changed of changes(bytes, at, random))
          expectFailure("file", new TextDecoder().decode(changed));
      }
    }
  });

  it("in the bytes or text of any field fails, spelt correctly", () => {
    for (const [name, read, write] of FIELDS) {
      for (const bundle of [reading, access, withheld]) {
        const field = read(bundle);
        if (field === "") continue;
        const bytes = BINARY.test(name) ? fromBase64(field) : utf8(field);
        for (const at of positions(bytes.length, random)) {
          for (const changed of changes(bytes, at, random)) {
            const text = BINARY.test(name) ? toBase64(changed) : new TextDecoder().decode(changed);
            if (text !== field) expectFailure(name, formatEvidence(write(bundle, text)));
          }
        }
      }
    }
  });

  it("fields of another bundle, or cut and lengthened ones, fail", async () => {
    const other = await ledger.evidence(8);
    for (const [name, read, write] of FIELDS) {
      const field = read(reading);
      if (read(other) !== field) expectFailure(name, formatEvidence(write(reading, read(other))));
      if (field === "")
        expectFailure(name, formatEvidence(write(reading, toBase64(accessStatement(20).body))));
      else if (BINARY.test(name)) {
        const bytes = fromBase64(field);
        expectFailure(name, formatEvidence(write(reading, toBase64(bytes.slice(0, -1)))));
        expectFailure(name, formatEvidence(write(reading, toBase64(Uint8Array.of(...bytes, 0)))));
      } else {
        expectFailure(name, formatEvidence(write(reading, field.slice(0, -1))));
        expectFailure(name, formatEvidence(write(reading, `${field}\n`)));
      }
    }
  });

  it("in what became of a body fails: a disposition that is not of this entry, or not of a body", async () => {
    const disposed = await sampleLedger(4, undefined, undefined, true);
    const wrong: readonly [string, EvidenceBundle][] = [
      ["body", { ...withheld, body: access.body! }],
      ["body", { ...withheld, disposition: withheld.anchor }],
      ["body", { ...withheld, disposition: withheld.deviceKey }],
      ["statement", { ...reading, disposition: withheld.disposition! }],
      // Entry 19 is a reading there; as an access event it would not be among those that were taken.
      ["body", { ...(await disposed.evidence(19)), ...pick(withheld, "statement", "disposition") }],
    ];
    for (const [step, bundle] of wrong)
      expect(verifyEvidence(formatEvidence(bundle), { policy: ledger.policy }), step).toMatchObject(
        { verdict: "failed", failedStep: step },
      );
    const says = verifyEvidence(formatEvidence(withheld), { policy: ledger.policy }).steps;
    expect(says.find(({ step }) => step === "body")?.says).toMatch(/^withheld by entry 7 of/);
  });

  it("is never verified without the pinned policy, and a foreign policy fails", async () => {
    const text = formatEvidence(reading);
    const bytes = utf8(text);
    for (const at of positions(bytes.length, random).slice(0, LONG ? undefined : 20)) {
      const changed = changes(bytes, at, random)[0]!;
      expect(verifyEvidence(new TextDecoder().decode(changed)).verdict).not.toBe("verified");
    }
    const foreign = (await sampleLedger(1)).policy;
    expect(verifyEvidence(text, { policy: foreign })).toMatchObject({
      verdict: "failed",
      failedStep: "policy",
    });
    expect(fromUtf8(bytes)).toBe(text);
  });

  it("of a party that signs what is not its own fails, though every hash and proof fits", async () => {
    const gateway = await sampleLedger(4, "reading 7");
    const faked = formatEvidence(await gateway.evidence(7));
    expect(verifyEvidence(faked, { policy: gateway.policy })).toMatchObject({
      verdict: "failed",
      failedStep: "device-signature",
    });
    const honest = formatEvidence(await gateway.evidence(8));
    expect(verifyEvidence(honest, { policy: gateway.policy }).verdict).toBe("verified");
    const quorum = await sampleLedger(4, "anchor");
    expect(
      verifyEvidence(formatEvidence(await quorum.evidence(7)), { policy: quorum.policy }),
    ).toMatchObject({ verdict: "failed", failedStep: "anchor" });
  });

  it("by a line that no key of the policy vouches for fails", () => {
    const line = formatSignatureLine(
      makeVkey("witness.example", 4, new Uint8Array(32)),
      new Uint8Array(72),
    );
    for (const name of ["anchor", "gatewayKey", "deviceKey"] as const) {
      const proof = addSignature(reading[name].proof, line);
      const longer = formatEvidence({ ...reading, [name]: { ...reading[name], proof } });
      expect(verifyEvidence(longer, { policy: ledger.policy })).toMatchObject({
        verdict: "failed",
        failedStep: "quorum",
      });
    }
    const gatewayProof = addSignature(reading.gatewayProof, line);
    expect(
      verifyEvidence(formatEvidence({ ...reading, gatewayProof }), { policy: ledger.policy }),
    ).toMatchObject({ verdict: "failed", failedStep: "gateway-log" });
  });

  it("names a step each time", () => {
    const lines = [...tried].map(
      ([field, counts]) =>
        `  ${field.padEnd(18)} ${[...counts].map(([step, count]) => `${step} ${count}`).join(", ")}`,
    );
    console.log(`changes tried, and the step that failed:\n${lines.join("\n")}`);
    expect(tried.size).toBe(FIELDS.length + 1);
  });
});

function pick<Key extends keyof EvidenceBundle>(
  bundle: EvidenceBundle,
  ...keys: readonly Key[]
): Pick<EvidenceBundle, Key> {
  return Object.fromEntries(keys.map((key) => [key, bundle[key]])) as Pick<EvidenceBundle, Key>;
}
