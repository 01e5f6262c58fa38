// /api/v1/events: server-sent events (WHATWG HTML 9.2), `head` whenever the answers of this node have moved on, `alarm` whenever an alarm has.

import { fastifySSE } from "@fastify/sse";
import { Type } from "typebox";
import { statusOf } from "../../alarms/alarm.ts";
import type { Alarms } from "../../alarms/alarms.ts";
import type { Output } from "../../alarms/watch.ts";
import { QUERY_CODES } from "../../read-model/errors.ts";
import { iso } from "../../read-model/period.ts";
import type { Cursor } from "../../read-model/store.ts";
import type { App } from "../app.ts";
import { newestOnly } from "../newest-only.ts";
import { sendProblem } from "../problem.ts";
import { refusals } from "./answers.ts";
import type { ReadSources } from "./question.ts";

/** Streams open at once; each holds a connection. */
const streamsMax = 256;
const heartbeatMs = 15_000;

export interface EventSources extends ReadSources {
  readonly alarms?: Pick<Alarms, "onChange" | "openAlarms">;
}

/** Registers the route; `app` carries the prefix. Resolves when the plugin it needs is loaded. */
export async function registerEvents(app: App, { readModel, alarms }: EventSources): Promise<void> {
  await app.register(fastifySSE, { heartbeatInterval: heartbeatMs });
  const open = new Set<() => void>();
  // A stream never ends by itself: a closing server ends it, or would wait for ever.
  app.addHook("preClose", async () => {
    for (const close of [...open]) close();
  });

  app.get(
    "/events",
    {
      sse: "only",
      schema: {
        tags: ["ledger"],
        summary:
          "Server-sent events: `head` {size, time}, at once and after each commit that was applied; `alarm` {id, event, status, severity, building, rule, unclosed} after each change of an alarm, the newest where several came at once",
        response: { 200: Type.String({ description: "text/event-stream" }), ...refusals },
      },
    },
    async (_request, reply) => {
      if (open.size >= streamsMax) {
        return sendProblem(
          reply,
          "query.busy",
          `${QUERY_CODES["query.busy"]}: ${streamsMax} streams are open`,
        );
      }
      const { sse } = reply;
      const send = newestOnly<Cursor>(
        async ({ next, time }) => {
          if (sse.isConnected)
            await sse.send({ event: "head", data: { size: next, time: iso(time) } });
        },
        () => sse.close(),
      );
      const sendAlarm = newestOnly<Output>(
        async ({ event, alarm }) => {
          const { id, rule, severity, subject } = alarm;
          const unclosed = alarms?.openAlarms().length ?? 0;
          const { building } = subject;
          const data = { id, event, status: statusOf(alarm), severity, building, rule, unclosed };
          if (sse.isConnected) await sse.send({ event: "alarm", data });
        },
        () => sse.close(),
      );
      const stop = readModel.onApplied(send);
      const stopAlarms = alarms?.onChange(sendAlarm);
      const close = (): void => sse.close();
      open.add(close);
      sse.onClose(() => {
        stop();
        stopAlarms?.();
        open.delete(close);
      });
      sse.keepAlive();
      send(readModel.applied());
    },
  );
}
