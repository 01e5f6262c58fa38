// The bridge's numbers for Prometheus, read when they are asked for; one registry an instance, no globals.

import { Counter, Gauge, Registry } from "prom-client";
import type { Counters } from "./counters.ts";
import type { Health } from "./health.ts";
import type { Page } from "./http.ts";

/** The page of everything counted. */
export function createMetrics(counters: Counters, health: () => Health): () => Promise<Page> {
  const registry = new Registry();
  const registers = [registry];

  const total = (name: string, help: string, read: () => number): void => {
    new Counter({
      name: `muniment_bridge_${name}_total`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  const totals = (
    name: string,
    label: string,
    help: string,
    tally: Readonly<Partial<Record<string, number>>>,
  ): void => {
    new Counter({
      name: `muniment_bridge_${name}_total`,
      help,
      labelNames: [label],
      registers,
      collect() {
        this.reset();
        for (const [value, n] of Object.entries(tally)) this.inc({ [label]: value }, n ?? 0);
      },
    });
  };
  const level = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `muniment_bridge_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };

  total("frames_in", "CoAP frames that came through whole", () => counters.framesIn);
  total("frames_out", "Frames sent to the board", () => counters.framesOut);
  total("frames_dropped", "Frames for a board that does not read", () => counters.framesDropped);
  total("diagnostics", "Lines of text from the board", () => counters.diagnostics);
  totals("discards", "reason", "Frames discarded, by reason; fcs is noise", counters.discards);
  totals(
    "link_events",
    "event",
    "What happened on the link: retransmissions, resets, …",
    counters.events,
  );
  totals("answers", "code", "Answers to boards, by CoAP code", counters.answers);
  totals("statements", "result", "Statements by the gateway's word", counters.results);
  totals("unanswered", "why", "Statements without the gateway's word", counters.unanswered);
  total("line_opened", "Times that the serial line was opened", () => counters.lineOpened);
  total("mqtt_connected", "Connections to the gateway", () => counters.mqttConnected);
  level("line_open", "1 while the serial line is open", () => Number(health().line.open));
  level("mqtt_up", "1 while connected to the gateway", () => Number(health().gateway.connected));
  level("pending", "Requests of boards without an answer", () => health().pending);
  level("devices_bound", "Devices bound to this bridge", () => health().devices.bound);
  level("resident_bytes", "Resident memory of the process", () => process.memoryUsage.rss());
  return async () => ({ type: registry.contentType, body: await registry.metrics() });
}
