// What the node measures of itself, for Prometheus. A registry of its own, so that two nodes in a process do not mix.

import { Counter, Gauge, Histogram, Registry } from "prom-client";
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
  }: { readonly consensus: Consensus; readonly intake: Intake; readonly readModel: ReadModel },
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
