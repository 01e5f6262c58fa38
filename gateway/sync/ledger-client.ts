// Talks to the ledger's nodes over HTTP: the port, and its adapter on fetch (FORMAT, "HTTP (ledger node)").

import { GatewayError } from "../errors.ts";

/** What a node says to a batch. Nothing of it is believed without proof. */
export type BatchAnswer =
  | { readonly type: "receipt"; readonly bytes: Uint8Array }
  /** The node holds another history; `theirs` is the note it shows for it. */
  | { readonly type: "conflict"; readonly theirs: string }
  /** The batch does not start where the ledger's copy of this log ends. */
  | { readonly type: "not-next"; readonly anchored: number }
  | { readonly type: "refused"; readonly code: string; readonly message: string };

/** An unproven claim about this gateway. */
export interface GatewayStatus {
  readonly size: number;
  readonly status: string;
  readonly registry: number;
}

/** Each call asks one node after the other until one answers. Errors: `ledger.unreachable`, `ledger.answer`. */
export interface LedgerClient {
  readonly nodes: number;
  /** `until` ends the request: its answer is lost, what it did is not. */
  postBatch(gateway: string, request: Uint8Array, until: AbortSignal): Promise<BatchAnswer>;
  /** The receipt of the anchor of exactly this size, or null. */
  receipt(gateway: string, size: number): Promise<Uint8Array | null>;
  status(gateway: string): Promise<GatewayStatus | null>;
  /** Registry records from number `from` on, proven from ledger size `since`. Also `registry.rollback`. */
  registry(gateway: string, from: number, since: number): Promise<Uint8Array>;
  /** A file of the ledger's own log. */
  readTile(path: string): Promise<Uint8Array | null>;
  /** A file of this gateway's log in the node's archive: hash tiles, and entries where the node lets us read them. */
  readArchive(gateway: string, path: string): Promise<Uint8Array | null>;
  genesis(): Promise<Uint8Array>;
  policy(): Promise<string>;
  /** What the last answering node said proves nothing: the next call begins with another one. */
  distrust(): void;
  /** Ends what is under way. */
  close(): void;
}

export interface ClientLimits {
  readonly requestMsMax: number;
  readonly answerBytesMax: number;
}

export const clientLimits: ClientLimits = {
  requestMsMax: 20_000,
  answerBytesMax: 32 * 1024 * 1024,
};

interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * A client of the nodes at `urls`, asked in this order; one that failed comes last from then on. `token` is shown to
 * them where entries are read, and nowhere else.
 */
export function createLedgerClient(
  urls: readonly string[],
  limits: ClientLimits = clientLimits,
  token: string | null = null,
): LedgerClient {
  if (urls.length === 0) throw new GatewayError("config.invalid", "no ledger URL");
  const bases = urls.map((url) => url.replace(/\/+$/, ""));
  const closing = new AbortController();
  let first = 0;

  async function ask(base: string, path: string, init: RequestInit): Promise<Answer> {
    const timeout = AbortSignal.timeout(limits.requestMsMax);
    const signal = AbortSignal.any([
      closing.signal,
      timeout,
      ...(init.signal ? [init.signal] : []),
    ]);
    const response = await fetch(base + path, { ...init, signal, redirect: "error" });
    return { status: response.status, body: await bodyOf(response, limits.answerBytesMax) };
  }

  /** The first answer that is not "ask somebody else": no connection, too busy, or an error of the node itself. */
  async function request(path: string, init: RequestInit = {}): Promise<Answer> {
    const failures: string[] = [];
    const over = () => closing.signal.aborted || init.signal?.aborted === true;
    for (let tried = 0; tried < bases.length && !over(); tried++) {
      const base = bases[first]!;
      try {
        const answer = await ask(base, path, init);
        if (answer.status < 500 && answer.status !== 429) return answer;
        failures.push(`${base}: ${problem(answer).message}`);
      } catch (error) {
        failures.push(`${base}: ${reason(error)}`);
      }
      first = (first + 1) % bases.length;
    }
    throw new GatewayError("ledger.unreachable", failures.join("; ") || "no time left");
  }

  async function file(path: string): Promise<Uint8Array> {
    const answer = await request(path);
    if (answer.status !== 200) throw unexpected(path, answer);
    return answer.body;
  }

  /** A static file, or null where there is none. */
  async function tile(path: string, init: RequestInit = {}): Promise<Uint8Array | null> {
    const answer = await request(path, init);
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw unexpected(path, answer);
    return answer.body;
  }

  const post = (
    path: string,
    type: string,
    body: Uint8Array,
    until?: AbortSignal,
  ): Promise<Answer> =>
    request(path, {
      method: "POST",
      headers: { "content-type": type },
      body: body as Uint8Array<ArrayBuffer>,
      signal: until ?? null,
    });

  return {
    nodes: bases.length,

    async postBatch(gateway, bytes, until) {
      const path = `/gateways/${gateway}/entries`;
      const answer = await post(path, "application/cbor", bytes, until);
      if (answer.status === 200) return { type: "receipt", bytes: answer.body };
      const { code, message, fields } = problem(answer);
      if (code === "anchor.conflict" && typeof fields.theirs === "string") {
        return { type: "conflict", theirs: fields.theirs };
      }
      if (code === "batch.not-next" && isCount(fields.anchored)) {
        return { type: "not-next", anchored: fields.anchored };
      }
      // Without a code of the ledger it was something in between that answered: a proxy, another service.
      if (code.startsWith("http.")) throw unexpected(path, answer);
      return { type: "refused", code, message };
    },

    async receipt(gateway, size) {
      const path = `/gateways/${gateway}/receipts/${size}`;
      const answer = await request(path);
      if (answer.status === 404) return null;
      if (answer.status !== 200) throw unexpected(path, answer);
      return answer.body;
    },

    async status(gateway) {
      const path = `/gateways/${gateway}/status`;
      const answer = await request(path);
      if (answer.status === 404) return null;
      const { size, status, registry } = json(answer.body);
      if (
        answer.status !== 200 ||
        !isCount(size) ||
        !isCount(registry) ||
        typeof status !== "string"
      ) {
        throw unexpected(path, answer);
      }
      return { size, status, registry };
    },

    async registry(gateway, from, since) {
      const path = `/gateways/${gateway}/registry?from=${from}&since=${since}`;
      const answer = await request(path);
      if (answer.status === 200) return answer.body;
      const { code, message } = problem(answer);
      if (code === "evidence.beyond-head") throw new GatewayError("registry.rollback", message);
      throw unexpected(path, answer);
    },

    readTile: (path) => tile(`/${path}`),

    readArchive: (gateway, path) =>
      tile(
        `/gateways/${gateway}/${path}`,
        token !== null && path.startsWith("tile/entries/")
          ? { headers: { authorization: `Bearer ${token}` } }
          : {},
      ),

    genesis: () => file("/genesis"),
    policy: async () => new TextDecoder().decode(await file("/policy")),
    distrust() {
      first = (first + 1) % bases.length;
    },
    close: () => closing.abort(),
  };
}

/** The body, as long as it stays within `bytesMax`; the length header is only a hint. */
async function bodyOf(response: Response, bytesMax: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  if (response.body !== null) {
    for await (const part of response.body as AsyncIterable<Uint8Array>) {
      length += part.length;
      if (length > bytesMax) {
        throw new GatewayError("ledger.answer", `more than ${bytesMax} bytes from ${response.url}`);
      }
      parts.push(part);
    }
  }
  return new Uint8Array(Buffer.concat(parts, length));
}

/** What RFC 9457 says of the refusal; a body that is no problem document still has its HTTP status. */
function problem(answer: Answer): { code: string; message: string; fields: Json } {
  const fields = json(answer.body);
  const code = typeof fields.code === "string" ? fields.code : `http.${answer.status}`;
  const detail = typeof fields.detail === "string" ? fields.detail : "no detail";
  return { code, message: `${code}: ${detail}`, fields };
}

function json(bytes: Uint8Array): Json {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null ? (value as Json) : {};
  } catch {
    return {};
  }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function unexpected(path: string, answer: Answer): GatewayError {
  return new GatewayError(
    "ledger.answer",
    `HTTP ${answer.status} for ${path}: ${problem(answer).message}`,
  );
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
