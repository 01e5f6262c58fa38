// COSE_Sign1 with Ed25519 (RFC 9052 4.2, RFC 9864), and key thumbprints (RFC 9679).

import { concat, fromHex, gather } from "./bytes.ts";
import { byteStringHead, type Cbor, type CborMap, decode, type Encodable, encode } from "./cbor.ts";
import { FormatError } from "./errors.ts";
import { type Hash32, sha256 } from "./hash.ts";
import { type Signer, verify } from "./signature.ts";

/** Header labels (IANA COSE header parameters). */
export const HEADER = {
  algorithm: 1,
  critical: 2,
  contentType: 3,
  keyId: 4,
  cwtClaims: 15,
  payloadHashAlgorithm: 258,
  preimageContentType: 259,
} as const;
/** Algorithm identifiers: EdDSA is written because most verifiers know it; Ed25519 (RFC 9864) is read too. */
export const EDDSA = -8;
export const ED25519_ALGORITHM = -19;

/** A COSE_Sign1 message taken apart; the signature is not yet verified. Payload and signature may be parts of its bytes. */
export interface Sign1 {
  /** The protected header as signed. */
  readonly protectedBytes: Uint8Array;
  readonly header: CborMap;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

const TAG_18 = 0xd2;
/** An array of four that begins with the text "Signature1" (RFC 9052 4.4). */
const SIGNATURE_HEAD = fromHex("846a5369676e617475726531");
const NO_EXTERNAL_AAD = Uint8Array.of(0x40);
const scratch = new Uint8Array(8_192);

/** A message as far as its signature covers it. */
type Covered = { readonly protectedBytes: Uint8Array; readonly payload: Uint8Array };

/** RFC 9052 4.4: what the signature covers, in parts; external_aad is empty. */
function signedParts({ protectedBytes, payload }: Covered): readonly Uint8Array[] {
  return [
    SIGNATURE_HEAD,
    byteStringHead(protectedBytes.length),
    protectedBytes,
    NO_EXTERNAL_AAD,
    byteStringHead(payload.length),
    payload,
  ];
}

/** RFC 9052 4.4: the bytes that the signature covers. */
export function toBeSigned(message: Covered): Uint8Array {
  return concat(...signedParts(message));
}

/** Signs a payload under a protected header, whose algorithm is set to EdDSA. The unprotected map is empty. */
export function encodeSign1(message: {
  readonly header: ReadonlyMap<Cbor, Encodable>;
  readonly payload: Uint8Array;
  readonly signer: Signer;
}): Uint8Array {
  const header = new Map<Cbor, Encodable>(message.header).set(HEADER.algorithm, EDDSA);
  const protectedBytes = encode(header);
  const signature = message.signer.sign(toBeSigned({ protectedBytes, payload: message.payload }));
  return concat(
    Uint8Array.of(TAG_18),
    encode([protectedBytes, new Map(), message.payload, signature]),
  );
}

/** Takes a message apart strictly: tag 18, deterministic CBOR within and without, empty unprotected map, an
 * Ed25519 algorithm in the protected header, no critical parameter. Errors: `cose.*`, `cbor.*`. */
export function decodeSign1(bytes: Uint8Array): Sign1 {
  if (bytes[0] !== TAG_18) throw new FormatError("cose.structure", "no tag 18");
  const message = decode(bytes.subarray(1), { views: true });
  if (!Array.isArray(message) || message.length !== 4) throw new FormatError("cose.structure");
  const [protectedBytes, unprotected, payload, signature] = message as [Cbor, Cbor, Cbor, Cbor];
  if (!(protectedBytes instanceof Uint8Array))
    throw new FormatError("cose.structure", "protected is no byte string");
  if (!(unprotected instanceof Map))
    throw new FormatError("cose.structure", "unprotected is no map");
  if (unprotected.size !== 0)
    throw new FormatError("cose.unprotected", `${unprotected.size} entries`);
  if (!(payload instanceof Uint8Array)) throw new FormatError("cose.payload");
  if (!(signature instanceof Uint8Array) || signature.length !== 64)
    throw new FormatError("cose.signature");
  const header = protectedBytes.length === 0 ? new Map() : decode(protectedBytes);
  if (!(header instanceof Map))
    throw new FormatError("cose.header", "the protected header is no map");
  const algorithm = header.get(HEADER.algorithm);
  if (algorithm !== EDDSA && algorithm !== ED25519_ALGORITHM) {
    throw new FormatError("cose.algorithm", `expected -8 or -19, found ${String(algorithm)}`);
  }
  if (header.has(HEADER.critical)) throw new FormatError("cose.critical");
  return { protectedBytes, header, payload, signature };
}

/** Whether the message is signed by the key (D7). */
export function verifySign1(message: Sign1, publicKey: Uint8Array): boolean {
  return verify(publicKey, gather(scratch, ...signedParts(message)), message.signature);
}

/** The 32-byte key id of a message: header label 4; else `cose.header`. */
export function keyIdOf(message: Sign1): Hash32 {
  const keyId = message.header.get(HEADER.keyId);
  if (!(keyId instanceof Uint8Array) || keyId.length !== 32)
    throw new FormatError("cose.header", "kid is not 32 bytes");
  return keyId as Hash32;
}

/** Deterministic CBOR of {1: 1, -1: 6, -2: x} up to the 32 bytes of x. */
const COSE_KEY_HEAD = fromHex("a301012006215820");

/** COSE key thumbprint of a 32-byte Ed25519 key: SHA-256 of {1: 1, -1: 6, -2: x} (RFC 9679 3). */
export function keyThumbprint(publicKey: Uint8Array): Hash32 {
  return sha256(concat(COSE_KEY_HEAD, publicKey));
}
