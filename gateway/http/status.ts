// What the gateway says of itself now: one plain record, read by /health, /metrics and whoever starts it.

import type { Alarm, Alarms } from "../alarms.ts";
import type { Counters } from "../ingest/counters.ts";
import type { Journal } from "../journal/journal.ts";
import type { Quarantine } from "../journal/quarantine.ts";
import type { Log } from "../log/log.ts";
import type { LedgerView } from "../sync/ledger-view.ts";
import type { Registry } from "../sync/registry.ts";
import type { Sync, SyncStatus } from "../sync/sync.ts";

export interface GatewayStatus {
  /** `degraded`: an alarm stands. Readings are still taken unless an alarm says otherwise. */
  readonly status: "ok" | "degraded";
  readonly gateway: string;
  readonly building: string;
  readonly log: {
    readonly origin: string;
    readonly size: number;
    readonly anchoredSize: number;
    /** Leaves closed but not final. */
    readonly lag: number;
    /** Age of the oldest of them, in ms. */
    readonly lagMs: number;
    /** In the journal, not yet in a closed batch. */
    readonly pending: number;
  };
  readonly sync: {
    readonly phase: SyncStatus["phase"];
    readonly anchoredAt: string | null;
    readonly receipts: number;
  };
  readonly journal: { readonly bytes: number; readonly failure: string | null };
  readonly quarantine: { readonly count: number; readonly bytes: number; readonly held: number };
  readonly registry: {
    readonly counter: number;
    readonly proven: number;
    readonly ledgerSize: number;
  };
  readonly clients: number;
  readonly alarms: readonly Alarm[];
}

export interface StatusSources {
  readonly gateway: string;
  readonly building: string;
  readonly origin: string;
  readonly log: Log;
  readonly sync: Sync;
  readonly journal: Journal;
  readonly quarantine: Quarantine;
  readonly registry: Registry;
  readonly view: LedgerView;
  readonly counters: Counters;
  readonly alarms: Alarms;
  readonly now: () => number;
}

/** Reads the sources; waits for nothing. */
export function readStatus(from: StatusSources): GatewayStatus {
  const { log, journal, quarantine, registry } = from;
  const { phase, anchoredSize, anchoredAt, oldestSince, receipts } = from.sync.status();
  const failure = journal.failure();
  const alarms = from.alarms.list();
  return {
    status: alarms.length === 0 && failure === null ? "ok" : "degraded",
    gateway: from.gateway,
    building: from.building,
    log: {
      origin: from.origin,
      size: log.size(),
      anchoredSize,
      lag: Math.max(0, log.size() - anchoredSize),
      lagMs: oldestSince ? Math.max(0, from.now() - oldestSince) : 0,
      pending: log.pending().count,
    },
    sync: {
      phase,
      anchoredAt: anchoredAt > 0 ? new Date(anchoredAt).toISOString() : null,
      receipts,
    },
    journal: { bytes: journal.bytes(), failure },
    quarantine: {
      count: quarantine.count(),
      bytes: quarantine.bytes(),
      held: from.counters.heldNow,
    },
    registry: {
      counter: registry.counter(),
      proven: registry.provenCounter(),
      ledgerSize: from.view.seen().size,
    },
    clients: from.counters.clientsNow,
    alarms,
  };
}
