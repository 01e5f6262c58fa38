// What the standing of an anchored entry means (contract of intake: an entry is never refused for content, it gets a standing).

interface Refusal {
  readonly reason: string;
  readonly todo: string;
}

/** Standings that do not count: the reason, and what a facility manager can do about it. */
export const refusals: Readonly<Record<string, Refusal>> = {
  "unknown-key": {
    reason: "Signed by a key nobody enrolled",
    todo: "Enrol the device if it is yours; else find out who sends.",
  },
  "revoked-key": {
    reason: "Signed by a revoked key",
    todo: "Give the device a new key, or take it off the network.",
  },
  "bad-signature": {
    reason: "Signature does not match",
    todo: "The message was altered, or the device’s key store is damaged: replace the device.",
  },
  malformed: {
    reason: "Not a readable statement",
    todo: "Check the device’s program: it does not speak the format.",
  },
  "wrong-device": {
    reason: "Speaks for another device or place",
    todo: "The device names another device or place than it is enrolled with: correct its settings.",
  },
  "wrong-building": {
    reason: "Belongs to another building",
    todo: "The device reports through a gateway of another building: move it or enrol it there.",
  },
  "unknown-point": {
    reason: "Point was never declared, or in another unit",
    todo: "Enrol the point as the device sends it, or correct the device.",
  },
  duplicate: {
    reason: "Same reading again",
    todo: "Nothing: it was counted the first time.",
  },
  conflict: {
    reason: "Other reading under the same number",
    todo: "Two devices share a key, or one was reset: give each its own key.",
  },
  "body-missing": {
    reason: "Details are missing",
    todo: "Nothing if they were deleted on their clock; else look at the gateway.",
  },
  "body-mismatch": {
    reason: "Details do not match",
    todo: "The details were altered on the way: look at the gateway.",
  },
};

const counted: Readonly<Record<string, string>> = {
  counted: "Counted",
  late: "Counted, arrived late",
  genesis: "First entry of the log",
};

/** Plain words for a standing code; an unknown code stands for itself. */
export function standingWords(code: string): string {
  return counted[code] ?? refusals[code]?.reason ?? code;
}

const kinds: Readonly<Record<string, string>> = {
  "building.register": "Building registered",
  "place.register": "Places registered",
  "gateway.enrol": "Gateway enrolled",
  "device.enrol": "Device enrolled",
  "key.rotate": "Key replaced",
  "key.revoke": "Key revoked",
  "policy.set": "Policy set",
  "hold.place": "Legal hold placed",
  "hold.release": "Legal hold released",
  disposition: "Details deleted on their clock",
  anchor: "Readings anchored",
  equivocation: "Gateway caught with two histories",
};

/** Plain words for a transaction kind. */
export function kindWords(kind: string): string {
  return kinds[kind] ?? kind;
}
