// The newest ledger checkpoint this gateway has accepted; every later one must extend it (D14).

import {
  type Checkpoint,
  checkPolicy,
  FormatError,
  type Policy,
  proveConsistency,
  type TileReader,
  verifyConsistency,
} from "@muniment/core";
import { decode, encode } from "cbor-x";
import { GatewayError } from "../errors.ts";
import type { Store } from "../store.ts";

export interface Seen {
  readonly size: number;
  readonly root: Uint8Array;
}

export interface LedgerView {
  seen(): Seen;
  /** One at a time: what is proven against `seen()` must not find another one when it is done. */
  turn<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Accepts a checkpoint note: quorum under the pinned policy, and consistent with the one seen. Without `consistency`
   * the proof is made from the log's public tiles. A smaller one is accepted if it is a prefix, and changes nothing.
   * Only within a turn. Errors: `registry.forked`, `policy.*`, `note.*`, `tile.missing`, `ledger.unreachable`.
   */
  accept(note: string, consistency?: readonly Uint8Array[]): Promise<Checkpoint>;
}

export interface LedgerViewOptions {
  readonly state: Store;
  readonly policy: Policy;
  /** Leaf hash of the pinned genesis document: the root of the ledger's log at size 1. */
  readonly genesisLeaf: Uint8Array;
  /** Files of the ledger's log, from any node: what they prove is checked. */
  readonly readTile: TileReader;
}

const SEEN = "ledger/seen";

/** The view as it was last stored; at first, the genesis alone. */
export async function openLedgerView(options: LedgerViewOptions): Promise<LedgerView> {
  const stored = await options.state.get(SEEN);
  let seen: Seen =
    stored === undefined ? { size: 1, root: options.genesisLeaf } : (decode(stored) as Seen);
  let last: Promise<unknown> = Promise.resolve();

  async function consistent(
    earlier: Seen,
    later: Seen,
    given?: readonly Uint8Array[],
  ): Promise<boolean> {
    const [size1, size2] = [earlier.size, later.size];
    const proof =
      size1 === size2 ? [] : (given ?? (await proveConsistency(size1, size2, options.readTile)));
    return verifyConsistency({ size1, size2, root1: earlier.root, root2: later.root, proof });
  }

  return {
    seen: () => seen,
    turn(work) {
      const mine = last.then(work);
      last = mine.catch(() => undefined);
      return mine;
    },
    async accept(note, consistency) {
      const { checkpoint } = checkPolicy(options.policy, note);
      if (checkpoint.size < 1) throw new FormatError("checkpoint.structure", "an empty ledger");
      const newer = checkpoint.size > seen.size;
      const holds = newer
        ? await consistent(seen, checkpoint, consistency)
        : await consistent(checkpoint, seen);
      if (!holds) {
        throw new GatewayError(
          "registry.forked",
          `size ${checkpoint.size} is shown, size ${seen.size} was seen, and neither extends the other`,
        );
      }
      if (newer) {
        const next: Seen = { size: checkpoint.size, root: checkpoint.root };
        await options.state.write([[SEEN, encode(next)]]);
        // Die here: the newer checkpoint binds the nodes from now on, whatever it was shown with.
        seen = next;
      }
      return checkpoint;
    },
  };
}
