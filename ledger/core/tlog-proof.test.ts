// Proof texts, by C2SP tlog-proof.

import { describe, expect, it } from "vitest";
import { toBase64, utf8 } from "./bytes.ts";
import { leafHash } from "./hash.ts";
import { formatTlogProof, parseTlogProof } from "./tlog-proof.ts";

const hash = leafHash(utf8("a"));
const checkpoint = "log.example\n2\nroot\n\n\u2014 log.example AAAA\n";

describe("tlog-proof", () => {
  it("is index, path, blank line, and the checkpoint verbatim", () => {
    const text = formatTlogProof({ index: 1, proof: [hash], checkpoint });
    expect(text).toBe(`c2sp.org/tlog-proof@v1\nindex 1\n${toBase64(hash)}\n\n${checkpoint}`);
    expect(parseTlogProof(text)).toEqual({ index: 1, proof: [hash], checkpoint });
  });

  it("of a log of one entry has no path", () => {
    const text = formatTlogProof({ index: 0, proof: [], checkpoint });
    expect(text.startsWith("c2sp.org/tlog-proof@v1\nindex 0\n\nlog.example")).toBe(true);
    expect(parseTlogProof(text).proof).toEqual([]);
  });

  it("of any other form is refused", () => {
    const good = formatTlogProof({ index: 1, proof: [hash], checkpoint });
    for (const text of [
      "",
      good.replace("@v1", "@v2"),
      good.replace("index 1", "index 01"),
      good.replace("index 1", "index -1"),
      good.replace("index 1\n", ""),
      good.replace("index 1", "index 1 "),
      good.replace("index 1", "extra AAAA\nindex 1"),
      good.slice(0, good.indexOf("\n\n")),
      formatTlogProof({ index: 1, proof: Array.from({ length: 64 }, () => hash), checkpoint }),
    ]) {
      expect(() => parseTlogProof(text), JSON.stringify(text.slice(0, 60))).toThrow(
        expect.objectContaining({ code: "tlog-proof.structure" }),
      );
    }
    expect(() => parseTlogProof(good.replace(toBase64(hash), toBase64(hash.slice(1))))).toThrow(
      expect.objectContaining({ code: "bytes.length" }),
    );
    expect(() => parseTlogProof(good.replace(toBase64(hash), "!"))).toThrow(
      expect.objectContaining({ code: "bytes.base64" }),
    );
  });
});
