// The same question about each of several things, for lists whose rows have figures of their own.
import { useEffect, useState } from "react";
import { useLive } from "./live.ts";
import { getJson } from "./request.ts";

/** Questions on their way at the same time. */
const askingMax = 4;

export interface Each<Value> {
  readonly settled: boolean; // every thing has been asked about once
  readonly values: ReadonlyMap<string, Value>; // by the name of the thing; without those that gave no answer
}

interface Round<Value> extends Each<Value> {
  readonly key: string;
}

/**
 * Asks the path of each named thing. All answers of a round change places with the round before at once; asked again when a
 * path changes, and after a pulse once the round before is complete.
 */
export function useEach<Value>(
  things: readonly { readonly name: string; readonly path: string }[],
): Each<Value> {
  const { pulse } = useLive();
  const [round, setRound] = useState<Round<Value>>({ settled: false, values: new Map(), key: "" });
  const [beat, setBeat] = useState(pulse);
  const key = JSON.stringify(things);

  useEffect(() => {
    if (round.key === key) setBeat(pulse);
  }, [pulse, round, key]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a beat is a reason to ask again
  useEffect(() => {
    const abort = new AbortController();
    const waiting = JSON.parse(key) as { name: string; path: string }[];
    const values = new Map<string, Value>();
    const ask = async (): Promise<void> => {
      for (let thing = waiting.shift(); thing !== undefined; thing = waiting.shift()) {
        const value = await getJson<Value>(thing.path, abort.signal).catch(() => null);
        if (value !== null) values.set(thing.name, value);
      }
    };
    void Promise.all(Array.from({ length: askingMax }, ask)).then(() => {
      if (!abort.signal.aborted) setRound({ settled: true, values, key });
    });
    return () => abort.abort();
  }, [key, beat]);

  return round;
}
