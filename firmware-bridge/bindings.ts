// Whom the bridge speaks for, by the ledger's list of devices; kept on disk, so that it starts without a network (F8).

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isMissing, makeDirectory, writeDurably } from "@muniment/core/files";
import { z } from "zod";
import { BridgeError } from "./errors.ts";
import type { Clock } from "./ports.ts";

export interface BindingsLimits {
  readonly pollMs: number;
  /** Instead, while the ledger does not answer or does not know the bridge. */
  readonly retryMs: number;
  /** Between two questions that unknown keys cause. */
  readonly askMsMin: number;
  readonly answerMsMax: number;
  /** Devices behind one bridge. */
  readonly devicesMax: number;
}

export const bindingsLimits: BindingsLimits = {
  pollMs: 30_000,
  retryMs: 5_000,
  askMsMin: 2_000,
  answerMsMax: 2_000,
  devicesMax: 4_096,
};

export interface Bindings {
  /** Building of the bridge; null while the ledger was never reached, or does not know the bridge. */
  building(): string | null;
  devices(): readonly string[];
  /** The device of a key, by its thumbprint in hex. Asks the ledger about a key that is new, but not again and again. */
  deviceOf(kidHex: string): Promise<string | null>;
  /** Milliseconds since 1970 of the last answer of the ledger; null when there was none since the start. */
  heardAt(): number | null;
  /** Whether the ledger answered when it was last asked. */
  isFresh(): boolean;
  stop(): Promise<void>;
}

export interface BindingsOptions {
  readonly directory: string;
  /** Base URL of a ledger node. */
  readonly ledger: string;
  readonly bridge: string;
  readonly clock: Clock;
  readonly limits: BindingsLimits;
  /** Called when there is a list, and whenever it is another one. */
  readonly onChange: () => void;
  /** Called when the ledger cannot be asked, or knows no such bridge: once, until it answers again. */
  readonly onTrouble: (error: BridgeError) => void;
}

const firstPage = "";

const kid = z.string().regex(/^[0-9a-f]{64}$/);
const id = z.string().regex(/^[a-z0-9-]{1,64}$/);
const List = z.strictObject({
  building: id,
  devices: z.array(z.strictObject({ device: id, kid })),
});
type List = z.output<typeof List>;

const Own = z.looseObject({ building: id });
const Page = z.looseObject({
  items: z.array(z.looseObject({ id, kid })),
  next: z.string().nullish(),
});

/** The bindings as they were last heard. Asks at once, and does not wait for the answer. */
export async function openBindings(options: BindingsOptions): Promise<Bindings> {
  const { ledger, bridge, clock, limits } = options;
  const path = join(options.directory, "devices.json");
  let heardAt: number | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;
  let troubled = false;
  let stopped = false;
  let cancelPoll = (): void => {};
  let list = await readList(path).catch((error: unknown) => {
    trouble(error); // a damaged file is no more than a missing one
    return null;
  });
  let byKid = indexOf(list);

  /** Never fails: a list that is not to be had now is asked for again. */
  function ask(): Promise<void> {
    asking ??= askOnce().finally(() => {
      asking = null;
    });
    return asking;
  }

  async function askOnce(): Promise<void> {
    askedAt = clock.now();
    cancelPoll();
    try {
      const heard = await fetchList(ledger, bridge, limits);
      heardAt = clock.now();
      troubled = false;
      if (JSON.stringify(heard) !== JSON.stringify(list)) {
        list = heard;
        byKid = indexOf(list);
        if (!stopped) options.onChange();
        await keep(heard);
      }
    } catch (error) {
      trouble(error);
    }
    if (!stopped)
      cancelPoll = clock.after(troubled ? limits.retryMs : limits.pollMs, () => void ask());
  }

  /** For the next start. Until then the bridge works without it. */
  async function keep(heard: List): Promise<void> {
    try {
      await makeDirectory(options.directory);
      await writeDurably(path, `${JSON.stringify(heard)}\n`);
    } catch (cause) {
      throw new BridgeError("devices.cache", `${path}: ${String(cause)}`, { cause });
    }
  }

  function trouble(error: unknown): void {
    if (!(error instanceof BridgeError)) throw error;
    if (!troubled) options.onTrouble(error);
    troubled = true;
  }

  void ask();
  return {
    building: () => list?.building ?? null,
    devices: () => list?.devices.map(({ device }) => device) ?? [],
    async deviceOf(kidHex) {
      const known = byKid.get(kidHex);
      if (known !== undefined) return known;
      if (asking !== null || clock.now() - askedAt >= limits.askMsMin) await ask();
      return byKid.get(kidHex) ?? null;
    },
    heardAt: () => heardAt,
    isFresh: () => heardAt !== null && !troubled,
    async stop() {
      stopped = true;
      cancelPoll();
      await asking;
    },
  };
}

function indexOf(list: List | null): ReadonlyMap<string, string> {
  return new Map(list?.devices.map(({ kid: kidHex, device }) => [kidHex, device]));
}

/** The bridge's own building, and every device bound to it. Errors: `ledger.unreachable`, `devices.answer`. */
async function fetchList(ledger: string, bridge: string, limits: BindingsLimits): Promise<List> {
  const { building } = await fetchJson(`${ledger}/api/v1/devices/${bridge}`, Own, limits);
  const devices: { device: string; kid: string }[] = [];
  for (let cursor: string | null = firstPage; cursor !== null; ) {
    const query: string = cursor === firstPage ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const url = `${ledger}/api/v1/devices?bridge=${bridge}${query}`;
    const page: z.output<typeof Page> = await fetchJson(url, Page, limits);
    for (const item of page.items) devices.push({ device: item.id, kid: item.kid });
    if (devices.length > limits.devicesMax)
      throw new BridgeError("devices.answer", `more than ${limits.devicesMax} devices`);
    cursor = page.next ?? null;
  }
  return { building, devices };
}

async function fetchJson<T extends z.ZodType>(
  url: string,
  schema: T,
  limits: BindingsLimits,
): Promise<z.output<T>> {
  let text: string;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(limits.answerMsMax) });
    text = await response.text();
    if (!response.ok)
      throw new BridgeError("devices.answer", `${url}: ${response.status} ${text.slice(0, 200)}`);
  } catch (cause) {
    if (cause instanceof BridgeError) throw cause;
    throw new BridgeError("ledger.unreachable", `${url}: ${String(cause)}`, { cause });
  }
  return parsed(text, schema, "devices.answer", url);
}

/** What an earlier run kept; null when there is nothing. Errors: `devices.cache`. */
async function readList(path: string): Promise<List | null> {
  try {
    return parsed(await readFile(path, "utf8"), List, "devices.cache", path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function parsed<T extends z.ZodType>(
  text: string,
  schema: T,
  code: "devices.answer" | "devices.cache",
  from: string,
): z.output<T> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new BridgeError(code, `${from}: ${String(cause).slice(0, 400)}`, { cause });
  }
}
