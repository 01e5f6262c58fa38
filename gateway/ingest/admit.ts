// Admits a statement or says why not, from values alone (life of a reading 2). Pure.

import type { KeyRecord } from "../ports.ts";
import type { Checked } from "./checked.ts";
import type { Verdict } from "./dedup.ts";
import type { RefusalCode } from "./results.ts";

export interface AdmitLimits {
  /** How far a device's clock may be ahead of the gateway's. */
  readonly futureMsMax: number;
}

export type Admission =
  | { readonly kind: "admitted"; readonly late: boolean }
  | { readonly kind: "duplicate" }
  | { readonly kind: "refused"; readonly code: RefusalCode };

/** One statement, as far as it was checked, with everything its admission depends on. */
export interface Candidate {
  readonly checked: Checked;
  /** From the topic. */
  readonly building: string;
  readonly device: string;
  /** What the registry says now about the statement's key. */
  readonly key: KeyRecord | undefined;
  readonly verdict: Verdict;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The first reason against it decides: format, key, signature, right to this topic, clock, sequence. */
export function admit(
  { checked, building, device, key, verdict, now }: Candidate,
  limits: AdmitLimits,
): Admission {
  if (!checked.parsed) return refused(checked.code!);
  if (key === undefined) return refused("unknown-key");
  // The worker may have known an older registry than `key`: a revocation counts at once.
  if (key.status !== "active") return refused("revoked-key");
  if (checked.code === "unknown-key" || checked.code === "bad-signature")
    return refused(checked.code);
  if (key.building !== building) return refused("wrong-building");
  // A bridge hands on what its board signed, in its own name before it knew the board (F9).
  if (key.device !== device && key.bridge !== device) return refused("wrong-device");
  if (checked.code !== null) return refused(checked.code);
  if (checked.timeMax * 1_000 > now + limits.futureMsMax) return refused("future");
  switch (verdict) {
    case "new":
    case "late":
      return { kind: "admitted", late: verdict === "late" };
    case "duplicate":
      return { kind: "duplicate" };
    case "conflict":
    case "sequence-too-old":
      return refused(verdict);
  }
}

function refused(code: RefusalCode): Admission {
  return { kind: "refused", code };
}
