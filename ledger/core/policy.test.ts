// Policies, by the rules of C2SP tlog-policy: what is read, and what satisfies it.

import { describe, expect, it } from "vitest";
import { utf8 } from "./bytes.ts";
import { signCheckpoint } from "./checkpoint.ts";
import { cosign } from "./cosignature.ts";
import { sha256 } from "./hash.ts";
import { addSignature, formatSignatureLine, formatVkey, makeVkey } from "./note.ts";
import { checkPolicy, formatPolicy, parsePolicy } from "./policy.ts";
import { signerFromSeed } from "./signature.ts";

const refuses = (code: string) => expect.objectContaining({ code });
const signerOf = (n: number) => signerFromSeed(new Uint8Array(32).fill(n));
const log = signerOf(1);
const logVkey = formatVkey({ name: "log.example", type: 1, publicKey: log.publicKey });
const witnessVkey = (n: number): string =>
  formatVkey({ name: `w${n}.example`, type: 4, publicKey: signerOf(10 + n).publicKey });
const note = signCheckpoint({ origin: "log.example", size: 3, root: sha256(utf8("r")) }, log);
const cosignedBy = (...witnesses: number[]): string =>
  witnesses.reduce(
    (text, n) =>
      addSignature(
        text,
        cosign(text, { name: `w${n}.example`, signer: signerOf(10 + n), time: 1000 + n }),
      ),
    note,
  );

const lines = {
  log: `log ${logVkey}`,
  witnesses: [1, 2, 3, 4].map((n) => `witness w${n} ${witnessVkey(n)}`).join("\n"),
};
const policyOf = (...rest: string[]): string =>
  [lines.log, lines.witnesses, ...rest, ""].join("\n");

describe("policy text", () => {
  it("is read and written back", () => {
    const text = policyOf("group q 3 w1 w2 w3 w4", "quorum q");
    expect(formatPolicy(parsePolicy(text))).toBe(text);
    const loose = `# comment\n\n  log\t${logVkey}  \n${lines.witnesses}\ngroup some any w1 w2\ngroup every all w3 some\nquorum every\n`;
    expect(formatPolicy(parsePolicy(loose))).toBe(
      policyOf("group some 1 w1 w2", "group every 2 w3 some", "quorum every"),
    );
    expect(parsePolicy(`log ${logVkey} https://log.example/\nquorum none`).quorum).toBeNull();
  });

  it("of any other form is refused", () => {
    for (const text of [
      "",
      lines.log,
      "quorum none",
      policyOf("quorum w5"),
      policyOf("quorum w1", "quorum w2"),
      policyOf("group q 0 w1", "quorum q"),
      policyOf("group q 2 w1", "quorum q"),
      policyOf("group q 1", "quorum q"),
      policyOf("group q all", "quorum q"),
      policyOf("group q 1 w1 w1", "quorum q"),
      policyOf("group q 01 w1", "quorum q"),
      policyOf("group q 1 q", "quorum q"),
      policyOf("group q 1 r", "group r 1 w1", "quorum q"),
      policyOf("group w1 1 w2", "quorum w1"),
      policyOf("group none 1 w2", "quorum none"),
      policyOf(
        `witness w1 ${formatVkey({ name: "w", type: 4, publicKey: signerOf(99).publicKey })}`,
        "quorum w1",
      ),
      policyOf(`witness w5 ${witnessVkey(1)}`, "quorum w1"),
      policyOf(`witness w5 ${logVkey}`, "quorum w1"),
      policyOf(`log ${witnessVkey(1)}`, "quorum w1"),
      policyOf(lines.log, "quorum w1"),
      policyOf("threshold 3", "quorum w1"),
      policyOf("quorum w1 w2"),
    ]) {
      expect(
        () => parsePolicy(text),
        text.slice(lines.log.length + lines.witnesses.length),
      ).toThrow(refuses("policy.structure"));
    }
  });

  it("counts nobody twice: one key under two names is refused", () => {
    // cosignature/v1 does not sign the cosigner's name, so one key could cosign under both.
    const twin = formatVkey({ name: "twin.example", type: 4, publicKey: signerOf(11).publicKey });
    expect(() =>
      parsePolicy(policyOf(`witness twin ${twin}`, "group q 2 w1 twin", "quorum q")),
    ).toThrow(refuses("policy.structure"));
  });
});

describe("a checkpoint under a policy", () => {
  const threeOfFour = parsePolicy(policyOf("group q 3 w1 w2 w3 w4", "quorum q"));

  it("needs the quorum", () => {
    expect(checkPolicy(threeOfFour, cosignedBy(4, 1, 3))).toEqual({
      checkpoint: { origin: "log.example", size: 3, root: sha256(utf8("r")) },
      cosigners: [
        { name: "w1", time: 1001 },
        { name: "w3", time: 1003 },
        { name: "w4", time: 1004 },
      ],
    });
    for (const few of [[], [1], [1, 2], [1, 1, 1]])
      expect(() => checkPolicy(threeOfFour, cosignedBy(...few)), String(few)).toThrow(
        refuses("policy.quorum"),
      );
  });

  it("of nested groups needs each", () => {
    const nested = parsePolicy(
      policyOf("group a any w1 w2", "group b all w3 w4", "group q all a b", "quorum q"),
    );
    expect(checkPolicy(nested, cosignedBy(2, 3, 4)).cosigners).toHaveLength(3);
    for (const few of [
      [1, 2, 3],
      [3, 4],
      [1, 2, 4],
    ])
      expect(() => checkPolicy(nested, cosignedBy(...few))).toThrow(refuses("policy.quorum"));
  });

  it("must be signed by the log, and by nobody wrongly", () => {
    const all = cosignedBy(1, 2, 3, 4);
    const stranger = signCheckpoint(
      { origin: "log.example", size: 3, root: sha256(utf8("r")) },
      signerOf(5),
    );
    expect(() => checkPolicy(threeOfFour, stranger)).toThrow(refuses("policy.log"));
    const forged = addSignature(
      cosignedBy(1, 2, 3),
      formatSignatureLine(makeVkey("w4.example", 4, signerOf(14).publicKey), new Uint8Array(72)),
    );
    expect(() => checkPolicy(threeOfFour, forged)).toThrow(refuses("note.signature"));
    expect(() => checkPolicy(threeOfFour, all.replace("\n3\n", "\n4\n"))).toThrow(
      refuses("note.signature"),
    );
    const unknown = addSignature(
      all,
      formatSignatureLine(makeVkey("unknown", 4, signerOf(77).publicKey), new Uint8Array(72)),
    );
    expect(checkPolicy(threeOfFour, unknown).cosigners).toHaveLength(4);
  });

  it("may be signed by any of several log keys of one name", () => {
    const second = formatVkey({ name: "log.example", type: 1, publicKey: signerOf(2).publicKey });
    const policy = parsePolicy(policyOf(`log ${second}`, "quorum none"));
    const bySecond = signCheckpoint(
      { origin: "log.example", size: 3, root: sha256(utf8("r")) },
      signerOf(2),
    );
    expect(checkPolicy(policy, bySecond).checkpoint.size).toBe(3);
    expect(checkPolicy(policy, note).checkpoint.size).toBe(3);
  });
});
