// What ingest counts, as plain numbers that metrics can read. They start at zero with the process.

export interface Counters {
  /** Connections taken and refused (code → count). */
  connections: number;
  clientsNow: number;
  connectionsEnded: Record<string, number>;
  /** Statements that came to ingest, and what became of them. */
  received: number;
  inFlightNow: number;
  admitted: number;
  late: number;
  duplicate: number;
  /** Refused and kept in quarantine: code → count. */
  quarantined: Record<string, number>;
  /** Neither kept nor acknowledged: code → count. */
  notAcknowledged: Record<string, number>;
  acknowledged: number;
  /** Statements of unknown keys that wait in quarantine, and those admitted from there. */
  heldNow: number;
  released: number;
  /** Work of the verification pool. */
  verifyBatches: number;
  verifyMessages: number;
  verifyWorkersLost: number;
  /** Group commits of the journal. */
  journalGroups: number;
  journalRecords: number;
  journalBytes: number;
  /** Outcomes told on down/ack. */
  acksPublished: number;
}

/** All zero. */
export function createCounters(): Counters {
  return {
    connections: 0,
    clientsNow: 0,
    connectionsEnded: {},
    received: 0,
    inFlightNow: 0,
    admitted: 0,
    late: 0,
    duplicate: 0,
    quarantined: {},
    notAcknowledged: {},
    acknowledged: 0,
    heldNow: 0,
    released: 0,
    verifyBatches: 0,
    verifyMessages: 0,
    verifyWorkersLost: 0,
    journalGroups: 0,
    journalRecords: 0,
    journalBytes: 0,
    acksPublished: 0,
  };
}

/** One more of a code. Codes come from fixed tables, so the record cannot grow without end. */
export function count(record: Record<string, number>, code: string): void {
  record[code] = (record[code] ?? 0) + 1;
}
