// `POST /transactions`: one signed transaction in, its place in the ledger or the code of its refusal out (F4).

import { TRANSACTION_BYTES_MAX } from "@muniment/core";
import { Type } from "typebox";
import type { Intake } from "../../intake/intake.ts";
import type { App } from "../app.ts";
import { sendProblem } from "../problem.ts";

export function registerSubmitRoutes(app: App, { intake }: { readonly intake: Intake }): void {
  app.post(
    "/transactions",
    {
      bodyLimit: TRANSACTION_BYTES_MAX,
      schema: {
        tags: ["transactions"],
        summary: "A signed transaction: the bytes of the COSE_Sign1, nothing else",
        description:
          "Answers after the durable commit. The same transaction again is no error: `duplicate` is true and the place is its first.",
        consumes: ["application/cose", "application/cbor", "application/octet-stream"],
        response: {
          200: Type.Object({
            index: Type.Integer(),
            height: Type.Integer(),
            time: Type.String({ format: "date-time" }),
            duplicate: Type.Boolean(),
          }),
          "4xx": Type.Ref("Problem"),
        },
      },
    },
    async (request, reply) => {
      if (!(request.body instanceof Uint8Array))
        return sendProblem(reply, "request.media-type", "expected application/cose");
      const answer = await intake.acceptTransaction(request.body);
      if (!answer.ok) return sendProblem(reply, answer.code, answer.message);
      const { index, height, time, duplicate } = answer;
      return { index, height, time: new Date(time).toISOString(), duplicate };
    },
  );
}
