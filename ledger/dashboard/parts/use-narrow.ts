// Whether the screen is too narrow for wide tables; on paper it never is.
import { useSyncExternalStore } from "react";

const narrow = window.matchMedia("screen and (max-width: 40rem)");

function subscribe(listener: () => void): () => void {
  narrow.addEventListener("change", listener);
  return () => narrow.removeEventListener("change", listener);
}

/** True up to 40 rem, the width below which tables become cards. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => narrow.matches);
}
