// `GET /evidence/<gateway>/<index>`: the evidence bundle of one reading (F7).

import { Type } from "typebox";
import type { Archive } from "../../archive/archive.ts";
import type { Consensus } from "../../consensus/consensus.ts";
import type { AnchorIndex } from "../../evidence/anchor-index.ts";
import { buildEvidence, NO_EVIDENCE } from "../../evidence/bundle.ts";
import type { AccessCheck } from "../access.ts";
import type { App } from "../app.ts";
import { sendProblem } from "../problem.ts";

interface Needs {
  readonly consensus: Consensus;
  readonly archive: Archive;
  readonly anchors: AnchorIndex;
  readonly mayReadEntries: AccessCheck;
}

export function registerEvidenceRoutes(app: App, needs: Needs): void {
  app.get(
    "/evidence/:gateway/:index",
    {
      onRequest: needs.mayReadEntries,
      schema: {
        tags: ["evidence"],
        summary:
          "Everything that proves one reading, in one file; verify it with `muniment verify`",
        security: [{ token: [] }],
        params: Type.Object({
          gateway: Type.String({ pattern: "^[a-z0-9-]{1,64}$" }),
          index: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
        }),
      },
    },
    async (request, reply) => {
      const { gateway, index } = request.params;
      const evidence = await buildEvidence(needs, gateway, index);
      if ("code" in evidence) {
        return sendProblem(
          reply,
          evidence.code,
          `${NO_EVIDENCE[evidence.code][1]}: entry ${index} of ${gateway}`,
        );
      }
      // Verified byte for byte, so it is sent as the text it is.
      return reply
        .header("cache-control", "no-store")
        .type("application/json; charset=utf-8")
        .send(evidence.text);
    },
  );
}
