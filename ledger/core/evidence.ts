// Evidence bundles: one file from which anyone can check one reading, offline, for good (FORMAT 7, D13).

import { parseBody } from "./access-event.ts";
import { equal, fromBase64, toHex } from "./bytes.ts";
import { type CborMap, decode } from "./cbor.ts";
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
import { keyThumbprint } from "./cose.ts";
import { type Disposition, readDisposition, takes } from "./disposition.ts";
import { FormatError } from "./errors.ts";
import { asHash32, leafHash, sha256 } from "./hash.ts";
import { decodeEffects, decodeLedgerEntry, type LedgerEntry } from "./ledger-entry.ts";
import { ED25519, isBy, makeVkey, parseNote, type Vkey } from "./note.ts";
import {
  checkPolicy,
  formatPolicy,
  type Policy,
  type PolicyVerdict,
  parsePolicy,
} from "./policy.ts";
import { verifyInclusion } from "./proof.ts";
import { parseStatement, type Statement, statementLeaf, verifyStatement } from "./statement.ts";
import { parseTlogProof, type TlogProof } from "./tlog-proof.ts";
import { parseTransaction, verifyTransaction } from "./transaction.ts";

/** A ledger entry with the effects it commits to and its proof of inclusion. */
export interface ProvenEntry {
  /** Leaf bytes, base64. */
  readonly entry: string;
  /** encodeEffects() of what it changed, base64. */
  readonly effects: string;
  /** tlog-proof text; its checkpoint carries the cosignatures. */
  readonly proof: string;
}

/** The bundle, in this order of fields. */
export interface EvidenceBundle {
  readonly format: "muniment-evidence/1";
  /** The bytes the device sent, base64. */
  readonly statement: string;
  /** The body of an access event, base64, where it is kept and given. */
  readonly body?: string;
  /** The ledger entry that says that the body was destroyed on its retention clock. */
  readonly disposition?: ProvenEntry;
  /** tlog-proof text of the statement in its gateway's log; the checkpoint has the log's own line only. */
  readonly gatewayProof: string;
  readonly anchor: ProvenEntry;
  readonly gatewayKey: ProvenEntry;
  readonly deviceKey: ProvenEntry;
  /** tlog-policy text, as formatPolicy() writes it. */
  readonly policy: string;
}

/** The steps of a verification, in order. */
export type EvidenceStep =
  | "bundle"
  | "policy"
  | "statement"
  | "body"
  | "device-signature"
  | "gateway-log"
  | "anchor"
  | "ledger-log"
  | "quorum";

/** What one step proved: in words, by whose key, and when (RFC 3339, from a signed time). */
export interface StepResult {
  readonly step: EvidenceStep;
  readonly ok: boolean;
  readonly says: string;
  readonly by?: string;
  readonly when?: string;
}

/** `consistent-issuer-not-trusted`: everything fits, but only under the policy that the bundle itself brought. */
export interface Verdict {
  readonly verdict: "verified" | "consistent-issuer-not-trusted" | "failed";
  readonly failedStep?: EvidenceStep;
  readonly steps: readonly StepResult[];
  readonly statement?: Statement;
}

const FIELDS: readonly (keyof EvidenceBundle)[] = [
  "format",
  "statement",
  "body",
  "disposition",
  "gatewayProof",
  "anchor",
  "gatewayKey",
  "deviceKey",
  "policy",
];
const PROVEN_FIELDS: readonly (keyof ProvenEntry)[] = ["entry", "effects", "proof"];
/** Longest bundle read. */
export const EVIDENCE_BYTES_MAX = 1_048_576;

/** The bundle as the text of its file: JSON, two spaces, fields in order, one spelling only. */
export function formatEvidence(bundle: EvidenceBundle): string {
  const proven = ({ entry, effects, proof }: ProvenEntry) => ({ entry, effects, proof });
  const { format, statement, body, disposition, gatewayProof, policy } = bundle;
  const { anchor, gatewayKey, deviceKey } = bundle;
  const ordered = {
    format,
    statement,
    body,
    disposition: disposition === undefined ? undefined : proven(disposition),
    gatewayProof,
    anchor: proven(anchor),
    gatewayKey: proven(gatewayKey),
    deviceKey: proven(deviceKey),
    policy,
  };
  return `${JSON.stringify(ordered, null, 2)}\n`;
}

/** Reads the text of a bundle; every byte of it counts. Errors: `evidence.structure`. */
export function parseEvidence(text: string): EvidenceBundle {
  if (text.length > EVIDENCE_BYTES_MAX)
    throw new FormatError("evidence.structure", `${text.length} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FormatError("evidence.structure", "not JSON", { cause });
  }
  assertFields(value, FIELDS, ["body", "disposition"]);
  if (value.format !== "muniment-evidence/1")
    throw new FormatError("evidence.structure", `format ${String(value.format)}`);
  for (const name of ["statement", "gatewayProof", "policy"]) assertText(value[name], name);
  if (value.body !== undefined) assertText(value.body, "body");
  for (const name of ["disposition", "anchor", "gatewayKey", "deviceKey"]) {
    const proven = value[name];
    if (name === "disposition" && proven === undefined) continue;
    assertFields(proven, PROVEN_FIELDS, []);
    for (const field of PROVEN_FIELDS) assertText(proven[field], `${name}.${field}`);
  }
  const bundle = value as unknown as EvidenceBundle;
  if (formatEvidence(bundle) !== text)
    throw new FormatError("evidence.structure", "not spelt as formatEvidence() writes it");
  return bundle;
}

function assertFields(
  value: unknown,
  names: readonly string[],
  optional: readonly string[],
): asserts value is Record<string, unknown> {
  if (typeof value !== "object" || value === null)
    throw new FormatError("evidence.structure", "no object");
  const missing = names.find((name) => !optional.includes(name) && !(name in value));
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (missing !== undefined || unknown !== undefined) {
    throw new FormatError(
      "evidence.structure",
      missing === undefined ? `unknown field ${unknown}` : `no field ${missing}`,
    );
  }
}

function assertText(value: unknown, name: string): asserts value is string {
  if (typeof value !== "string") throw new FormatError("evidence.structure", `${name} is no text`);
}

/** A check that failed in a way the formats do not name. */
class StepFailure extends Error {}

function check(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new StepFailure(otherwise);
}

/** Verifies the text of a bundle. With `policy` (tlog-policy text pinned by the verifier) the verdict can be `verified`;
 * without, the bundle cannot vouch for itself. Never throws for bad input: the failed step says what was wrong. */
export function verifyEvidence(text: string, options: { readonly policy?: string } = {}): Verdict {
  const steps: StepResult[] = [];
  let step: EvidenceStep = "bundle";
  const passed = (says: string, by?: string, when?: string): void => {
    steps.push({
      step,
      ok: true,
      says,
      ...(by === undefined ? {} : { by }),
      ...(when === undefined ? {} : { when }),
    });
  };
  let statement: Statement | undefined;
  try {
    const bundle = parseEvidence(text);

    step = "policy";
    const policy = parsePolicy(bundle.policy);
    check(formatPolicy(policy) === bundle.policy, "the policy is not in its canonical spelling");
    if (options.policy !== undefined) {
      check(
        formatPolicy(parsePolicy(options.policy)) === bundle.policy,
        "the bundle was made under another policy than the pinned one",
      );
      passed("the policy is the one that was pinned beforehand");
    } else {
      passed("no policy was pinned: the bundle is checked under the policy it brought along");
    }

    step = "statement";
    statement = parseStatement(fromBase64(bundle.statement));
    passed(
      `${SAYS[statement.kind]} ${statement.sequence} from ${statement.sub}${statement.clockless ? `; ${CLOCKLESS}` : ""}`,
      statement.iss,
      issued(statement),
    );

    let disposed: Opened | null = null;
    if (statement.kind === "access") {
      step = "body";
      if (bundle.disposition !== undefined) {
        check(bundle.body === undefined, "a body that was destroyed cannot be here");
        disposed = open(bundle.disposition);
        const { index } = parseTlogProof(bundle.gatewayProof);
        const { citation } = dispositionOf(disposed, index);
        const by = `by entry ${disposed.proof.index}`;
        passed(
          `withheld ${by} of the ledger: destroyed on its retention clock, ${citation}`,
          undefined,
          isoMilliseconds(disposed.entry.time),
        );
      } else if (bundle.body === undefined)
        passed("the body is not given; the statement holds only its hash");
      else {
        parseBody(statement, fromBase64(bundle.body));
        passed("the body is the one whose hash was signed");
      }
    } else {
      check(bundle.body === undefined, "a reading has no separate body");
      check(bundle.disposition === undefined, "a reading has no body to be destroyed");
    }

    step = "device-signature";
    const deviceEntry = open(bundle.deviceKey);
    const deviceKey = keyOf(deviceEntry, statement.kid, "device");
    check(
      verifyStatement(statement, deviceKey.key),
      "the signature is not that of the enrolled device key",
    );
    const device = mapOf(deviceEntry, `device/${deviceKey.subject}`);
    check(
      device.get("urn") === statement.iss && device.get("place") === statement.sub,
      `the key is enrolled for ${String(device.get("urn"))} at ${String(device.get("place"))}`,
    );
    passed(
      "signed by the device's enrolled key",
      `${deviceKey.subject}, key ${toHex(statement.kid).slice(0, 16)}`,
      issued(statement),
    );

    step = "gateway-log";
    const anchorEntry = open(bundle.anchor);
    const anchor = parseTransaction(anchorEntry.entry.transaction);
    check(anchor.kind === "anchor", `expected an anchor transaction, found ${anchor.kind}`);
    const gatewayId = anchor.body.get("gateway");
    check(typeof gatewayId === "string", "the anchor names no gateway");
    const gateway = mapOf(anchorEntry, `gateway/${gatewayId}`);
    check(
      typeof gateway.get("building") === "string" &&
        gateway.get("building") === device.get("building"),
      "the gateway and the device stand in different buildings",
    );
    const logKey = logKeyOf(gateway);
    const gatewayProof = parseTlogProof(bundle.gatewayProof);
    check(
      parseNote(gatewayProof.checkpoint).signatures.length === 1,
      "expected the gateway log's own signature only",
    );
    const gatewayCheckpoint = openCheckpoint(gatewayProof.checkpoint, logKey);
    check(
      includes(gatewayCheckpoint, gatewayProof, statementLeaf(statement)),
      "the statement is not in the gateway's log at that place",
    );
    passed(
      `entry ${gatewayProof.index} of ${gatewayCheckpoint.size} in the gateway's log`,
      gatewayCheckpoint.origin,
    );

    step = "anchor";
    const anchored = anchor.body.get("checkpoint");
    check(typeof anchored === "string", "the anchor holds no checkpoint");
    check(
      anchored === gatewayProof.checkpoint,
      "the anchor holds another checkpoint than the proof",
    );
    check(gateway.get("size") === gatewayCheckpoint.size, "the ledger took another size");
    const root = gateway.get("root");
    check(
      root instanceof Uint8Array && equal(root, gatewayCheckpoint.root),
      "the ledger took another root",
    );
    const gatewayEntry = open(bundle.gatewayKey);
    const gatewayKey = keyOf(gatewayEntry, anchor.kid, "gateway");
    check(gatewayKey.subject === gatewayId, `the anchoring key is that of ${gatewayKey.subject}`);
    check(
      verifyTransaction(anchor, gatewayKey.key),
      "the anchor is not signed by the gateway's enrolled key",
    );
    check(
      anchorEntry.entry.code === 0,
      `the ledger refused the anchor (code ${anchorEntry.entry.code})`,
    );
    passed(
      `anchored by an accepted transaction at height ${anchorEntry.entry.height}`,
      gatewayId,
      isoMilliseconds(anchorEntry.entry.time),
    );

    step = "ledger-log";
    if (disposed !== null) {
      const { gateway: named } = dispositionOf(disposed, gatewayProof.index);
      check(named === gatewayId, `the disposition is of bodies of ${named}`);
      check(
        disposed.proof.index > anchorEntry.proof.index,
        "what was not anchored yet cannot have been destroyed",
      );
    }
    for (const { proof } of [gatewayEntry, deviceEntry])
      check(proof.index <= anchorEntry.proof.index, "a key was enrolled only after the anchor");
    const opened = [
      ...[anchorEntry, gatewayEntry, deviceEntry],
      ...(disposed === null ? [] : [disposed]),
    ];
    for (const { proof } of opened)
      check(proof.index > 0, "leaf 0 is the genesis document, not a transaction");
    const verdicts = opened.map((proven) => {
      const verdict = logVerdict(policy, proven.proof);
      check(
        includes(verdict.checkpoint, proven.proof, leafHash(proven.leaf)),
        `entry ${proven.proof.index} is not in the ledger's log at that place`,
      );
      check(
        parseTransaction(proven.entry.transaction).ledger === verdict.checkpoint.origin,
        "the transaction was meant for another ledger",
      );
      return verdict;
    });
    const { checkpoint } = verdicts[0]!;
    passed(
      `entries ${opened.map(({ proof }) => proof.index).join(", ")} of ${checkpoint.size} in the ledger's log`,
      checkpoint.origin,
    );

    step = "quorum";
    for (const { proof } of opened) assertOnlyPolicyLines(policy, proof);
    const cosigners = opened.map(
      ({ proof }) => checkPolicy(policy, proof.checkpoint).cosigners,
    )[0]!;
    if (cosigners.length === 0) passed("the policy asks for no cosignature");
    else {
      passed(
        `the quorum "${policy.quorum ?? "none"}" of the policy is met`,
        cosigners.map(({ name }) => name).join(", "),
        isoSeconds(Math.max(...cosigners.map(({ time }) => time))),
      );
    }
  } catch (error) {
    if (!(error instanceof FormatError) && !(error instanceof StepFailure)) throw error;
    const says = error instanceof FormatError ? `${error.code}: ${error.message}` : error.message;
    return {
      verdict: "failed",
      failedStep: step,
      steps: [...steps, { step, ok: false, says }],
      ...(statement === undefined ? {} : { statement }),
    };
  }
  return {
    verdict: options.policy === undefined ? "consistent-issuer-not-trusted" : "verified",
    steps,
    statement,
  };
}

interface Opened {
  readonly leaf: Uint8Array;
  readonly entry: LedgerEntry;
  readonly effects: ReadonlyMap<string, Uint8Array | null>;
  readonly proof: TlogProof;
}

/** Takes a proven entry apart; that it is in the log is a later step's to show. */
function open(proven: ProvenEntry): Opened {
  const leaf = fromBase64(proven.entry);
  const entry = decodeLedgerEntry(leaf);
  const effects = fromBase64(proven.effects);
  check(
    equal(sha256(effects), entry.effects),
    "the effects are not those the ledger entry commits to",
  );
  return {
    leaf,
    entry,
    effects: new Map(decodeEffects(effects)),
    proof: parseTlogProof(proven.proof),
  };
}

/** The disposition that an accepted entry holds, once it takes the entry at `index` of its gateway's log. */
function dispositionOf({ entry }: Opened, index: number): Disposition {
  const { kind, body } = parseTransaction(entry.transaction);
  check(kind === "disposition", `expected a disposition, found ${kind}`);
  check(entry.code === 0, `the ledger refused the disposition (code ${entry.code})`);
  const disposition = readDisposition(body);
  check(takes(disposition.entries, index), `the disposition does not take entry ${index}`);
  return disposition;
}

/** The state value that an entry wrote under a key. */
function mapOf(opened: Opened, key: string): CborMap {
  const bytes = opened.effects.get(key);
  const value = bytes == null ? null : decode(bytes);
  check(value instanceof Map, `the ledger entry does not write ${key}`);
  return value;
}

/** The public key that an entry enrolled under a key id, for a role. */
function keyOf(
  opened: Opened,
  kid: Uint8Array,
  role: "device" | "gateway",
): { readonly key: Uint8Array; readonly subject: string } {
  const record = mapOf(opened, `key/${toHex(kid)}`);
  const key = record.get("key");
  const subject = record.get("subject");
  check(
    record.get("role") === role && record.get("status") === "active",
    `the ledger entry does not enrol a ${role} key`,
  );
  check(key instanceof Uint8Array && typeof subject === "string", "the key record is malformed");
  check(equal(keyThumbprint(key), kid), "the key id is not the thumbprint of the enrolled key");
  return { key, subject };
}

function logKeyOf(gateway: CborMap): Vkey {
  const origin = gateway.get("origin");
  const key = gateway.get("logKey");
  check(typeof origin === "string" && key instanceof Uint8Array, "the gateway record is malformed");
  return makeVkey(origin, ED25519, key);
}

function includes(checkpoint: Checkpoint, proof: TlogProof, leaf: Uint8Array): boolean {
  return verifyInclusion({
    index: proof.index,
    size: checkpoint.size,
    leaf: asHash32(leaf),
    root: checkpoint.root,
    proof: proof.proof,
  });
}

/** The log's own signature, without the quorum: that has a step of its own. */
function logVerdict(policy: Policy, proof: TlogProof): PolicyVerdict {
  return checkPolicy({ ...policy, witnesses: new Map(), quorum: null }, proof.checkpoint);
}

/** A line that the policy does not name proves nothing and could be changed unseen, so a bundle carries none. */
function assertOnlyPolicyLines(policy: Policy, proof: TlogProof): void {
  const keys = [...policy.logs, ...policy.witnesses.values()];
  for (const signature of parseNote(proof.checkpoint).signatures) {
    check(
      keys.some((key) => isBy(signature, key)),
      `a signature line by ${signature.name}, whom the policy does not name`,
    );
  }
}

const SAYS: Readonly<Record<Statement["kind"], string>> = {
  reading: "statement",
  access: "statement",
  birth: "birth",
  state: "device state",
};
const CLOCKLESS = "its device had no clock: only the anchor tells when";

/** When a statement claims to have been made; nothing for a device without a clock. */
function issued({ clockless, issuedAt }: Statement): string | undefined {
  return clockless ? undefined : isoSeconds(issuedAt);
}

function isoSeconds(seconds: number): string {
  return isoMilliseconds(seconds * 1000);
}

/** RFC 3339 of milliseconds since 1970; a time out of range is shown as the number it is. */
function isoMilliseconds(milliseconds: number): string {
  return Math.abs(milliseconds) <= 8.64e15
    ? new Date(milliseconds).toISOString()
    : `${milliseconds} ms`;
}
