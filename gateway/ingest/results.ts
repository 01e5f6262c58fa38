// Everything that the gateway says of a message on down/ack (F8): what it means, and that there is nothing else.

import type { FormatCode } from "@muniment/core";

/** The statement counts, or did before. */
export const ACCEPTED = {
  admitted: "in the order of its numbers",
  late: "behind a higher sequence number",
  duplicate: "the very bytes that are there already",
} as const;

/** The message lies in quarantine: why. Besides these, the codes of core for bytes that do not obey a format. */
export const REFUSALS = {
  "too-large": "longer than any message may be",
  "unknown-key": "the registry does not know the key; examined again when it changes",
  "revoked-key": "the key is not active any more",
  "bad-signature": "the key did not sign these bytes",
  "wrong-building": "the topic names another building than the key's",
  "wrong-device": "the topic names another device than the key's",
  "wrong-issuer": "the issuer is not the device's URN",
  "wrong-subject": "the subject is not the device's place",
  "unknown-point": "the device is not enrolled with that point",
  "unit-mismatch": "the point is enrolled with another unit",
  "body-missing": "an access event without its body",
  "body-mismatch": "a body that is not the one signed for, or that nothing asks for",
  future: "a time ahead of the gateway's clock",
  conflict: "the sequence number was used for other bytes",
  "sequence-too-old": "the sequence number is too far back to tell whether it was used",
} as const;

export type RefusalCode = keyof typeof REFUSALS | FormatCode;

export type Result = keyof typeof ACCEPTED | RefusalCode;
