// The ledger's heads as this node's answers reflect them (SSE /api/v1/events): one connection a page, one calm pulse for all views.
import { useSyncExternalStore } from "react";

const refreshMsMin = 5_000;

export interface Live {
  readonly state: "connecting" | "live" | "lost" | "paused";
  readonly pulse: number; // grows when views should ask again
  readonly asOf: string | null; // RFC 3339: the ledger's time that the views reflect
}

let live: Live = { state: "connecting", pulse: 0, asOf: null };
let head: string | null = null;
let source: EventSource | null = null;
let timer: number | null = null;
let lastPulseAt = 0;
const listeners = new Set<() => void>();

function set(next: Partial<Live>): void {
  live = { ...live, ...next };
  for (const listener of listeners) listener();
}

function pulseSoon(): void {
  if (timer !== null || document.hidden) return;
  const wait = Math.max(0, lastPulseAt + refreshMsMin - Date.now());
  timer = window.setTimeout(() => {
    timer = null;
    lastPulseAt = Date.now();
    set({ pulse: live.pulse + 1, asOf: head });
  }, wait);
}

function onHead(event: MessageEvent<string>): void {
  head = (JSON.parse(event.data) as { readonly time: string }).time;
  pulseSoon();
}

function open(): void {
  source = new EventSource("/api/v1/events");
  source.addEventListener("open", () => set({ state: "live" }));
  source.addEventListener("error", () => set({ state: "lost" }));
  source.addEventListener("head", onHead);
  source.addEventListener("alarm", pulseSoon);
}

function close(): void {
  source?.close();
  source = null;
  if (timer !== null) window.clearTimeout(timer);
  timer = null;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (listeners.size === 1 && live.state !== "paused") open();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) close();
  };
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && live.state !== "paused" && head !== live.asOf) pulseSoon();
});

/** The connection's state and the pulse on which views refresh. */
export function useLive(): Live {
  return useSyncExternalStore(subscribe, () => live);
}

/** Stops or resumes live updates (WCAG 2.2.2). */
export function setPaused(paused: boolean): void {
  close();
  if (paused) {
    set({ state: "paused" });
    return;
  }
  set({ state: "connecting", pulse: live.pulse + 1 });
  open();
}
