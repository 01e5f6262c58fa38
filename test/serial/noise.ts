// A bad wire: joins two ptys and drops, flips and inserts bytes on the way, both ways.

import { openSerialPort } from "@muniment/firmware-bridge";

export interface Noise {
  /** Bytes that went through, and what happened to some of them. */
  readonly counts: { passed: number; dropped: number; flipped: number; inserted: number };
  close(): Promise<void>;
}

/** Joins two ports; each byte has the chance `rate` of each of the three faults. */
export async function openNoise(
  ends: readonly [string, string],
  rate: number,
  random: () => number,
): Promise<Noise> {
  const counts = { passed: 0, dropped: 0, flipped: 0, inserted: 0 };
  const bend = (bytes: Uint8Array): Uint8Array => {
    const out: number[] = [];
    for (const byte of bytes) {
      const fate = random();
      if (fate < rate) counts.dropped += 1;
      else if (fate < 2 * rate) {
        counts.flipped += 1;
        out.push(byte ^ (1 << Math.floor(random() * 8)));
      } else {
        counts.passed += 1;
        out.push(byte);
        if (fate < 3 * rate) {
          counts.inserted += 1;
          out.push(Math.floor(random() * 256));
        }
      }
    }
    return Uint8Array.from(out);
  };
  const open = (path: string, forward: (bytes: Uint8Array) => void) =>
    openSerialPort(path, 115_200, {
      received: (bytes) => forward(bend(bytes)),
      ended: () => {},
    });
  const near = await open(ends[0], (bytes) => far.write(bytes));
  const far = await open(ends[1], (bytes) => near.write(bytes));
  return {
    counts,
    async close() {
      await near.close();
      await far.close();
    },
  };
}
