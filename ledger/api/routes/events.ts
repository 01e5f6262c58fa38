// /api/v1/events: server-sent events (WHATWG HTML 9.2), one `head` whenever the answers of this node have moved on.

import { fastifySSE } from "@fastify/sse";
import { Type } from "typebox";
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

/** Registers the route; `app` carries the prefix. Resolves when the plugin it needs is loaded. */
export async function registerEvents(app: App, { readModel }: ReadSources): Promise<void> {
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
          "Server-sent events: `head` {size, time}, at once and after each commit that was applied",
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
      const stop = readModel.onApplied(send);
      const close = (): void => sse.close();
      open.add(close);
      sse.onClose(() => {
        stop();
        open.delete(close);
      });
      sse.keepAlive();
      send(readModel.applied());
    },
  );
}
