// Who must have signed a checkpoint before it is believed (C2SP tlog-policy).

import { toHex } from "./bytes.ts";
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
import { verifyCosignature } from "./cosignature.ts";
import { FormatError } from "./errors.ts";
import {
  COSIGNATURE_V1,
  ED25519,
  formatVkey,
  isBy,
  parseNote,
  parseVkey,
  type Vkey,
} from "./note.ts";

/** A group of witnesses or groups, met when `threshold` of its members are. */
export interface PolicyGroup {
  readonly name: string;
  readonly threshold: number;
  readonly members: readonly string[];
}

/** A parsed policy. `quorum` names a witness or a group; null means that no cosignature is asked for. */
export interface Policy {
  readonly logs: readonly Vkey[];
  readonly witnesses: ReadonlyMap<string, Vkey>;
  readonly groups: ReadonlyMap<string, PolicyGroup>;
  readonly quorum: string | null;
}

/** Longest policy text read. */
export const POLICY_BYTES_MAX = 65_536;

/** Reads policy text. Names must be defined above their use, so there are no cycles; else `policy.structure`. */
export function parsePolicy(text: string): Policy {
  if (text.length > POLICY_BYTES_MAX)
    throw new FormatError("policy.structure", `${text.length} characters`);
  const logs: Vkey[] = [];
  const witnesses = new Map<string, Vkey>();
  const groups = new Map<string, PolicyGroup>();
  const keys = new Set<string>();
  let quorum: string | null | undefined;
  const refuse = (line: string): never => {
    throw new FormatError("policy.structure", `line ${JSON.stringify(line)}`);
  };
  const addKey = (line: string, vkey: string | undefined, type: number): Vkey => {
    const key = parseVkey(vkey ?? refuse(line));
    if (key.type !== type || keys.has(toHex(key.publicKey))) refuse(line);
    keys.add(toHex(key.publicKey)); // whatever its name: nobody counts twice
    return key;
  };
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [word, name, third, ...rest] = line.split(/[ \t]+/);
    if (word === "log" && name !== undefined && rest.length === 0) {
      logs.push(addKey(line, name, ED25519));
    } else if (word === "witness" && name !== undefined && rest.length <= 1) {
      if (name === "none" || witnesses.has(name) || groups.has(name)) refuse(line);
      witnesses.set(name, addKey(line, third, COSIGNATURE_V1));
    } else if (word === "group" && name !== undefined && third !== undefined) {
      if (name === "none" || witnesses.has(name) || groups.has(name)) refuse(line);
      const known = rest.every((member) => witnesses.has(member) || groups.has(member));
      const threshold = third === "all" ? rest.length : third === "any" ? 1 : Number(third);
      if (!known || new Set(rest).size !== rest.length || !/^([1-9][0-9]*|all|any)$/.test(third))
        refuse(line);
      if (threshold < 1 || threshold > rest.length) refuse(line);
      groups.set(name, { name, threshold, members: rest });
    } else if (
      word === "quorum" &&
      name !== undefined &&
      third === undefined &&
      quorum === undefined
    ) {
      if (name !== "none" && !witnesses.has(name) && !groups.has(name)) refuse(line);
      quorum = name === "none" ? null : name;
    } else {
      refuse(line);
    }
  }
  if (logs.length === 0 || quorum === undefined)
    throw new FormatError("policy.structure", "a log and a quorum are needed");
  return { logs, witnesses, groups, quorum };
}

/** The policy as text that parsePolicy() reads back. */
export function formatPolicy(policy: Policy): string {
  const lines = policy.logs.map((key) => `log ${formatVkey(key)}`);
  for (const [name, key] of policy.witnesses) lines.push(`witness ${name} ${formatVkey(key)}`);
  for (const { name, threshold, members } of policy.groups.values())
    lines.push(`group ${name} ${threshold} ${members.join(" ")}`);
  lines.push(`quorum ${policy.quorum ?? "none"}`);
  return `${lines.join("\n")}\n`;
}

/** A checkpoint that satisfies a policy, and whose cosignatures made it so. */
export interface PolicyVerdict {
  readonly checkpoint: Checkpoint;
  /** `name` is the witness' name in the policy, `time` whole seconds since 1970. */
  readonly cosigners: readonly { readonly name: string; readonly time: number }[];
}

/** Checks a checkpoint note: signed by a log key of the policy, and the quorum met by valid cosignatures. A line
 * by a known key that does not verify refuses the whole note. Errors: `policy.log`, `policy.quorum`, `note.*`. */
export function checkPolicy(policy: Policy, note: string): PolicyVerdict {
  const { signatures } = parseNote(note);
  const logKey = policy.logs.find((key) => signatures.some((signature) => isBy(signature, key)));
  if (logKey === undefined) throw new FormatError("policy.log");
  const checkpoint = openCheckpoint(note, logKey);
  const cosigners: { name: string; time: number }[] = [];
  for (const [name, key] of policy.witnesses) {
    const signature = signatures.find((candidate) => isBy(candidate, key));
    if (signature !== undefined)
      cosigners.push({ name, ...verifyCosignature(note, signature.line, key) });
  }
  const present = new Set(cosigners.map(({ name }) => name));
  const met = (name: string): boolean => {
    const group = policy.groups.get(name);
    return group === undefined
      ? present.has(name)
      : group.members.filter(met).length >= group.threshold;
  };
  if (policy.quorum !== null && !met(policy.quorum)) {
    throw new FormatError(
      "policy.quorum",
      `${policy.quorum} needs more than ${[...present].join(", ") || "nobody"}`,
    );
  }
  return { checkpoint, cosigners };
}
