// /api/v1/ledger, transactions and validators: the chain itself.

import {
  type Cbor,
  checkPolicy,
  decode,
  decodeEffects,
  decodeLedgerEntry,
  parsePolicy,
  parseTransaction,
  sha256,
  toHex,
} from "@muniment/core";
import { Type } from "typebox";
import { QueryError } from "../../read-model/errors.ts";
import { iso } from "../../read-model/period.ts";
import { transactionsBefore } from "../../read-model/queries/transactions.ts";
import type { LedgerSource } from "../../read-model/sources.ts";
import type { App } from "../app.ts";
import { Count, Instant, limitDefault, Page, Paging, refusals } from "./answers.ts";
import { formatCursor, numbersOf } from "./paging.ts";
import type { ReadSources } from "./question.ts";

const Ledger = Type.Object({
  origin: Type.String(),
  mode: Type.Union([Type.Literal("solo"), Type.Literal("cluster")]),
  height: Count,
  size: Type.Integer({ minimum: 1, description: "Entries of the ledger log, genesis included" }),
  root: Type.String({ description: "Root of the ledger log, hex" }),
  time: Instant,
  applied: Type.Integer({
    minimum: 0,
    description: "Entries that the answers of this node reflect",
  }),
  checkpoint: Type.String({ description: "The cosigned note (C2SP tlog-checkpoint)" }),
  quorum: Type.Object({ have: Count, need: Count, of: Count, label: Type.String() }),
  genesis: Type.String({
    description: "SHA-256 of the genesis document, hex: what trust starts from",
  }),
});
const transactionFields = {
  index: Type.Integer({ minimum: 1 }),
  height: Count,
  time: Instant,
  kind: Type.String(),
  by: Type.String({
    description: "Who signed: an operator's name, a gateway, a device; else the key's thumbprint",
  }),
  id: Type.String({ description: "SHA-256 of what was signed, hex" }),
};
const TransactionDetail = Type.Object({
  ...transactionFields,
  kid: Type.String(),
  sequence: Count,
  body: Type.Unknown({ description: "The transaction's body; byte strings as {hex}" }),
  effects: Type.Array(Type.Object({ key: Type.String(), value: Type.Unknown() }), {
    description: "What it changed, in order",
  }),
  leaf: Type.String({ description: "The leaf of the ledger log, hex" }),
});
const Validator = Type.Object({
  name: Type.String(),
  log: Type.String(),
  cosigner: Type.String(),
  archive: Type.String(),
});

/** Registers the routes; `app` carries the prefix. */
export function registerLedger(app: App, { readModel, consensus }: ReadSources): void {
  const genesis = consensus.genesis();

  app.get(
    "/ledger",
    { schema: { tags: ["ledger"], summary: "Where the ledger stands", response: { 200: Ledger } } },
    async () => {
      const { origin, height, size, root, time, checkpoint } = consensus.head();
      const quorum = quorumOf(consensus);
      return {
        ...{ origin, height, size, checkpoint, quorum },
        mode: quorum.of > 1 ? ("cluster" as const) : ("solo" as const),
        root: toHex(root),
        time: iso(time),
        applied: readModel.applied().next,
        genesis: toHex(sha256(genesis)),
      };
    },
  );

  app.get(
    "/transactions",
    {
      schema: {
        tags: ["ledger"],
        summary: "Accepted transactions, newest first",
        querystring: Type.Object(Paging, { additionalProperties: false }),
        response: { 200: Page(Type.Object(transactionFields)), ...refusals },
      },
    },
    async (request) => {
      const { limit = limitDefault, cursor } = request.query;
      const rows = await transactionsBefore(
        readModel.store,
        limit + 1,
        numbersOf(cursor, 1)?.[0] ?? null,
      );
      const page = rows.slice(0, limit);
      return {
        items: page.map((row) => ({ ...row, time: iso(row.time) })),
        next: rows.length > limit ? formatCursor([page.at(-1)!.index]) : null,
      };
    },
  );

  app.get(
    "/transactions/:index",
    {
      schema: {
        tags: ["ledger"],
        summary: "One transaction with what it changed",
        params: Type.Object({ index: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }) }),
        response: { 200: TransactionDetail, ...refusals },
      },
    },
    async (request) => {
      const { index } = request.params;
      const entry = await consensus.entry(index);
      if (entry === null) throw new QueryError("query.unknown", `transaction ${index}`);
      const { height, time, transaction: bytes } = decodeLedgerEntry(entry.leaf);
      const transaction = parseTransaction(bytes);
      const kid = toHex(transaction.kid);
      return {
        ...{ index, height, kid },
        time: iso(time),
        kind: transaction.kind,
        by: readModel.registry().keys.get(kid)?.subject ?? kid,
        id: toHex(transaction.id),
        sequence: transaction.sequence,
        body: jsonOf(transaction.body),
        effects: decodeEffects(entry.effects).map(([key, value]) => ({
          key,
          value: value === null ? null : jsonOf(decode(value)),
        })),
        leaf: toHex(entry.leaf),
      };
    },
  );

  app.get(
    "/validators",
    {
      schema: {
        tags: ["ledger"],
        summary: "Who runs the ledger, with their public keys in hex",
        response: { 200: Page(Validator) },
      },
    },
    async () => ({ items: validatorsOf(genesis), next: null }),
  );
}

/** How many validators stand behind the head, as its own policy counts them. */
function quorumOf(consensus: LedgerSource): {
  have: number;
  need: number;
  of: number;
  label: string;
} {
  const policy = parsePolicy(consensus.policy());
  const { cosigners } = checkPolicy(policy, consensus.head().checkpoint);
  const of = policy.witnesses.size;
  const need = policy.quorum === null ? 0 : (policy.groups.get(policy.quorum)?.threshold ?? 1);
  const have = cosigners.length;
  return { have, need, of, label: of <= 1 ? "single operator" : `${have} of ${of} validators` };
}

function validatorsOf(
  genesis: Uint8Array,
): { name: string; log: string; cosigner: string; archive: string }[] {
  const document = decode(genesis);
  const validators = document instanceof Map ? document.get("validators") : undefined;
  if (!Array.isArray(validators)) return [];
  return validators.map((item: Cbor) => {
    const field = (name: string): string => {
      const value = item instanceof Map ? item.get(name) : undefined;
      return value instanceof Uint8Array ? toHex(value) : String(value ?? "");
    };
    return {
      name: field("name"),
      log: field("log"),
      cosigner: field("cosigner"),
      archive: field("archive"),
    };
  });
}

/** CBOR for people: byte strings as {hex}, maps as objects, integers beyond 2^53 as text. */
function jsonOf(value: Cbor): unknown {
  if (value instanceof Uint8Array) return { hex: toHex(value) };
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [String(key), jsonOf(item)]));
  if (Array.isArray(value)) return value.map(jsonOf);
  return typeof value === "bigint" ? String(value) : value;
}
