// The standing of an anchored entry: what it counts as, from the ledger log and the entry alone (architecture, life of a reading 7).

/**
 * Every standing, by its stored number; the order never changes, new ones are added at the end.
 * `counted` and `late` count; everything else is kept, shown, and never counted.
 */
export const STANDINGS = [
  "counted",
  "late",
  "genesis",
  "unknown-key",
  "revoked-key",
  "bad-signature",
  "malformed",
  "wrong-device",
  "wrong-building",
  "unknown-point",
  "duplicate",
  "conflict",
] as const;

export type Standing = (typeof STANDINGS)[number];

/** The number under which a standing is stored. */
export function standingNumber(standing: Standing): number {
  return STANDINGS.indexOf(standing);
}

/** Whether readings of this standing enter any figure. */
export function counts(standing: Standing): boolean {
  return standing === "counted" || standing === "late";
}

/**
 * The sequence number against all that was counted before it in ledger order (D4): `next` is above them all,
 * `late` is below and was not there yet, `same` and `other` were there, with the same or with other bytes.
 */
export type SequenceVerdict = "next" | "late" | "same" | "other";

/** What the log says of an entry's key at the ledger height of its anchor. */
export interface SignerState {
  readonly role: string;
  readonly status: string;
  /** Block time in ms at which the key was rotated away or revoked; null while it is active. */
  readonly retiredAt: number | null;
  readonly building: string | null;
  /** The device the key speaks for; null for keys of another role. */
  readonly device: {
    readonly urn: string;
    readonly place: string;
    readonly building: string;
  } | null;
}

/** An entry as its standing sees it. */
export interface Deposition {
  /** Whether it is leaf 0 of a gateway log and the gateway's own statement (F3). */
  readonly genesis: boolean;
  /** Null when it is no statement at all. */
  readonly statement: {
    readonly iss: string;
    readonly sub: string;
    /** Seconds since 1970, the device's claim; null from a device without a clock. */
    readonly issuedAt: number | null;
    readonly signed: boolean;
  } | null;
  /** The building of the gateway that anchored it. */
  readonly building: string;
  readonly signer: SignerState | null;
  readonly sequence: SequenceVerdict;
  /** Whether every record of the statement itself names an enrolled point of the device, in its enrolled unit. */
  readonly pointsKnown: boolean;
}

/**
 * The standing of one entry. The first reason that applies is given, gravest first: who speaks, for whom, whether
 * it was said before, what is said. A key that was rotated away still vouches for what it signed before (gateways
 * deliver days late), and for nothing that claims no time; a revoked one for nothing that was anchored after, for its holder may
 * date as he likes.
 */
export function standingOf(entry: Deposition): Standing {
  if (entry.genesis) return "genesis";
  const { statement, signer } = entry;
  if (statement === null) return "malformed";
  if (signer === null || signer.role !== "device" || signer.device === null) return "unknown-key";
  if (!statement.signed) return "bad-signature";
  if (signer.device.building !== entry.building) return "wrong-building";
  if (statement.iss !== signer.device.urn || statement.sub !== signer.device.place)
    return "wrong-device";
  if (!vouches(signer, statement.issuedAt)) return "revoked-key";
  if (entry.sequence === "same") return "duplicate";
  if (entry.sequence === "other") return "conflict";
  if (!entry.pointsKnown) return "unknown-point";
  return entry.sequence === "late" ? "late" : "counted";
}

function vouches({ status, retiredAt }: SignerState, issuedAt: number | null): boolean {
  if (status === "active") return true;
  if (status !== "rotated" || retiredAt === null || issuedAt === null) return false;
  return issuedAt * 1000 < retiredAt;
}
