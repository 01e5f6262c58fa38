// Chance with a seed (mulberry32), printed first, so that a run can be told to happen again.

/** The seed of MUNIMENT_SEED, or a new one; said aloud. */
export function printedSeed(what: string): number {
  const seed = Number(process.env.MUNIMENT_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`${what}: MUNIMENT_SEED=${seed}`);
  return seed;
}

/** Numbers in [0, 1). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
