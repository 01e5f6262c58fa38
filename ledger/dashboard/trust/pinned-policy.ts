// The policy this browser holds the ledger to (D14): pinned at the first visit, or pasted by the reader; never replaced by itself.
import { useSyncExternalStore } from "react";
import { getText } from "../data/request.ts";

const storageKey = "muniment.policy";

export interface PinnedPolicy {
  readonly text: string; // tlog-policy
  readonly how: "first-use" | "pasted";
  readonly at: number; // ms
}

const listeners = new Set<() => void>();
let pinned: PinnedPolicy | null = stored();

function stored(): PinnedPolicy | null {
  try {
    const value: unknown = JSON.parse(window.localStorage.getItem(storageKey) ?? "null");
    if (value === null || typeof value !== "object") return null;
    const { text, how, at } = value as Partial<PinnedPolicy>;
    if (typeof text !== "string" || typeof at !== "number") return null;
    return { text, how: how === "pasted" ? "pasted" : "first-use", at };
  } catch {
    return null; // storage is off or holds something else: as on a first visit
  }
}

function keep(next: PinnedPolicy | null): void {
  pinned = next;
  try {
    if (next === null) window.localStorage.removeItem(storageKey);
    else window.localStorage.setItem(storageKey, JSON.stringify(next));
  } catch {
    // Without storage the pin lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

/** Core is fetched when a policy is to be read: most visits only look at figures. */
async function parsePolicy(text: string): Promise<void> {
  (await import("@muniment/core")).parsePolicy(text);
}

/** Pins a policy the reader brought. Rejects with `FormatError` when it is none. */
export async function pinPolicy(text: string): Promise<void> {
  await parsePolicy(text);
  keep({ text, how: "pasted", at: Date.now() });
}

/** Trust on first use: takes the node's policy if none is pinned yet. A node that gives none leaves nothing pinned. */
export async function pinOnFirstUse(): Promise<void> {
  if (pinned !== null) return;
  const text = await getText("/policy").catch(() => null);
  if (text === null || pinned !== null) return;
  try {
    await parsePolicy(text);
  } catch {
    return;
  }
  keep({ text, how: "first-use", at: Date.now() });
}

/** Forgets the pin; the next visit pins anew. */
export function forgetPolicy(): void {
  keep(null);
}

/** The policy in force, or null while none is pinned. */
export function usePinnedPolicy(): PinnedPolicy | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => pinned,
  );
}
