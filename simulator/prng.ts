// Seeded numbers, the only chance in the simulated world: one independent stream per label, so that the order of drawing does not matter (house rule 12).
import { sha256, utf8 } from "@muniment/core";

/** A stream of numbers that the same seed and label always give again. */
export interface Stream {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [low, high], both included. */
  integer(low: number, high: number): number;
  /** Normal with the given mean and standard deviation (Box and Muller, 1958). */
  normal(mean: number, deviation: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** The same items in a random order (Fisher and Yates); the input stays as it is. */
  shuffled<T>(items: readonly T[]): T[];
}

/** The stream named by a seed and labels: sfc32 started from their SHA-256. */
export function stream(seed: number, ...labels: readonly (string | number)[]): Stream {
  const digest = sha256(utf8([seed, ...labels].join("\u0000")));
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  let a = view.getUint32(0);
  let b = view.getUint32(4);
  let c = view.getUint32(8);
  let counter = 1;

  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let warming = 0; warming < 12; warming++) next();

  const integer = (low: number, high: number): number =>
    low + Math.floor(next() * (high - low + 1));
  return {
    next,
    integer,
    normal: (mean, deviation) =>
      mean + deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    chance: (probability) => next() < probability,
    shuffled: (items) => {
      const order = [...items];
      for (let last = order.length - 1; last > 0; last--) {
        const pick = integer(0, last);
        [order[last], order[pick]] = [order[pick] as never, order[last] as never];
      }
      return order;
    },
  };
}
