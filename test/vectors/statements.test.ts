// Statements as a device may and may not make them: vectors that another implementation signed, each with its verdict (FORMAT 1).

import { readFileSync } from "node:fs";
import {
  decodeSign1,
  FormatError,
  fromHex,
  parseStatement,
  sha256,
  signerFromSeed,
  toHex,
  utf8,
  verifySign1,
  verifyStatement,
} from "@muniment/core";
import { expect, test } from "vitest";

const vectors = JSON.parse(readFileSync(new URL("statements.json", import.meta.url), "utf8")) as {
  readonly seedLabel: string;
  readonly publicKey: string;
  readonly accepted: readonly {
    readonly name: string;
    readonly kind: string;
    readonly clockless: boolean;
    readonly statement: string;
  }[];
  readonly refused: readonly {
    readonly name: string;
    readonly code: string;
    readonly statement: string;
  }[];
};
const key = fromHex(vectors.publicKey);

test("the key is the one that the label makes", () => {
  expect(toHex(signerFromSeed(sha256(utf8(vectors.seedLabel))).publicKey)).toBe(vectors.publicKey);
});

test.each(vectors.accepted)("accepted: $name", ({ kind, clockless, statement }) => {
  const parsed = parseStatement(fromHex(statement));
  expect(parsed).toMatchObject({ kind, clockless });
  expect(verifyStatement(parsed, key)).toBe(true);
});

test.each(vectors.refused)("refused: $name", ({ code, statement }) => {
  const bytes = fromHex(statement);
  expect(() => parseStatement(bytes)).toThrow(expect.objectContaining({ code }));
  expect(() => parseStatement(bytes)).toThrow(FormatError);
  // Where the header can be read at all, the signature is good: nothing but the format speaks against the statement.
  const header = (() => {
    try {
      return decodeSign1(bytes);
    } catch {
      return null;
    }
  })();
  if (header !== null) expect(verifySign1(header, key)).toBe(true);
});
