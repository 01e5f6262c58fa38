// The steps of a verification in words that a manager understands: what each shows, and what it means when it fails.
import type { EvidenceStep } from "@muniment/core";

export interface Explanation {
  readonly title: string;
  readonly proves: string;
  readonly failure: string;
}

export const explanations: Readonly<Record<EvidenceStep, Explanation>> = {
  bundle: {
    title: "The file is complete",
    proves: "Nothing in it is missing, added or out of place.",
    failure: "The evidence file itself is damaged or was edited. Ask for it again.",
  },
  policy: {
    title: "The right people vouch for it",
    proves: "The rules of who must sign are the ones this browser pinned.",
    failure:
      "The evidence was made under other rules than the ones this browser trusts. Either the ledger’s operators changed, or someone else made this file.",
  },
  statement: {
    title: "The reading is well formed",
    proves:
      "It is what a device sends: who, where, when, which number in sequence, what was measured.",
    failure: "What is said to be the device’s message is not one. It was altered or cut.",
  },
  body: {
    title: "The details belong to the reading",
    proves: "The separately kept details are exactly those the device signed for.",
    failure: "The details kept beside this event are not the ones the device signed for.",
  },
  "device-signature": {
    title: "The device signed it",
    proves: "Only the enrolled device’s own key could have made this signature over these bytes.",
    failure:
      "The device did not sign these bytes. The reading, or the record of the device’s key, was changed after the device sent it.",
  },
  "gateway-log": {
    title: "The building’s gateway logged it",
    proves: "The reading stands at its place in the gateway’s append-only log.",
    failure:
      "This reading is not in the gateway’s log at the place claimed. It was swapped, added later, or the proof was altered.",
  },
  anchor: {
    title: "The ledger accepted that log",
    proves: "The gateway committed its log to the ledger, which bounds when the reading existed.",
    failure:
      "The ledger entry does not vouch for this gateway’s log. The entry or the gateway’s commitment was altered.",
  },
  "ledger-log": {
    title: "The entry is in the ledger",
    proves: "The commitment and both keys’ enrolments stand in the ledger’s own append-only log.",
    failure:
      "The ledger’s log does not contain these entries as shown. History was rewritten, or the proof was altered.",
  },
  quorum: {
    title: "Enough validators signed the ledger",
    proves: "The validators named in the policy signed this state of the ledger.",
    failure:
      "Not enough of the validators this browser trusts have signed this state of the ledger.",
  },
};

export const evidenceSteps = Object.keys(explanations) as readonly EvidenceStep[];
