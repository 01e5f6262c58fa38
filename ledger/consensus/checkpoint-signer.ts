// Signs checkpoints as the log and as its cosigner, and never two that contradict each other, not even after a restart (F6).

import {
  addSignature,
  type Checkpoint,
  cosign,
  equal,
  formatCheckpoint,
  fromUtf8,
  type Hash32,
  parseCheckpoint,
  type Signer,
  signCheckpoint,
  toHex,
  utf8,
  verifyConsistency,
} from "@muniment/core";
import { LedgerError } from "../errors.ts";
import type { Files } from "../ports.ts";

/** The newest checkpoint ever signed, kept beside the keys: whoever restores an older state still has it. */
const SIGNED = "signed-checkpoint";

export interface SigningKeys {
  /** Signs as the log (type 1). */
  readonly log: Signer;
  /** Cosigns as a validator (type 4); a key of its own. */
  readonly cosigner: Signer;
}

/** Trusts no one, its own node included: it signs only what is proven to extend what it signed before. */
export class CheckpointSigner {
  readonly #files: Files;
  readonly #keys: SigningKeys;
  readonly #cosignerName: string;
  #signed: Checkpoint | null;

  private constructor(
    files: Files,
    keys: SigningKeys,
    cosignerName: string,
    signed: Checkpoint | null,
  ) {
    this.#files = files;
    this.#keys = keys;
    this.#cosignerName = cosignerName;
    this.#signed = signed;
  }

  static async open(
    files: Files,
    keys: SigningKeys,
    cosignerName: string,
  ): Promise<CheckpointSigner> {
    const record = await files.read(SIGNED);
    return new CheckpointSigner(
      files,
      keys,
      cosignerName,
      record === null ? null : parseCheckpoint(fromUtf8(record)),
    );
  }

  /**
   * The cosigned note. `time` is milliseconds since 1970 and goes into the cosignature in whole seconds, so that one
   * commit always gives the same bytes. `proveSince` proves consistency from a smaller size. Errors:
   * `consensus.behind`, `consensus.fork`.
   */
  async sign(
    checkpoint: Checkpoint,
    time: number,
    proveSince: (size: number) => Promise<Hash32[]>,
  ): Promise<string> {
    await this.#check(checkpoint, proveSince);
    if (this.#signed === null || this.#signed.size < checkpoint.size) {
      await this.#files.write(SIGNED, utf8(formatCheckpoint(checkpoint)));
      // Die here: recorded and not released. The next run signs the same checkpoint and nothing else.
      this.#signed = checkpoint;
    }
    const note = signCheckpoint(checkpoint, this.#keys.log);
    const line = cosign(note, {
      name: this.#cosignerName,
      signer: this.#keys.cosigner,
      time: Math.floor(time / 1000),
    });
    return addSignature(note, line);
  }

  async #check(next: Checkpoint, proveSince: (size: number) => Promise<Hash32[]>): Promise<void> {
    const signed = this.#signed;
    if (signed === null) return;
    if (signed.origin !== next.origin)
      throw new LedgerError("consensus.fork", `signed ${signed.origin} before, not ${next.origin}`);
    if (next.size < signed.size)
      throw new LedgerError(
        "consensus.behind",
        `signed size ${signed.size}, the ledger has ${next.size}`,
      );
    const consistent =
      next.size === signed.size
        ? equal(next.root, signed.root)
        : verifyConsistency({
            size1: signed.size,
            size2: next.size,
            root1: signed.root,
            root2: next.root,
            proof: await proveSince(signed.size),
          });
    if (!consistent) {
      throw new LedgerError(
        "consensus.fork",
        `size ${next.size} root ${toHex(next.root)} after size ${signed.size} root ${toHex(signed.root)}`,
      );
    }
  }
}
