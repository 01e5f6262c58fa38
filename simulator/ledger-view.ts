// What the demo and the sending commands ask a ledger node and a gateway over HTTP.
import * as z from "zod";
import { SimulatorError } from "./errors.ts";

const answerMsMax = 30_000;

/** The JSON at an address, or null for 404. Throws ledger.unreachable when nobody answers or the answer is an error. */
export async function getJson(url: string): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch(url, { signal: AbortSignal.timeout(answerMsMax) });
  } catch (cause) {
    throw new SimulatorError("ledger.unreachable", url, { cause });
  }
  if (answer.status === 404) {
    await answer.body?.cancel();
    return null;
  }
  if (!answer.ok) throw new SimulatorError("ledger.unreachable", `${url}: status ${answer.status}`);
  return answer.json();
}

const page = z.looseObject({
  items: z.array(z.looseObject({ id: z.string() })),
  next: z.string().nullish(),
});

/** The item of that id in a list of the API, page by page, or null. */
export async function findItem(
  list: string,
  id: string,
): Promise<Readonly<Record<string, unknown>> | null> {
  for (let cursor: string | null = null; ; ) {
    const query: string = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    const { items, next } = page.parse(await getJson(`${list}${query}`));
    const found = items.find((item) => item.id === id);
    if (found !== undefined || next === null || next === undefined) return found ?? null;
    cursor = next;
  }
}

/** Asks again and again until the answer is not null. Throws ready.timeout, saying what was waited for and the last error, when that takes too long. */
export async function waitFor<T>(
  what: string | (() => Promise<string>),
  timeoutMs: number,
  ask: () => Promise<T | null>,
  signal?: AbortSignal,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  let trouble: unknown;
  while (!signal?.aborted) {
    try {
      const answer = await ask();
      if (answer !== null) return answer;
      trouble = undefined;
    } catch (error) {
      trouble = error;
    }
    if (Date.now() >= end) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const said = typeof what === "string" ? what : await what();
  const last = trouble instanceof Error ? `; last error: ${trouble.message}` : "";
  throw new SimulatorError("ready.timeout", `${said}${last}`, { cause: trouble });
}

const gateway = z.looseObject({ size: z.int(), entries: z.int() });

/** How much of a gateway's log is anchored (`size`) and in the read model (`entries`), or null. */
export async function gatewayOnLedger(ledger: string, id: string) {
  const found = await findItem(`${ledger}/api/v1/gateways`, id);
  return found === null ? null : gateway.parse(found);
}
