// Follows the ledger: applies its entries in order, with what they anchored, and keeps the cursor beside the rows (D10).

import { decode, type Effect } from "@muniment/core";
import { DeviceSays } from "./device-says.ts";
import { pseudonymsIn } from "./examine.ts";
import type { Examiner } from "./examiner.ts";
import { Judge } from "./judge.ts";
import {
  type AnchoredRun,
  type LedgerStep,
  projectRun,
  projectTransaction,
  readStep,
  type Visit,
} from "./project.ts";
import { Registry } from "./registry.ts";
import { noRows, type Rows } from "./rows.ts";
import type { EntrySource, LedgerSource } from "./sources.ts";
import type { Cursor, Store } from "./store.ts";

/** Ledger entries read and examined ahead of the one being applied. */
const stepsAheadMax = 8;
/** Rows gathered for one transaction of the store. */
const rowsPerWriteMax = 50_000;
/** How long to wait after a failure before trying again. */
const retryMs = 500;

export interface FollowerParts {
  readonly ledger: LedgerSource;
  readonly archive: EntrySource;
  readonly store: Store;
  readonly examiner: Examiner;
}

/** What stands in memory beside the store: read from it at the start and after every failure. */
interface FollowState {
  readonly registry: Registry;
  readonly judge: Judge;
  readonly says: DeviceSays;
  /** Entries applied in memory; the store's cursor follows with each write. */
  cursor: Cursor;
  rows: Rows;
}

/** A ledger entry on its way: what it anchored is being read and examined. */
interface Coming {
  readonly step: LedgerStep;
  readonly runs: Promise<readonly AnchoredRun[]>;
}

export class Follower {
  readonly #parts: FollowerParts;
  #state: FollowState;
  readonly #listeners = new Set<(cursor: Cursor) => void>();
  readonly #stopListening: (() => void)[] = [];
  #applied: Cursor;
  #failure: Error | null = null;
  #closed = false;
  #loop: Promise<void> | null = null;
  /** Set while the loop sleeps: wakes it. */
  #wake: (() => void) | null = null;
  #woken = false;
  readonly #waiting = new Set<() => void>();

  private constructor(parts: FollowerParts, state: FollowState) {
    this.#parts = parts;
    this.#state = state;
    this.#applied = state.cursor;
  }

  static async open(parts: FollowerParts): Promise<Follower> {
    const follower = new Follower(parts, {
      registry: new Registry(),
      judge: new Judge(new Map(), NOTHING),
      says: new DeviceSays(),
      cursor: ORIGIN,
      rows: noRows(),
    });
    await follower.#restore();
    return follower;
  }

  /** Begins to follow. It never stops by itself: after a failure it restores what the store says and tries again. */
  start(): void {
    const wake = (): void => this.#signal();
    this.#stopListening.push(
      this.#parts.ledger.onCommit(wake),
      this.#parts.archive.onPublish(wake),
    );
    this.#loop = this.#run();
  }

  /** Who is enrolled, as of the last entry applied. */
  get registry(): Registry {
    return this.#state.registry;
  }

  /** How far the ledger is applied and visible to queries. */
  applied(): Cursor {
    return this.#applied;
  }

  /** Why the last attempt failed; null while all goes well. */
  failure(): Error | null {
    return this.#failure;
  }

  /** Called after each write with the cursor it reached; returns the way to stop it. */
  onApplied(listener: (cursor: Cursor) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when everything committed at the time of the call is applied; rejects when following fails first. */
  async caughtUp(): Promise<void> {
    const { size } = this.#parts.ledger.head();
    while (this.#applied.next < size) {
      if (this.#failure !== null) throw this.#failure;
      if (this.#closed) throw new Error("the read model is closed");
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#stopListening) stop();
    this.#signal();
    await this.#loop;
    this.#tell();
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#catchUp();
        this.#failure = null;
        await this.#sleep(null);
      } catch (error) {
        this.#failure = error instanceof Error ? error : new Error(String(error));
        this.#tell();
        await this.#sleep(retryMs);
        await this.#restore().catch((cause: unknown) => {
          this.#failure = new Error("the read model cannot be read", { cause });
        });
      }
    }
  }

  async #restore(): Promise<void> {
    const { store, archive, examiner } = this.#parts;
    const { names, rows } = await store.registryRows();
    const registry = Registry.restore(names, rows);
    for (const { kid, key } of registry.keys.values()) examiner.learn(kid, key);
    const ids = new Map<number, string>();
    const judge = new Judge(await store.highestSequences(), {
      find: async (wanted) => {
        // What was counted may still be on its way into the store.
        await this.#write();
        for (const { no, id } of registry.gateways.values()) ids.set(no, id);
        return (await store.findCounted(wanted)).map((found) => ({
          ...found,
          gateway: ids.get(found.gateway)!,
        }));
      },
      read: (gateway, from, to) => archive.entries(gateway, from, to),
    });
    const says = DeviceSays.restore(await store.sayings());
    this.#state = { registry, judge, says, cursor: await store.cursor(), rows: noRows() };
    this.#applied = this.#state.cursor;
  }

  /** Applies all that is committed and archived. */
  async #catchUp(): Promise<void> {
    const state = this.#state;
    for await (const { step, runs } of this.#comings()) {
      const anchored = await runs;
      if (this.#closed) return;
      // Asks with the registry before this step, so that a write inside never holds half a step.
      await state.judge.prepare(anchored.flatMap((run) => claimsOf(run, state.registry)));
      for (const [key, value] of step.effects) state.registry.write(key, value, step.time);
      projectTransaction(step, state.registry, state.rows);
      for (const run of anchored)
        projectRun(step, run, state.registry, state.judge, state.says, state.rows);
      state.cursor = { next: step.index + 1, height: step.height, time: step.time };
      if (state.rows.entries.length + state.rows.samples.length >= rowsPerWriteMax)
        await this.#write();
    }
    await this.#write();
  }

  /** Ledger entries from the cursor on, each with its entries being examined; ends where the archive has no more. */
  async *#comings(): AsyncGenerator<Coming> {
    const { ledger, archive, examiner } = this.#parts;
    const { cursor, registry } = this.#state;
    const sizes = new Map([...registry.gateways.values()].map(({ id, size }) => [id, size]));
    const queue: Coming[] = [];
    for await (const entry of ledger.entries(cursor.next, ledger.head().size)) {
      const step = readStep(entry);
      for (const [kid, key] of keysIn(step.effects)) examiner.learn(kid, key);
      const ranges = growth(step.effects, sizes);
      if (ranges.some(({ gateway, to }) => archive.size(gateway) < to)) break;
      const runs = Promise.all(ranges.map((range) => this.#read(range)));
      // A rejection is met when its turn comes; until then it must not count as unhandled.
      runs.catch(() => undefined);
      queue.push({ step, runs });
      if (queue.length >= stepsAheadMax) yield queue.shift()!;
    }
    yield* queue;
  }

  async #read({ gateway, from, to }: Growth): Promise<AnchoredRun> {
    const { archive, examiner } = this.#parts;
    const entries = await archive.entries(gateway, from, to);
    if (entries.length !== to - from)
      throw new Error(
        `archive: ${to - from} entries of ${gateway} expected, got ${entries.length}`,
      );
    const examined = await examiner.examine(entries);
    const visits = new Map<number, Visit>();
    for (const [i, one] of examined.entries()) {
      const kept = one?.bodyHash ? await archive.body({ gateway, index: from + i }) : null;
      if (kept === null) continue;
      const persons = pseudonymsIn(entries[i]!, kept.body).map((pseudonym) => kept.tag(pseudonym));
      visits.set(i, { date: kept.date, persons });
    }
    return { gateway, from, entries, examined, visits };
  }

  async #write(): Promise<void> {
    const { cursor, rows, registry, says } = this.#state;
    if (cursor.next === this.#applied.next) return;
    await this.#parts.store.write({
      ...{ cursor, rows },
      registry: registry.changes(),
      says: says.changes(),
    });
    this.#state.rows = noRows();
    this.#applied = cursor;
    this.#failure = null;
    this.#tell();
    for (const listener of this.#listeners) listener(cursor);
  }

  /** Lets those who wait for a change look again. */
  #tell(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }

  #signal(): void {
    this.#woken = true;
    this.#wake?.();
  }

  /** Sleeps until something was committed or published, or for `ms` at most. */
  async #sleep(ms: number | null): Promise<void> {
    if (this.#closed) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#woken && ms === null) resolve();
      if (ms !== null) timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    this.#wake = null;
    this.#woken = false;
  }
}

const ORIGIN: Cursor = { next: 0, height: 0, time: 0 };
const NOTHING = { find: async () => [], read: async () => [] };

/** A gateway log that an entry anchored further: entries [from, to) are new. */
interface Growth {
  readonly gateway: string;
  readonly from: number;
  readonly to: number;
}

/** Which logs the effects of one entry let grow; `sizes` is kept up to date. */
function growth(effects: readonly Effect[], sizes: Map<string, number>): readonly Growth[] {
  const result: Growth[] = [];
  for (const [key, value] of effects) {
    if (!key.startsWith("gateway/") || value === null) continue;
    const state = decode(value);
    const to = state instanceof Map ? state.get("size") : undefined;
    if (typeof to !== "number") continue;
    const gateway = key.slice("gateway/".length);
    const from = sizes.get(gateway) ?? 0;
    if (to > from) result.push({ gateway, from, to });
    sizes.set(gateway, to);
  }
  return result;
}

function* keysIn(effects: readonly Effect[]): Iterable<readonly [kid: string, key: Uint8Array]> {
  for (const [name, value] of effects) {
    if (!name.startsWith("key/") || value === null) continue;
    const state = decode(value);
    const key = state instanceof Map ? state.get("key") : undefined;
    if (key instanceof Uint8Array) yield [name.slice("key/".length), key];
  }
}

function claimsOf(run: AnchoredRun, registry: Registry) {
  return run.examined.flatMap((examined) => {
    const signer = examined?.signed === true ? registry.keys.get(examined.kid) : undefined;
    return signer === undefined
      ? []
      : [{ signer: signer.no, sequence: examined!.sequence, hash: examined!.hash }];
  });
}
