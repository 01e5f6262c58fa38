// The gateway's numbers for Prometheus, read when they are asked for; one registry an instance, no globals.

import { Counter, Gauge, Registry } from "prom-client";
import type { Counters } from "../ingest/counters.ts";
import type { GatewayStatus } from "./status.ts";

/** The text exposition of everything counted. */
export function createMetrics(
  counters: Counters,
  status: () => GatewayStatus,
): { readonly contentType: string; text(): Promise<string> } {
  const registry = new Registry();
  const registers = [registry];

  const total = (name: string, help: string, read: () => number): void => {
    new Counter({
      name: `muniment_gateway_${name}_total`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  const totalByCode = (
    name: string,
    help: string,
    read: () => Readonly<Record<string, number>>,
  ): void => {
    new Counter({
      name: `muniment_gateway_${name}_total`,
      help,
      labelNames: ["code"],
      registers,
      collect() {
        this.reset();
        for (const [code, value] of Object.entries(read())) this.inc({ code }, value);
      },
    });
  };
  const level = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `muniment_gateway_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };

  level(
    "heap_bytes",
    "Memory of the main thread's JavaScript objects",
    () => process.memoryUsage().heapTotal,
  );
  level(
    "buffer_bytes",
    "Memory of buffers outside the JavaScript heap",
    () => process.memoryUsage().external,
  );
  level("resident_bytes", "Resident memory of the process, its threads included", () =>
    process.memoryUsage.rss(),
  );

  total("statements_received", "Statements that came to ingest", () => counters.received);
  total("statements_admitted", "Statements admitted in order", () => counters.admitted);
  total(
    "statements_late",
    "Statements admitted behind a higher sequence number",
    () => counters.late,
  );
  total("statements_duplicate", "Statements acknowledged again", () => counters.duplicate);
  total("acknowledged", "QoS 1 messages acknowledged", () => counters.acknowledged);
  total("statements_released", "Statements admitted from quarantine", () => counters.released);
  totalByCode(
    "statements_quarantined",
    "Statements refused and kept, by reason",
    () => counters.quarantined,
  );
  totalByCode(
    "statements_not_acknowledged",
    "Statements neither kept nor acknowledged, by reason",
    () => counters.notAcknowledged,
  );
  totalByCode(
    "connections_ended",
    "Connections ended for a fault, by reason",
    () => counters.connectionsEnded,
  );
  total("connections", "Connections taken", () => counters.connections);
  total(
    "verify_batches",
    "Batches given to the verification workers",
    () => counters.verifyBatches,
  );
  total(
    "verify_workers_lost",
    "Verification workers that had to be replaced",
    () => counters.verifyWorkersLost,
  );
  total("journal_groups", "Group commits", () => counters.journalGroups);
  total("journal_written_bytes", "Bytes written by group commits", () => counters.journalBytes);
  total("receipts", "Receipts verified and stored", () => status().sync.receipts);
  level("clients", "MQTT clients connected", () => counters.clientsNow);
  level("in_flight", "Statements between arrival and outcome", () => counters.inFlightNow);
  level("log_size", "Leaves under the latest checkpoint", () => status().log.size);
  level("log_anchored_size", "Leaves proven final", () => status().log.anchoredSize);
  level(
    "log_pending",
    "Records in the journal that no closed batch has",
    () => status().log.pending,
  );
  level(
    "log_lag_seconds",
    "Age of the oldest reading in a closed batch that is not final",
    () => status().log.lagMs / 1_000,
  );
  level("journal_bytes", "Bytes the journal takes", () => status().journal.bytes);
  level("quarantine_entries", "Entries in quarantine", () => status().quarantine.count);
  level("quarantine_bytes", "Bytes the quarantine takes", () => status().quarantine.bytes);
  level("registry_counter", "Registry records applied", () => status().registry.counter);
  level(
    "registry_proven_counter",
    "Registry records proven to exist",
    () => status().registry.proven,
  );
  level(
    "ledger_seen_size",
    "Size of the newest ledger checkpoint accepted",
    () => status().registry.ledgerSize,
  );
  new Gauge({
    name: "muniment_gateway_alarm",
    help: "1 for each alarm that stands, by code",
    labelNames: ["code"],
    registers,
    collect() {
      this.reset();
      for (const { code } of status().alarms) this.set({ code }, 1);
    },
  });

  return { contentType: registry.contentType, text: () => registry.metrics() };
}
