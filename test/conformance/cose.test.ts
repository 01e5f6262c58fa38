// Third-party COSE vectors: what a strict Ed25519-only COSE_Sign1 reader must accept, and refuse with which code.

import {
  concat,
  decode,
  decodeSign1,
  encode,
  equal,
  fromHex,
  signerFromSeed,
  toBeSigned,
  utf8,
  verify,
} from "@muniment/core";
import { describe, expect, it } from "vitest";
import { hasMaterial, listMaterial, readMaterial, readMaterialJson } from "./material.ts";
import { refusal } from "./refusal.ts";
import { Tally } from "./tally.ts";

interface WorkingGroupVector {
  readonly fail?: boolean;
  readonly input: {
    readonly plaintext: string;
    readonly sign0?: {
      readonly key: { readonly crv: string; readonly x_hex?: string; readonly d_hex?: string };
    };
  };
  readonly intermediates: {
    readonly ToBeSign_hex?: string;
    readonly signers?: readonly { readonly ToBeSign_hex: string }[];
  };
  readonly output: { readonly cbor: string };
}

/** The same message with its unprotected map emptied; what is signed does not change (RFC 9052 4.4). */
function withoutUnprotected(message: Uint8Array): Uint8Array {
  const parts = decode(message.subarray(1)) as [Uint8Array, unknown, Uint8Array, Uint8Array];
  return concat(message.subarray(0, 1), encode([parts[0], new Map(), parts[2], parts[3]]));
}

const codeOf = (bytes: Uint8Array): string | null => refusal(() => decodeSign1(bytes));

describe.runIf(hasMaterial("cose"))("third-party COSE vectors", () => {
  const tally = new Tally("COSE");

  it("of the COSE working group", () => {
    const family = "cose-wg Examples";
    // Every one of them has its kid in the unprotected map, which a statement that is hashed may not have.
    const policy: Readonly<
      Record<string, readonly [policy: string, code: string, emptied: string | null]>
    > = {
      "eddsa-sig-01": ["unprotected header", "cose.unprotected", null],
      "eddsa-01": ["COSE_Sign of several signers", "cose.structure", "-"],
      "sign-pass-01": ["unprotected header, algorithm there", "cose.unprotected", "cose.algorithm"],
      "sign-pass-02": ["unprotected header", "cose.unprotected", "cose.algorithm"],
      "sign-fail-01": ["", "cose.structure", "-"],
      "sign-fail-02": ["", "cose.unprotected", "cose.algorithm"],
      "sign-fail-03": ["", "cose.unprotected", "cose.algorithm"],
      "sign-fail-04": ["", "cose.unprotected", "cose.algorithm"],
    };
    for (const path of listMaterial("cose/cose-wg", ".json")) {
      const name = path.replace(/^.*[\\/]/, "").replace(".json", "");
      const vector = readMaterialJson<WorkingGroupVector>(path);
      const message = fromHex(vector.output.cbor);
      const [why, code, emptied] = policy[name]!;
      if (vector.fail === true) tally.expect(family, name, code, codeOf(message));
      else tally.refusedByPolicy(family, name, why, code, codeOf(message));
      if (emptied === "-") continue;
      const plain = withoutUnprotected(message);
      if (emptied === null) tally.expect(`${family}, map emptied`, name, null, codeOf(plain));
      else if (vector.fail === true)
        tally.expect(`${family}, map emptied`, name, emptied, codeOf(plain));
      else tally.refusedByPolicy(`${family}, map emptied`, name, "ES256", emptied, codeOf(plain));
    }
  });

  it("sign the bytes that the working group signs", () => {
    const family = "cose-wg Ed25519";
    const single = readMaterialJson<WorkingGroupVector>("cose/cose-wg/eddsa-sig-01.json");
    const key = single.input.sign0!.key;
    const signer = signerFromSeed(fromHex(key.d_hex!));
    const message = decodeSign1(withoutUnprotected(fromHex(single.output.cbor)));
    const signed = fromHex(single.intermediates.ToBeSign_hex!);
    tally.expect(family, "public key", true, equal(signer.publicKey, fromHex(key.x_hex!)));
    tally.expect(family, "Sig_structure", true, equal(toBeSigned(message), signed));
    tally.expect(family, "payload", true, equal(message.payload, utf8(single.input.plaintext)));
    tally.expect(family, "signature", true, verify(signer.publicKey, signed, message.signature));
    tally.expect(
      family,
      "signature made here",
      true,
      equal(signer.sign(signed), message.signature),
    );
    const several = readMaterialJson<WorkingGroupVector>("cose/cose-wg/eddsa-01.json");
    const signature = fromHex(several.output.cbor).slice(-64);
    tally.expect(
      family,
      "signer of a COSE_Sign",
      true,
      verify(signer.publicKey, fromHex(several.intermediates.signers![0]!.ToBeSign_hex), signature),
    );
  });

  it("of gluecose: ECDSA, valid and refused", () => {
    for (const path of listMaterial("cose/gluecose", ".json")) {
      const vector = readMaterialJson<{
        alg: string;
        "sign1::verify": { taggedCOSESign1: { cborHex: string } };
      }>(path);
      const message = fromHex(vector["sign1::verify"].taggedCOSESign1.cborHex);
      tally.refusedByPolicy(
        "gluecose",
        path,
        "unprotected header",
        "cose.unprotected",
        codeOf(message),
      );
      // ES384 and ES512 signatures are longer than 64 bytes, which is found first.
      const code = vector.alg === "ES256" ? "cose.algorithm" : "cose.signature";
      tally.refusedByPolicy(
        "gluecose, map emptied",
        path,
        vector.alg,
        code,
        codeOf(withoutUnprotected(message)),
      );
      // RFC 9052 allows the untagged form where the context is known; a leaf must say what it is.
      tally.refusedByPolicy(
        "gluecose, untagged",
        path,
        "no tag 18",
        "cose.structure",
        codeOf(message.subarray(1)),
      );
    }
  });

  it("of SCITT tools and of the receipts draft", () => {
    for (const path of listMaterial("cose/scitt", ".cose")) {
      const certificates = path.includes("cts-hashv");
      const policy = certificates ? "unprotected header" : "unsorted keys";
      const code = certificates ? "cose.unprotected" : "cbor.key-order";
      tally.refusedByPolicy("SCITT statements", path, policy, code, codeOf(readMaterial(path)));
    }
    const receipt = readMaterial("cose/receipts/inclusion-receipt.cbor");
    tally.refusedByPolicy(
      "receipt",
      "inclusion-receipt.cbor",
      "unprotected header, detached payload",
      "cose.unprotected",
      codeOf(receipt),
    );
    const [protectedBytes, unprotected, payload] = decode(receipt.subarray(1)) as [
      Uint8Array,
      Map<number, Map<number, Uint8Array[]>>,
      null,
    ];
    tally.refusedByPolicy(
      "receipt",
      "protected header",
      "unsorted keys",
      "cbor.key-order",
      refusal(() => decode(protectedBytes)),
    );
    const [size, index, path] = decode(unprotected.get(396)!.get(-1)![0]!) as [
      number,
      number,
      Uint8Array[],
    ];
    tally.expect("receipt", "payload", null, payload);
    tally.expect(
      "receipt",
      "inclusion proof",
      "3 of 5 by 32,32,32",
      `${index} of ${size} by ${path.map((hash) => hash.length).join()}`,
    );
    tally.outOfScope(
      "receipts",
      "the example has neither leaf nor key; inclusion is shown by tlog-proof here. .cddl and .diag are schemas",
    );
  });

  it("come out as their sources say, or by a policy that is named", () => {
    tally.print();
    expect(tally.wrong()).toEqual([]);
    expect(tally.total()).toBeGreaterThan(35);
  });
});
