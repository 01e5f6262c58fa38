// Whether a checkpoint is signed as the person at the command line asks: by a key, under a policy, or not asked at all.
import { readFile } from "node:fs/promises";
import { checkPolicy, openCheckpoint, parsePolicy, parseVkey } from "@muniment/core";

export interface SignatureOptions {
  readonly vkey?: string;
  readonly policy?: string;
}

/** Says what was checked. Throws a FormatError when the checkpoint is not signed as asked. */
export async function checkSignature(
  note: string,
  { vkey, policy }: SignatureOptions,
): Promise<string> {
  const says: string[] = [];
  if (vkey !== undefined) {
    openCheckpoint(note, parseVkey(vkey));
    says.push("signed by the key given");
  }
  if (policy !== undefined) {
    const { cosigners } = checkPolicy(parsePolicy(await readFile(policy, "utf8")), note);
    says.push(
      `satisfies the policy (${cosigners.map(({ name }) => name).join(", ") || "log key alone"})`,
    );
  }
  return says.join(", ") || "signature not checked: give --vkey or --policy";
}
