// Sends only the newest of many values to a slow reader: what waits is one value, however much comes meanwhile.

/**
 * A function that takes values and sends them one at a time. While one is on its way only the newest after it is kept.
 * A send that rejects ends it: `onFailure` is called once and nothing more is sent.
 */
export function newestOnly<T>(
  send: (value: T) => Promise<void>,
  onFailure: () => void,
): (value: T) => void {
  let next: { readonly value: T } | null = null;
  let state: "idle" | "sending" | "failed" = "idle";
  const run = async (): Promise<void> => {
    state = "sending";
    try {
      while (next !== null) {
        const { value } = next;
        next = null;
        await send(value);
      }
      state = "idle";
    } catch {
      state = "failed";
      onFailure();
    }
  };
  return (value) => {
    if (state === "failed") return;
    next = { value };
    if (state === "idle") void run();
  };
}
