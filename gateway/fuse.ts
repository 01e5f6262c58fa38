// Power cuts for the in-memory adapters: the n-th durable step fails, done or undone, and all later ones (house rule 13).

/** How the chosen step ends: before it did anything, or after it did and could not say so. */
export type Blow = "failed" | "failed-but-persisted";

export class PowerCut extends Error {}

/** Counts durable steps and cuts the power at one of them. */
export class Fuse {
  readonly #at: number;
  readonly #blow: Blow;
  /** Steps so far, by name. */
  readonly steps: string[] = [];

  /** Without arguments it never blows and only counts. */
  constructor(at = Number.POSITIVE_INFINITY, blow: Blow = "failed") {
    this.#at = at;
    this.#blow = blow;
  }

  async step(name: string, persist: () => void): Promise<void> {
    await Promise.resolve();
    const n = this.steps.push(name);
    if (n < this.#at) return persist();
    if (n === this.#at && this.#blow === "failed-but-persisted") persist();
    throw new PowerCut(`power cut at step ${n}: ${name}`);
  }
}
