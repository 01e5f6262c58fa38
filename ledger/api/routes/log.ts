// The ledger's own log as static files, its policy and its genesis document: everything a verifier starts from (F5, F6, D14).

import { formatPolicy, parsePolicy } from "@muniment/core";
import { Type } from "typebox";
import type { Consensus } from "../../consensus/consensus.ts";
import type { App } from "../app.ts";
import { sendProblem } from "../problem.ts";
import { sendCheckpoint, sendTile } from "../static-log.ts";

export function registerLogRoutes(
  app: App,
  { consensus }: { readonly consensus: Consensus },
): void {
  app.get(
    "/checkpoint",
    { schema: { tags: ["log"], summary: "The newest cosigned checkpoint" } },
    (_request, reply) => sendCheckpoint(reply, consensus.head().checkpoint),
  );

  app.get(
    "/tile/*",
    {
      schema: {
        tags: ["log"],
        summary: "A tile or entry bundle (C2SP tlog-tiles)",
        params: Type.Object({ "*": Type.String() }),
      },
    },
    async (request, reply) => {
      const path = `tile/${request.params["*"]}`;
      const tile = await consensus.readTile(path);
      return tile === null ? sendProblem(reply, "request.not-found", path) : sendTile(reply, tile);
    },
  );

  app.get(
    "/policy",
    { schema: { tags: ["log"], summary: "The tlog-policy that checkpoints satisfy" } },
    (_request, reply) =>
      reply.type("text/plain; charset=utf-8").send(formatPolicy(parsePolicy(consensus.policy()))),
  );

  app.get(
    "/genesis",
    { schema: { tags: ["log"], summary: "The genesis document: leaf 0" } },
    (_request, reply) => reply.type("application/cbor").send(Buffer.from(consensus.genesis())),
  );
}
