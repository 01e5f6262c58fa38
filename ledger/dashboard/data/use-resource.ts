// A value fetched for a view: it stays on the page while it is asked for again, and a failure never blanks what stood.
import { useState } from "react";
import { Problem } from "./problem.ts";
import { getJson } from "./request.ts";
import { useAsker } from "./use-asker.ts";

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

/** The value that stands, when the new one says the same: views that depend on it keep still. */
function unchanged<Value>(before: Value | null, value: Value): Value {
  return before !== null && JSON.stringify(before) === JSON.stringify(value) ? before : value;
}

/** Fetches `path` (null waits), again on every pulse unless `still`. Views of another thing mount anew (React key). */
export function useResource<Value>(
  path: string | null,
  { still = false, read = getJson<Value> }: Asking<Value> = {},
): Resource<Value> {
  const [attempt, setAttempt] = useState(0);
  const [loaded, setLoaded] = useState<Loaded<Value>>({ path: null, value: null, problem: null });
  useAsker(
    path === null ? null : `${attempt} ${path}`,
    async (signal) => {
      if (path === null) return;
      try {
        const value = await read(path, signal);
        if (signal.aborted) return;
        setLoaded((before) => ({ path, value: unchanged(before.value, value), problem: null }));
      } catch (error) {
        if (signal.aborted) return;
        const problem = error instanceof Problem ? error : new Problem(0, "page", String(error));
        setLoaded((before) => ({ ...before, path, problem }));
      }
    },
    still,
  );
  return {
    value: loaded.value,
    problem: loaded.problem,
    busy: path !== loaded.path,
    retry: () => setAttempt((n) => n + 1),
  };
}
