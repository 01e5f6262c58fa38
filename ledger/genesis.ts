// The genesis document: leaf 0 of the ledger's log, and the one thing that trust in a ledger starts from (F5, D14).

import {
  type Cbor,
  type CborMap,
  COSIGNATURE_V1,
  decode,
  ED25519,
  encode,
  FormatError,
  formatPolicy,
  makeVkey,
  type PolicyGroup,
  publicKeyProblem,
  toHex,
} from "@muniment/core";
import { LedgerError } from "./errors.ts";
import type { Genesis } from "./machine/genesis-effects.ts";

export type { Genesis } from "./machine/genesis-effects.ts";

const FORMAT = 1;
const OPERATORS_MAX = 64;
const ARCHIVISTS_MAX = 64;
const VALIDATORS_MAX = 64;
const ORIGIN = /^[a-z0-9.-]{1,100}(\/[a-z0-9.-]{1,40}){0,3}$/;
const NAME = /^[a-z0-9-]{1,64}$/;
const POLICY_NAME = /^[a-z0-9.-]{1,64}$/;

/** The bytes of a genesis document. Errors: `genesis.structure`. */
export function createGenesis(genesis: Genesis): Uint8Array {
  const { origin, time, operators, archivists, validators, policy } = genesis;
  const optional = archivists === undefined ? {} : { archivists };
  const bytes = encode({
    format: FORMAT,
    origin,
    time,
    operators,
    ...optional,
    validators,
    policy,
  });
  loadGenesis(bytes);
  return bytes;
}

/** Reads a genesis document strictly: else `genesis.structure`. */
export function loadGenesis(bytes: Uint8Array): Genesis {
  const value = decoded(bytes);
  const optional = value instanceof Map && value.has("archivists") ? ["archivists"] : [];
  const document = fields(value, "the document", [
    "format",
    "origin",
    "operators",
    "policy",
    "time",
    "validators",
    ...optional,
  ]);
  if (document.get("format") !== FORMAT)
    refuse(`expected format ${FORMAT}, found ${String(document.get("format"))}`);
  const genesis: Genesis = {
    origin: matching(document.get("origin"), ORIGIN, "origin"),
    time: whole(document.get("time"), "time"),
    operators: named(document.get("operators"), "operators", OPERATORS_MAX),
    ...(optional.length === 0
      ? {}
      : { archivists: named(document.get("archivists"), "archivists", ARCHIVISTS_MAX) }),
    validators: list(document.get("validators"), "validators", VALIDATORS_MAX).map((item) => {
      const validator = fields(item, "a validator", ["name", "log", "cosigner", "archive"]);
      return {
        name: matching(validator.get("name"), NAME, "a validator's name"),
        log: publicKey(validator.get("log")),
        cosigner: publicKey(validator.get("cosigner")),
        archive: publicKey(validator.get("archive")),
      };
    }),
    policy: policies(document.get("policy")),
  };
  distinct(
    genesis.validators.map(({ name }) => name),
    "validators",
  );
  const keys = [
    ...genesis.operators.map(({ key }) => key),
    ...(genesis.archivists ?? []).map(({ key }) => key),
    ...genesis.validators.flatMap((v) => [v.log, v.cosigner, v.archive]),
  ];
  distinct(keys.map(toHex), "keys");
  return genesis;
}

/** Name under which a validator cosigns checkpoints of the ledger. */
export function cosignerName(origin: string, validator: string): string {
  return `${origin}/validator/${validator}`;
}

/** The tlog-policy text that genesis sets: every validator's keys, and more than two thirds of their cosignatures (F6). */
export function genesisPolicy(genesis: Genesis): string {
  const { origin, validators } = genesis;
  const names = validators.map(({ name }) => name);
  const threshold = Math.floor((2 * names.length) / 3) + 1;
  const group: PolicyGroup = { name: "validators", threshold, members: names };
  return formatPolicy({
    logs: validators.map(({ log }) => makeVkey(origin, ED25519, log)),
    witnesses: new Map(
      validators.map((v) => [
        v.name,
        makeVkey(cosignerName(origin, v.name), COSIGNATURE_V1, v.cosigner),
      ]),
    ),
    groups: new Map(names.length === 1 ? [] : [[group.name, group]]),
    quorum: names.length === 1 ? names[0]! : group.name,
  });
}

function decoded(bytes: Uint8Array): Cbor {
  try {
    return decode(bytes);
  } catch (cause) {
    if (cause instanceof FormatError)
      throw new LedgerError("genesis.structure", cause.message, { cause });
    throw cause;
  }
}

function policies(value: Cbor | undefined): Genesis["policy"] {
  if (!(value instanceof Map)) refuse("policy is no map");
  const entries = Array.from(value as CborMap, ([name, items]) => {
    const steps = list(items, "a policy", 1024).map((item) => {
      const step = fields(item, "a policy step", ["from", "value", "citation"]);
      const citation = step.get("citation");
      if (typeof citation !== "string" || citation === "") refuse("a policy step without citation");
      return {
        from: whole(step.get("from"), "from"),
        value: step.get("value")!,
        citation: citation as string,
      };
    });
    for (let i = 1; i < steps.length; i++)
      if (steps[i]!.from <= steps[i - 1]!.from) refuse("policy steps are not in order of time");
    return [matching(name, POLICY_NAME, "a policy's name"), steps] as const;
  });
  return Object.fromEntries(entries);
}

/** People or services, each with a name of its own and a key. */
function named(
  value: Cbor | undefined,
  what: string,
  countMax: number,
): readonly { readonly name: string; readonly key: Uint8Array }[] {
  const keys = list(value, what, countMax).map((item) => {
    const one = fields(item, `one of the ${what}`, ["name", "key"]);
    return {
      name: matching(one.get("name"), NAME, `a name among the ${what}`),
      key: publicKey(one.get("key")),
    };
  });
  distinct(
    keys.map(({ name }) => name),
    what,
  );
  return keys;
}

function fields(value: Cbor | undefined, what: string, names: readonly string[]): CborMap {
  if (!(value instanceof Map)) refuse(`${what} is no map`);
  const map = value as CborMap;
  if (map.size !== names.length || !names.every((name) => map.has(name)))
    refuse(`${what}: expected the fields ${names.join(", ")}`);
  return map;
}

function list(value: Cbor | undefined, what: string, countMax: number): readonly Cbor[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > countMax)
    refuse(`${what}: expected a list of 1 to ${countMax}`);
  return value as readonly Cbor[];
}

function matching(value: Cbor | undefined, pattern: RegExp, what: string): string {
  if (typeof value !== "string" || !pattern.test(value))
    refuse(`${what}: found ${JSON.stringify(String(value)).slice(0, 80)}`);
  return value as string;
}

function whole(value: Cbor | undefined, what: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    refuse(`${what}: expected whole milliseconds`);
  return value as number;
}

function publicKey(value: Cbor | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) refuse("a key is no byte string");
  const problem = publicKeyProblem(value as Uint8Array);
  if (problem !== null) refuse(`a key that cannot be used: ${problem}`);
  return value as Uint8Array;
}

function distinct(values: readonly string[], what: string): void {
  if (new Set(values).size !== values.length) refuse(`${what}: the same one twice`);
}

function refuse(found: string): never {
  throw new LedgerError("genesis.structure", found);
}
