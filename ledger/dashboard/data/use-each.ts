// The same question about each of several things, for lists whose rows have figures of their own.
import { useState } from "react";
import { getJson } from "./request.ts";
import { useAsker } from "./use-asker.ts";

/** Questions on their way at the same time. */
const askingMax = 4;

export interface Each<Value> {
  readonly settled: boolean; // every thing has been asked about once
  readonly values: ReadonlyMap<string, Value>; // by the name of the thing; without those that gave no answer
}

/** Asks the path of each named thing. All answers of a round take the place of the round before at once. */
export function useEach<Value>(
  things: readonly { readonly name: string; readonly path: string }[],
): Each<Value> {
  const [round, setRound] = useState<Each<Value>>({ settled: false, values: new Map() });
  useAsker(JSON.stringify(things), async (signal) => {
    const waiting = [...things];
    const values = new Map<string, Value>();
    const ask = async (): Promise<void> => {
      for (let thing = waiting.shift(); thing !== undefined; thing = waiting.shift()) {
        const value = await getJson<Value>(thing.path, signal).catch(() => null);
        if (value !== null) values.set(thing.name, value);
      }
    };
    await Promise.all(Array.from({ length: askingMax }, ask));
    if (!signal.aborted) setRound({ settled: true, values });
  });
  return round;
}
