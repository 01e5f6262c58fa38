// The keys under which this box keeps bodies of access events: a new one every few hours, destroyed once nothing needs it (D8, decision 10).
// Journal segments, old tables and backups may hold what was sealed for long; without its key it is noise.

import { type SealingKey, SealingKeys, sealedUnder } from "@muniment/core/files";
import type { Clock, Vault } from "./ports.ts";

export interface BodyKeysOptions {
  /** Folder of the keys, apart from what they seal. */
  readonly directory: string;
  readonly clock: Clock;
  /** How long a key seals. The one before it is kept as well: what it sealed may be on its way to the disk. */
  readonly keyMs: number;
  /** Days after which what lies in quarantine, sealed, cannot be opened any more. */
  readonly quarantineDaysMax: number;
  readonly onError: (error: unknown) => void;
}

/** What the keys of transit are needed for. */
export interface Transit {
  /** What of the journal and the log is sealed and still needed. */
  sealed(): AsyncIterable<Uint8Array>;
  /** Entries that are final: only as it grows does something become needless. */
  finalSize(): number;
}

export interface BodyKeys {
  /** Until the ledger has them: of the journal and the log. */
  readonly transit: Vault;
  /** For a number of days: of the quarantine. */
  readonly quarantine: Vault;
  /** Looks after the keys from now on: makes new ones, and destroys those that nothing needs. */
  start(transit: Transit): void;
  stop(): Promise<void>;
}

const DAY_MS = 86_400_000;
/** Looks that are taken within the life of one key, but one an hour at least. */
const LOOKS_PER_KEY = 4;
const LOOK_MS_MAX = 3_600_000;

/** Opens the folder and makes the first keys. */
export async function openBodyKeys(options: BodyKeysOptions): Promise<BodyKeys> {
  const { clock, keyMs } = options;
  const keys = new SealingKeys(options.directory);
  const transit = await Ring.open(keys, "transit");
  const quarantine = await Ring.open(keys, "quarantine");
  let cancel: () => void = () => {};
  let looking: Promise<void> = Promise.resolve();
  /** What was final and which key sealed when the others were last compared with what is needed. */
  let lookedAt = "";
  let stopped = false;

  async function rotate(): Promise<void> {
    // A clock that was set back is one more reason: how old the key is cannot be told any more.
    for (const ring of [transit, quarantine])
      if (clock.now() - ring.rotatedAt >= keyMs || clock.now() < ring.rotatedAt)
        await ring.rotate(clock.now());
  }

  async function look({ sealed, finalSize }: Transit): Promise<void> {
    await rotate();
    // What is sealed from here on is under the newest key, and what is on its way to the disk under the one before.
    const state = `${finalSize()} ${transit.rotatedAt}`;
    if (transit.spare().length > 0 && state !== lookedAt) {
      const needed = new Set<string | null>();
      for await (const value of sealed()) needed.add(sealedUnder(value));
      await transit.destroy((name) => !needed.has(name));
      lookedAt = state;
    }
    const oldest = clock.now() - options.quarantineDaysMax * DAY_MS;
    await quarantine.destroy((_, madeAt) => madeAt < oldest);
  }

  function lookAgain(needs: Transit): void {
    if (stopped) return;
    cancel = clock.after(Math.min(LOOK_MS_MAX, keyMs / LOOKS_PER_KEY), () => {
      looking = look(needs)
        .catch(options.onError)
        .then(() => lookAgain(needs));
    });
  }

  await rotate();
  return {
    transit,
    quarantine,
    start: lookAgain,
    async stop() {
      stopped = true;
      cancel();
      await looking;
    },
  };
}

/** Keys of one use, by the time they were made, oldest first; the last one seals. */
class Ring implements Vault {
  readonly #keys: SealingKeys;
  readonly #use: string;
  readonly #byName = new Map<string, SealingKey>();
  /** When the key that seals was made, in ms by the clock of then; long ago without one. */
  rotatedAt = Number.NEGATIVE_INFINITY;

  private constructor(keys: SealingKeys, use: string) {
    this.#keys = keys;
    this.#use = use;
  }

  static async open(keys: SealingKeys, use: string): Promise<Ring> {
    const ring = new Ring(keys, use);
    for (const name of await keys.names())
      if (name.startsWith(`${use}/`)) ring.#byName.set(name, (await keys.find(name))!);
    const newest = [...ring.#byName.keys()].at(-1);
    if (newest !== undefined) ring.rotatedAt = madeAt(newest);
    return ring;
  }

  /** Makes the key that seals from now on. */
  async rotate(now: number): Promise<void> {
    const newest = [...this.#byName.keys()].at(-1);
    // Names keep the order in which keys were made, whatever the clock says.
    const at = newest === undefined ? now : Math.max(now, madeAt(newest) + 1);
    const name = `${this.#use}/${String(at).padStart(14, "0")}`;
    this.#byName.set(name, await this.#keys.ensure(name));
    this.rotatedAt = now;
  }

  seal(bytes: Uint8Array): Uint8Array {
    return [...this.#byName.values()].at(-1)!.seal(bytes);
  }

  open(sealed: Uint8Array): Uint8Array | null {
    return this.#byName.get(sealedUnder(sealed) ?? "")?.open(sealed) ?? null;
  }

  /** Names of the keys that may go: all but the last two. */
  spare(): readonly string[] {
    return [...this.#byName.keys()].slice(0, -2);
  }

  async destroy(which: (name: string, madeAt: number) => boolean): Promise<void> {
    for (const name of this.spare().filter((one) => which(one, madeAt(one)))) {
      this.#byName.delete(name);
      await this.#keys.destroy(name);
    }
  }
}

/** Milliseconds since 1970, from a key's name. */
function madeAt(name: string): number {
  return Number(name.slice(name.indexOf("/") + 1));
}
