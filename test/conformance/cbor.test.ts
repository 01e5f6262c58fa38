// Third-party CBOR vectors: what is deterministic is accepted and encoded back, all else is refused.

import { decode, type Encodable, encode, equal, fromHex, toHex } from "@muniment/core";
import { describe, expect, it } from "vitest";
import { hasMaterial, listMaterial, readMaterialJson, readMaterialText } from "./material.ts";
import { refusal } from "./refusal.ts";
import { Tally } from "./tally.ts";

/** By RFC 8949 alone, a float may stand for a whole number; where a format has integers, see statement.test.ts. */
const options = { depthMax: 16, wholeFloats: "anywhere" } as const;
const codeOf = (hex: string): string | null => refusal(() => decode(fromHex(hex), options));
const refused = (hex: string): boolean => codeOf(hex)?.startsWith("cbor.") === true;

/** Whether bytes are decoded and come back the same. Integral floats are written as integers (RFC 8949 4.2.2), so for
 * those it is enough that the value comes back. */
function roundTrips(hex: string): boolean {
  const value = decode(fromHex(hex), options);
  const again = encode(value as Encodable);
  return typeof value === "number" && Number.isInteger(value)
    ? Number(decode(again, options)) === value
    : equal(again, fromHex(hex));
}

/** Whether core agrees with a vector that claims to be deterministic; refusals by policy are named by their code. */
function expectDeterministic(tally: Tally, family: string, name: string, hex: string): void {
  const code = codeOf(hex);
  if (/^(c2|c3|d8)/.test(hex)) tally.refusedByPolicy(family, name, "tag", "cbor.tag", code);
  else if (/^f9(7c00|fc00|7e00)$/.test(hex))
    tally.refusedByPolicy(family, name, "NaN or infinity", "cbor.float", code);
  else tally.expect(family, name, true, code === null && roundTrips(hex));
}

describe.runIf(hasMaterial("cbor"))("third-party CBOR vectors", () => {
  const tally = new Tally("CBOR");

  it("of RFC 8949 appendix F are all refused", () => {
    for (const { title, hex } of readMaterialJson<{ title: string; hex: string }[]>(
      "cbor/rfc8949_appendix_f_malformed.json",
    )) {
      tally.expect("RFC 8949 F, not well-formed", `${hex} ${title}`, true, refused(hex));
    }
  });

  it("of the CBOR common deterministic encoding draft", () => {
    for (const line of readMaterialText("cbor/cde_examples.csv").split("\n")) {
      const columns = /^(int|flt|bad),("[^"]*"|[^,]*),([0-9a-f]+),/.exec(line);
      if (columns === null) continue;
      const [, kind, value, hex] = columns as unknown as [string, string, string, string];
      if (kind === "bad") {
        tally.expect("CDE draft, to refuse", line, true, refused(hex));
        continue;
      }
      expectDeterministic(tally, "CDE draft", line, hex);
      if (codeOf(hex) !== null) continue;
      const found = decode(fromHex(hex), options);
      const expected = kind === "flt" ? Number(value) : BigInt(value);
      tally.expect(
        "CDE draft, value",
        line,
        expected,
        kind === "flt" ? found : BigInt(found as number | bigint),
      );
    }
  });

  it("of the DASL suite, read by RFC 8949", () => {
    type Vector = {
      type: "roundtrip" | "invalid_in" | "invalid_out";
      data: string;
      name: string;
      tags: string[];
    };
    const ours = new Set(["basic", "rfc8949", "CDE", "CBOR-Core"]);
    // Where another profile differs from RFC 8949 4.2.1, by input.
    const otherProfile: Readonly<Record<string, string>> = {
      "roundtrip fb3ff8000000000000": "dag-cbor: floats of 64 bits only",
      "roundtrip fb0000000000000000": "dag-cbor: floats of 64 bits only",
      "invalid_in f93e00": "dag-cbor: floats of 64 bits only",
      "invalid_in a10000": "dag-cbor: text keys only",
      "invalid_out a10000": "dag-cbor: text keys only",
      "invalid_in 6365cc81": "dCBOR: normalized text only",
      "invalid_out fb8000000000000000":
        "dag-cbor: negative zero is an error (here it is written as 0)",
    };
    for (const path of listMaterial("cbor/dasl", ".json")) {
      for (const { type, data, name, tags } of readMaterialJson<Vector[]>(path)) {
        const family = `DASL ${path.replace(/^.*[\\/]/, "")}`;
        const label = `${type} ${data} ${name}`;
        const foreign = tags.some((tag) => ours.has(tag))
          ? undefined
          : otherProfile[`${type} ${data}`];
        const accepts = !refused(data);
        if (foreign !== undefined) {
          // The other profile's verdict is the opposite of RFC 8949's, which is the one that stands.
          const byRfc8949 = type === "invalid_in" || (type === "invalid_out" && data === "a10000");
          if (data === "fb8000000000000000")
            tally.refusedByPolicy(family, label, foreign, "00", toHex(encode(-0))); // the integer
          else tally.refusedByPolicy(family, label, foreign, byRfc8949, accepts);
        } else if (type === "roundtrip") {
          expectDeterministic(tally, family, label, data);
        } else if (type === "invalid_in") {
          tally.expect(family, label, false, accepts);
        } else {
          const values: Readonly<Record<string, unknown>> = {
            f97e00: Number.NaN,
            f97c00: Infinity,
            f9fc00: -Infinity,
            f7: undefined,
          };
          if (data in values)
            tally.expect(
              family,
              label,
              "cbor.value",
              refusal(() => encode(values[data] as Encodable)),
            );
          else tally.outOfScope(family, `${label}: no value here stands for it`);
        }
      }
    }
  });

  it("come out as their sources say, or by a policy that is named", () => {
    tally.print();
    expect(tally.wrong()).toEqual([]);
    expect(tally.total()).toBeGreaterThan(190);
  });
});
