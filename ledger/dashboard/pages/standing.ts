// What the standing of an anchored entry means (contract of intake: an entry is never refused for content, it gets a standing).

const words: Readonly<Record<string, string>> = {
  counted: "Counted",
  late: "Counted, arrived late",
  genesis: "First entry of the log",
  "unknown-key": "Signed by a key nobody enrolled",
  "revoked-key": "Signed by a revoked key",
  "bad-signature": "Signature does not match",
  malformed: "Not a readable statement",
  "wrong-device": "Signed by another device",
  "wrong-building": "Belongs to another building",
  "unknown-point": "Point was never declared",
  duplicate: "Same reading again",
  conflict: "Other reading under the same number",
  "body-missing": "Details are missing",
  "body-mismatch": "Details do not match",
};

/** Plain words for a standing code; an unknown code stands for itself. */
export function standingWords(code: string): string {
  return words[code] ?? code;
}

const kinds: Readonly<Record<string, string>> = {
  "building.register": "Building registered",
  "gateway.enrol": "Gateway enrolled",
  "device.enrol": "Device enrolled",
  "key.rotate": "Key replaced",
  "key.revoke": "Key revoked",
  anchor: "Readings anchored",
  equivocation: "Gateway caught with two histories",
};

/** Plain words for a transaction kind. */
export function kindWords(kind: string): string {
  return kinds[kind] ?? kind;
}
