// What core asks of a cryptographic library; everything is synchronous, as the machine needs (D9).

/** Ed25519 and SHA-256 of one library. `verifyEquation` is the cofactorless equation with R compared
 * byte for byte; which encodings reach it is signature.ts's to decide. */
export interface Provider {
  readonly name: string;
  sha256(bytes: Uint8Array): Uint8Array;
  publicKey(seed: Uint8Array): Uint8Array;
  sign(seed: Uint8Array, message: Uint8Array): Uint8Array;
  verifyEquation(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}
