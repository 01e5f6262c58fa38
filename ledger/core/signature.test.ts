// The one verification rule (D7): each narrowing by an example. Third-party vectors: test/conformance.

import { describe, expect, it } from "vitest";
import { concat, fromHex, toHex, utf8 } from "./bytes.ts";
import { nobleProvider } from "./provider/browser.ts";
import { nodeProvider, sodiumProvider } from "./provider/node.ts";
import type { Provider } from "./provider/provider.ts";
import { publicKeyProblem, signerFromSeed, verify, verifyWith } from "./signature.ts";

const providers = [sodiumProvider(), nodeProvider(), nobleProvider()].filter(
  (provider) => provider !== null,
);
const signer = signerFromSeed(
  fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
);
const message = utf8("a reading");
const signature = signer.sign(message);
const L = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;

function littleEndian(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, "0")).reverse();
}

describe("Ed25519 as in D7", () => {
  it("signs as RFC 8032 7.1 test 1", () => {
    expect(toHex(signer.publicKey)).toBe(
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    );
    expect(toHex(signer.sign(new Uint8Array(0)))).toBe(
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    );
  });

  it("every provider accepts the signature, and none any other length, message, key, R or S", () => {
    const other = signerFromSeed(new Uint8Array(32)).publicKey;
    const s = BigInt(`0x${toHex(signature.slice(32).reverse())}`);
    const malleable = concat(signature.slice(0, 32), littleEndian(s + L));
    for (const provider of providers) {
      const accepts = (key: Uint8Array, text: Uint8Array, signed: Uint8Array): boolean =>
        verifyWith(provider, key, text, signed);
      expect(accepts(signer.publicKey, message, signature), provider.name).toBe(true);
      expect(accepts(signer.publicKey, utf8("a Reading"), signature), provider.name).toBe(false);
      expect(accepts(other, message, signature), provider.name).toBe(false);
      expect(accepts(signer.publicKey, message, signature.slice(0, 63)), provider.name).toBe(false);
      expect(
        accepts(signer.publicKey, message, concat(signature, Uint8Array.of(0))),
        provider.name,
      ).toBe(false);
      expect(accepts(signer.publicKey, message, malleable), provider.name).toBe(false);
      expect(accepts(signer.publicKey.slice(0, 31), message, signature), provider.name).toBe(false);
      for (let i = 0; i < 64; i += 7) {
        expect(
          accepts(
            signer.publicKey,
            message,
            signature.map((byte, k) => (k === i ? byte ^ 1 : byte)),
          ),
          provider.name,
        ).toBe(false);
      }
    }
  });

  it("refuses keys of small order and non-canonical keys, in both signs", () => {
    const p = 2n ** 255n - 19n;
    const eight = BigInt(
      `0x${toHex(fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05").reverse())}`,
    );
    const smallOrder = [0n, 1n, eight, p - eight, p - 1n];
    const nonCanonical = [p, p + 1n, p + 3n, 2n ** 255n - 1n];
    for (const y of [...smallOrder, ...nonCanonical]) {
      for (const sign of [0n, 1n]) {
        const key = littleEndian(y + (sign << 255n));
        expect(publicKeyProblem(key), toHex(key)).not.toBeNull();
        expect(verify(key, message, signature)).toBe(false);
        // R of small order is refused as well, whatever the key is.
        expect(verify(signer.publicKey, message, concat(key, signature.slice(32)))).toBe(false);
      }
    }
    expect(publicKeyProblem(littleEndian(p - 2n))).toBeNull();
    expect(publicKeyProblem(signer.publicKey)).toBeNull();
    expect(publicKeyProblem(new Uint8Array(33))).toContain("32 bytes");
  });

  it("decides the edge cases before any library is asked", () => {
    const asked: Uint8Array[] = [];
    const yes: Provider = {
      ...nobleProvider(),
      verifyEquation: (_key, _message, signed) => asked.push(signed) > 0,
    };
    const s = BigInt(`0x${toHex(signature.slice(32).reverse())}`);
    const zero = new Uint8Array(32);
    const minusOne = fromHex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff");
    expect(verifyWith(yes, signer.publicKey, message, signature)).toBe(true);
    expect(asked).toHaveLength(1);
    for (const [key, signed] of [
      [signer.publicKey, concat(signature.slice(0, 32), littleEndian(s + L))],
      [signer.publicKey, concat(signature.slice(0, 32), littleEndian(L))],
      [signer.publicKey, concat(zero, signature.slice(32))],
      [signer.publicKey, concat(minusOne, signature.slice(32))],
      [signer.publicKey, concat(signature, zero)],
      [zero, signature],
      [littleEndian(2n ** 255n - 1n), signature],
    ] as const) {
      expect(verifyWith(yes, key, message, signed), toHex(signed)).toBe(false);
    }
    expect(asked).toHaveLength(1);
    expect(
      verifyWith(
        yes,
        signer.publicKey,
        message,
        concat(signature.slice(0, 32), littleEndian(L - 1n)),
      ),
    ).toBe(true);
  });

  it("a signer keeps its own copy of the seed", () => {
    const seed = new Uint8Array(32).fill(7);
    const copied = signerFromSeed(seed);
    const before = copied.sign(message);
    seed.fill(8);
    expect(copied.sign(message)).toEqual(before);
    expect(verify(copied.publicKey, message, before)).toBe(true);
  });
});
