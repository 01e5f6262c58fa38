// Which quarantined messages wait for their key to be enrolled, in order of arrival per key.

interface Waiting {
  readonly ids: number[];
  /** Messages on their way into quarantine. */
  arriving: number;
}

/** While a key is in here, its live statements join the queue too: none may overtake those that wait. */
export class Held {
  readonly #byKey = new Map<string, Waiting>();
  #count = 0;

  #of(kidHex: string): Waiting {
    let waiting = this.#byKey.get(kidHex);
    if (waiting === undefined) {
      waiting = { ids: [], arriving: 0 };
      this.#byKey.set(kidHex, waiting);
    }
    return waiting;
  }

  has(kidHex: string): boolean {
    return this.#byKey.has(kidHex);
  }

  keys(): readonly string[] {
    return [...this.#byKey.keys()];
  }

  /** Messages that wait, those on their way into quarantine included. */
  count(): number {
    return this.#count;
  }

  arrives(kidHex: string): void {
    this.#of(kidHex).arriving += 1;
    this.#count += 1;
  }

  /** What arrived lies in quarantine under `id`, or (null) did not get there. */
  arrived(kidHex: string, id: number | null): void {
    const waiting = this.#of(kidHex);
    waiting.arriving -= 1;
    if (id !== null) waiting.ids.push(id);
    else this.#count -= 1;
    this.#forgetIfEmpty(kidHex, waiting);
  }

  /** Puts ids from before a restart at the end. */
  add(kidHex: string, id: number): void {
    this.#of(kidHex).ids.push(id);
    this.#count += 1;
  }

  /** The oldest of a key, at most `limit`; they stay until removed. */
  oldest(kidHex: string, limit: number): readonly number[] {
    return this.#byKey.get(kidHex)?.ids.slice(0, limit) ?? [];
  }

  /** The oldest `count` of a key found their place. */
  removeOldest(kidHex: string, count: number): void {
    const waiting = this.#of(kidHex);
    this.#count -= waiting.ids.splice(0, count).length;
    this.#forgetIfEmpty(kidHex, waiting);
  }

  #forgetIfEmpty(kidHex: string, { ids, arriving }: Waiting): void {
    if (ids.length === 0 && arriving === 0) this.#byKey.delete(kidHex);
  }
}
