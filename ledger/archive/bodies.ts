// Bodies of access events, apart from the log and sealed, so that they can be destroyed while every proof stays valid (D8, F2).
// All of one local day of a building are sealed under one key; with the last of them the key goes, and every copy with it (decision 10).

import { type SealingKeys, sealedUnder } from "@muniment/core/files";
import { Level } from "level";

/** Of which entry a body is: its gateway, and the entry's index in that log. */
export interface BodyPlace {
  readonly gateway: string;
  readonly index: number;
}

/** A local day of a building. */
export interface BodyDay {
  readonly building: string;
  /** YYYY-MM-DD. */
  readonly date: string;
}

/** A body as it is added. */
export type NewBody = BodyPlace & BodyDay & { readonly body: Uint8Array };

/** A body that can still be read. */
export interface KeptBody extends BodyDay {
  readonly body: Uint8Array;
  /** The same number for the same bytes on this day; meaningless once the day's key is destroyed. */
  tag(bytes: Uint8Array): number;
}

const APPLIED = "applied";
/** Sealed bodies; what of them lies under which day; and which ledger entry took those that are gone. */
const sealedKey = (place: BodyPlace) => `body/${placeKey(place)}`;
const dayKey = (day: BodyDay, place: BodyPlace) => `day/${keyName(day)}/${placeKey(place)}`;
const withheldKey = (place: BodyPlace) => `withheld/${placeKey(place)}`;
/** Above every key with this prefix: keys are ASCII. */
const LAST = "\uffff";
const NOTHING = new Uint8Array(0);
const PLACES_PER_WRITE_MAX = 4_096;

/** Bodies by their places. */
export class Bodies {
  readonly #store: Level<string, Uint8Array>;
  readonly #keys: SealingKeys;

  private constructor(store: Level<string, Uint8Array>, keys: SealingKeys) {
    this.#store = store;
    this.#keys = keys;
  }

  /** Opens the store in a folder. The keys lie elsewhere: whoever copies one of the two can read nothing. */
  static async open(directory: string, keys: SealingKeys): Promise<Bodies> {
    const store = new Level<string, Uint8Array>(directory, { valueEncoding: "view" });
    await store.open();
    return new Bodies(store, keys);
  }

  /** Durable when it resolves. What lay at a place before was of a batch that never was anchored, and is replaced. */
  async add(bodies: readonly NewBody[]): Promise<void> {
    if (bodies.length === 0) return;
    const batch = this.#store.batch();
    for (const one of bodies) {
      const former = await this.#dayAt(one);
      if (former !== null) batch.del(dayKey(former, one));
      const key = await this.#keys.ensure(keyName(one));
      batch.put(sealedKey(one), key.seal(one.body)).put(dayKey(one, one), NOTHING);
    }
    // Die here: keys that seal nothing. They are destroyed with their day.
    await batch.write({ sync: true });
  }

  /** Null when there is none here, or its key is not. */
  async read(place: BodyPlace): Promise<KeptBody | null> {
    const sealed = await this.#store.get(sealedKey(place));
    const name = sealed === undefined ? null : sealedUnder(sealed);
    const key = name === null ? null : await this.#keys.find(name);
    const body = key === null ? null : key.open(sealed!);
    return body === null ? null : { ...dayOf(name!), body, tag: key!.tag };
  }

  /** The ledger entry that took the body of this entry; null when none did. */
  async withheldBy(place: BodyPlace): Promise<number | null> {
    const entry = await this.#store.get(withheldKey(place));
    return entry === undefined ? null : numberOf(entry);
  }

  /** Days of which something is kept, in the order of their names. */
  async *days(): AsyncIterable<BodyDay> {
    for (let after = "day/"; ; ) {
      const [next] = await this.#store.keys({ gt: after, lt: `day/${LAST}`, limit: 1 }).all();
      if (next === undefined) return;
      const [, building, date] = next.split("/") as [string, string, string];
      yield { building, date };
      after = `day/${building}/${date}/${LAST}`;
    }
  }

  /** What is kept of a day, by gateway and index. */
  async places(day: BodyDay): Promise<BodyPlace[]> {
    const prefix = `day/${keyName(day)}/`;
    const keys = await this.#store.keys({ gt: prefix, lt: `${prefix}${LAST}` }).all();
    return keys.map((key) => {
      const [gateway, index] = key.slice(prefix.length).split("/") as [string, string];
      return { gateway, index: Number(index) };
    });
  }

  /**
   * Destroys what is kept at these places of a day, and with the last of the day its key. With `entry`, the places tell from now on
   * which ledger entry took it. May be cut short anywhere and run again.
   */
  async destroy(
    day: BodyDay,
    places: readonly BodyPlace[],
    entry: number | null = null,
  ): Promise<void> {
    for (let from = 0; from < places.length; from += PLACES_PER_WRITE_MAX) {
      const batch = this.#store.batch();
      for (const place of places.slice(from, from + PLACES_PER_WRITE_MAX)) {
        const kept = await this.#dayAt(place);
        // What lies under another day than the one that is over was not meant, whoever named it.
        if (kept !== null && keyName(kept) !== keyName(day)) continue;
        if (kept !== null) batch.del(sealedKey(place)).del(dayKey(day, place));
        if (entry !== null && (await this.withheldBy(place)) === null)
          batch.put(withheldKey(place), bytesOf(entry));
      }
      await batch.write({ sync: true });
    }
    // Die here: nobody can ask for them any more, but tables and key are as they were.
    if ((await this.places(day)).length === 0) await this.#keys.destroy(keyName(day));
    // Die here: every copy is noise, and some of the noise still lies in the tables.
    await this.#compact(day, places);
  }

  /** Rewrites the tables over these places, so that none holds what was destroyed. */
  async #compact(day: BodyDay, places: readonly BodyPlace[]): Promise<void> {
    // On a server `level` is classic-level, which has this beyond the interface they share.
    const store = this.#store as unknown as {
      compactRange(start: string, end: string): Promise<void>;
    };
    const ends = new Map<string, readonly [first: string, last: string]>();
    for (const place of places) {
      const key = sealedKey(place);
      const [first, last] = ends.get(place.gateway) ?? [key, key];
      ends.set(place.gateway, [key < first ? key : first, key > last ? key : last]);
    }
    for (const [first, last] of ends.values()) await store.compactRange(first, last);
    await store.compactRange(`day/${keyName(day)}/`, `day/${keyName(day)}/${LAST}`);
  }

  /** How much of the ledger log is applied here: the index of the first entry that is not. */
  async applied(): Promise<number> {
    const bytes = await this.#store.get(APPLIED);
    return bytes === undefined ? 0 : numberOf(bytes);
  }

  /** Durable when it resolves. */
  async setApplied(next: number): Promise<void> {
    await this.#store.put(APPLIED, bytesOf(next), { sync: true });
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #dayAt(place: BodyPlace): Promise<BodyDay | null> {
    const sealed = await this.#store.get(sealedKey(place));
    const name = sealed === undefined ? null : sealedUnder(sealed);
    return name === null ? null : dayOf(name);
  }
}

function keyName({ building, date }: BodyDay): string {
  return `${building}/${date}`;
}

function dayOf(name: string): BodyDay {
  const [building, date] = name.split("/") as [string, string];
  return { building, date };
}

/** Indices are padded so that the order of keys is the order of entries. */
function placeKey({ gateway, index }: BodyPlace): string {
  return `${gateway}/${String(index).padStart(16, "0")}`;
}

function bytesOf(value: number): Uint8Array {
  return Buffer.from(String(value), "latin1");
}

function numberOf(bytes: Uint8Array): number {
  return Number(Buffer.from(bytes).toString("latin1"));
}
