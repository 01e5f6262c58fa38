// Real URLs on the History API: where the page is, and how to go elsewhere without a reload.
import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
const notify = (): void => {
  for (const listener of listeners) listener();
};

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) window.addEventListener("popstate", notify);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener("popstate", notify);
  };
}

/** The current address; views derive everything they show from it, so that every view can be linked. */
export function useLocation(): URL {
  return new URL(useSyncExternalStore(subscribe, () => window.location.href));
}

/** Goes to `href` on this site. A new path starts at its top; another range of the same page stays where it is. */
export function navigate(href: string): void {
  const elsewhere = new URL(href, window.location.href).pathname !== window.location.pathname;
  window.history.pushState(null, "", href);
  if (elsewhere) window.scrollTo(0, 0);
  notify();
}
