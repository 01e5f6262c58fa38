// What the node measures of itself, for Prometheus. A registry of its own, so that two nodes in a process do not mix.

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Alarms } from "../alarms/alarms.ts";
import { SEVERITIES } from "../alarms/rule.ts";
import type { Consensus } from "../consensus/consensus.ts";
import type { Intake } from "../intake/intake.ts";
import type { ReadModel } from "../read-model/read-model.ts";
import type { App } from "./app.ts";

const SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10];

/** Counts requests of the application, and adds `GET /metrics`. */
export function registerMetrics(
  app: App,
  {
    consensus,
    intake,
    readModel,
    alarms,
  }: {
    readonly consensus: Consensus;
    readonly intake: Intake;
    readonly readModel: ReadModel;
    readonly alarms: Alarms;
  },
): void {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect: function () {
        this.set(read());
      },
    });
  };
  gauge("muniment_ledger_size", "Leaves in the ledger log", () => consensus.head().size);
  gauge("muniment_ledger_height", "Blocks committed", () => consensus.head().height);
  gauge(
    "muniment_ledger_time_seconds",
    "Time of the last block, seconds since 1970",
    () => consensus.head().time / 1000,
  );
  gauge(
    "muniment_batches_in_flight",
    "Batches being checked, archived or anchored",
    () => intake.inFlight,
  );
  gauge(
    "muniment_read_model_size",
    "Ledger entries that queries see",
    () => readModel.applied().next,
  );
  gauge("muniment_read_model_failing", "1 while the read model cannot follow", () =>
    readModel.failure() === null ? 0 : 1,
  );
  gauge("process_resident_memory_bytes", "Resident memory", () => process.memoryUsage.rss());
  const batches = new Counter({
    name: "muniment_batches_total",
    help: "Batches of gateways by outcome: accepted, already, or the code of the refusal",
    labelNames: ["outcome"],
    registers,
  });
  intake.onAnswer((outcome) => batches.inc({ outcome }));
  registerAlarmMetrics(registers, alarms);
  const seconds = new Histogram({
    name: "muniment_http_seconds",
    help: "Time to answer, by route and status",
    labelNames: ["route", "status"],
    buckets: SECONDS,
    registers,
  });

  app.addHook("onResponse", async (request, reply) => {
    seconds.observe(
      { route: request.routeOptions.url ?? "none", status: reply.statusCode },
      reply.elapsedTime / 1000,
    );
  });
  app.get(
    "/metrics",
    { schema: { tags: ["node"], summary: "Prometheus metrics" } },
    async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  );
}

function registerAlarmMetrics(registers: Registry[], alarms: Alarms): void {
  new Gauge({
    name: "muniment_alarms_open",
    help: "Alarms that are not closed",
    labelNames: ["severity"],
    registers,
    collect: function () {
      const open = alarms.openAlarms();
      for (const severity of SEVERITIES)
        this.set({ severity }, open.filter((alarm) => alarm.severity === severity).length);
    },
  });
  new Gauge({
    name: "muniment_alarm_messages_waiting",
    help: "Messages that wait to be delivered",
    labelNames: ["channel"],
    registers,
    collect: function () {
      for (const { name, waiting } of alarms.channels()) this.set({ channel: name }, waiting);
    },
  });
  new Gauge({
    name: "muniment_alarms_failing",
    help: "1 while rules cannot be judged",
    registers,
    collect: function () {
      this.set(alarms.failure() === null ? 0 : 1);
    },
  });
  const deliveries = new Counter({
    name: "muniment_alarm_deliveries_total",
    help: "Attempts to deliver a message by result: delivered, failed (tried again), given-up",
    labelNames: ["channel", "result"],
    registers,
  });
  alarms.onOutcome((channel, result) => deliveries.inc({ channel, result }));
}
