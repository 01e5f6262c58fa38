// `GET /health`: whether the node does its work, for people and for whatever restarts it.

import { Type } from "typebox";
import type { Consensus } from "../../consensus/consensus.ts";
import type { Intake } from "../../intake/intake.ts";
import type { ReadModel } from "../../read-model/read-model.ts";
import type { App } from "../app.ts";

interface Needs {
  readonly consensus: Consensus;
  readonly intake: Intake;
  readonly readModel: ReadModel;
}

const Health = Type.Object({
  status: Type.Union([Type.Literal("ok"), Type.Literal("degraded")]),
  origin: Type.String(),
  mode: Type.String({ description: "solo: a single operator" }),
  height: Type.Integer(),
  size: Type.Integer(),
  time: Type.String({ format: "date-time" }),
  readModel: Type.Object({
    size: Type.Integer(),
    lag: Type.Integer(),
    failure: Type.Union([Type.String(), Type.Null()]),
  }),
  batchesInFlight: Type.Integer(),
});

/** Degraded: the log goes on and nothing is lost, but the figures do not follow. */
export function registerHealthRoutes(app: App, { consensus, intake, readModel }: Needs): void {
  app.get(
    "/health",
    {
      schema: {
        tags: ["node"],
        summary: "Whether the node does its work",
        response: { 200: Health, 503: Health },
      },
    },
    async (_request, reply) => {
      const head = consensus.head();
      const applied = readModel.applied().next;
      const failure = readModel.failure()?.message ?? null;
      return reply.code(failure === null ? 200 : 503).send({
        status: failure === null ? ("ok" as const) : ("degraded" as const),
        origin: head.origin,
        mode: "solo",
        height: head.height,
        size: head.size,
        time: new Date(head.time).toISOString(),
        readModel: { size: applied, lag: head.size - applied, failure },
        batchesInFlight: intake.inFlight,
      });
    },
  );
}
