// An operator at a command line: signs the next transaction with a key file and posts it to a ledger node (FORMAT 4).

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Encodable } from "../cbor.ts";
import { parseCheckpoint } from "../checkpoint.ts";
import { parseNote } from "../note.ts";
import type { Signer } from "../signature.ts";
import { buildTransaction } from "../transaction.ts";
import { writeDurably } from "./durable.ts";
import { loadSigner } from "./key-file.ts";

/** The ledger's answer: where the transaction stands, or why it was refused (codes of the machine). */
export type OperatorAnswer =
  | {
      readonly ok: true;
      readonly index: number;
      readonly height: number;
      readonly duplicate: boolean;
    }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Submits transactions of one key to one node. */
export interface Operator {
  submit(kind: string, body: Encodable): Promise<OperatorAnswer>;
}

const answerMsMax = 30_000;
const replayRetriesMax = 5;

/** Opens an operator. `keyPath` is a PEM file; the last sequence number used is kept beside it, in `<keyPath>.sequence`.
 * Throws an Error that says what is missing when there is no key or no node answers. */
export async function openOperator(config: {
  readonly keyPath: string;
  readonly ledger: string;
}): Promise<Operator> {
  const { keyPath } = config;
  const ledger = config.ledger.replace(/\/+$/, "");
  if (!existsSync(keyPath)) {
    throw new Error(
      `expected the operator's key at ${keyPath}; a ledger's first start makes one in its data folder`,
    );
  }
  const signer: Signer = await loadSigner(keyPath);
  const origin = parseCheckpoint(
    parseNote(await (await ask(`${ledger}/checkpoint`)).text()).text,
  ).origin;

  const post = async (kind: string, body: Encodable): Promise<OperatorAnswer> => {
    const sequence = await nextSequence(`${keyPath}.sequence`);
    const bytes = buildTransaction({ ledger: origin, kind, sequence, body, signer });
    const response = await ask(`${ledger}/transactions`, {
      method: "POST",
      headers: { "content-type": "application/cose" },
      body: new Uint8Array(bytes),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (response.ok) {
      return {
        ok: true,
        index: Number(answer.index),
        height: Number(answer.height),
        duplicate: answer.duplicate === true,
      };
    }
    return {
      ok: false,
      code: String(answer.code ?? `http.${response.status}`),
      message: String(answer.detail ?? answer.title ?? response.statusText),
    };
  };

  return {
    async submit(kind, body) {
      // Two commands at the same moment take numbers without a lock: the later number wins, the other takes a new one.
      for (let attempt = 0; ; attempt++) {
        const answer = await post(kind, body);
        if (answer.ok || answer.code !== "tx.replay" || attempt >= replayRetriesMax) return answer;
      }
    },
  };
}

/** The next number: one more than the last, and at least the time, so that a lost file does no harm. */
async function nextSequence(path: string): Promise<number> {
  const last = existsSync(path) ? Number((await readFile(path, "utf8")).trim()) : 0;
  const next = Math.max(Number.isSafeInteger(last) ? last + 1 : 1, Date.now());
  await writeDurably(path, `${next}\n`);
  return next;
}

async function ask(url: string, request: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, { ...request, signal: AbortSignal.timeout(answerMsMax) });
  } catch (cause) {
    throw new Error(`the ledger does not answer at ${url}; is \`muniment ledger\` running?`, {
      cause,
    });
  }
}
