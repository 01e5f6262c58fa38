// A value fetched for a view: it stays on the page while it is asked for again, and a failure never blanks what stood.
import { useEffect, useState } from "react";
import { useLive } from "./live.ts";
import { Problem } from "./problem.ts";
import { getJson } from "./request.ts";

export type Resource<Value> = {
  readonly value: Value | null;
  readonly problem: Problem | null;
  readonly busy: boolean;
  readonly retry: () => void;
};

interface Loaded<Value> {
  readonly path: string | null;
  readonly value: Value | null;
  readonly problem: Problem | null;
}

interface Asking<Value> {
  readonly still?: boolean; // do not ask again on every pulse
  readonly read?: (path: string, signal: AbortSignal) => Promise<Value>; // a constant; JSON by default
}

/** Fetches `path` (null waits), again on every pulse unless `still`. Views of another thing mount anew (React key). */
export function useResource<Value>(
  path: string | null,
  { still = false, read = getJson<Value> }: Asking<Value> = {},
): Resource<Value> {
  const { pulse } = useLive();
  const [attempt, setAttempt] = useState(0);
  const [loaded, setLoaded] = useState<Loaded<Value>>({ path: null, value: null, problem: null });
  const beat = still ? 0 : pulse;

  // biome-ignore lint/correctness/useExhaustiveDependencies: beat and attempt are the reasons to ask again
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    read(path, abort.signal).then(
      (value) => setLoaded({ path, value, problem: null }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const problem = error instanceof Problem ? error : new Problem(0, "page", String(error));
        setLoaded((before) => ({ ...before, path, problem }));
      },
    );
    return () => abort.abort();
  }, [path, beat, attempt]);

  return {
    value: loaded.value,
    problem: loaded.problem,
    busy: path !== loaded.path,
    retry: () => setAttempt((n) => n + 1),
  };
}
