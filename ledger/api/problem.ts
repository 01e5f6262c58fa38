// Every error as application/problem+json with a stable code (RFC 9457), and the HTTP status of each code.

import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { NO_EVIDENCE } from "../evidence/bundle.ts";
import { INTAKE_CODES } from "../intake/codes.ts";
import type { App } from "./app.ts";

/** Codes of HTTP itself, whatever is asked for. */
const REQUEST_CODES = {
  "request.invalid": [400, "the request is not as the API describes it"],
  "request.unauthorized": [401, "this needs the node's access token"],
  "request.not-found": [404, "nothing is here"],
  "request.too-large": [413, "the request is larger than allowed here"],
  "request.media-type": [415, "the body is of a type that is not taken here"],
  "request.too-many": [429, "too many requests; try again later"],
  internal: [500, "the node failed to answer; its log says why"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

/** Codes of other parts whose status is not the one of their kind. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  "alarm.acknowledged": 409,
  "alarm.closed": 503,
  "alarm.rule-exists": 409,
  "alarm.unknown": 404,
  "archive.range": 404,
  "archive.staging-full": 503,
  "consensus.busy": 503,
  "consensus.closed": 503,
  "consensus.halted": 503,
  "evidence.beyond-head": 409,
  "evidence.unknown-entry": 404,
  "query.busy": 503,
  "query.period": 422,
  "query.unknown": 404,
  "query.range": 422,
  "tx.unknown-key": 403,
  "tx.revoked-key": 403,
  "tx.signature": 403,
  "tx.not-permitted": 403,
  "tx.replay": 409,
  "tx.duplicate": 409,
  "registry.exists": 409,
  "registry.key-in-use": 409,
  "registry.not-active": 409,
  "registry.last-operator": 409,
};

/** What a kind of code means when the table above does not name it: the machine's refusals are 422, bad queries 400. */
const STATUS_OF_KIND: Readonly<Record<string, number>> = {
  alarm: 422,
  tx: 422,
  registry: 422,
  anchor: 422,
  equivocation: 422,
  policy: 422,
  hold: 422,
  disposition: 422,
  query: 400,
};

const TITLES: Readonly<Record<string, readonly [status: number, title: string]>> = {
  ...REQUEST_CODES,
  ...INTAKE_CODES,
  ...NO_EVIDENCE,
};

const RETRY_AFTER_S = 1;

/** The body of every error, for the OpenAPI document. Some codes add fields of their own. */
const ProblemBody = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: "stable; what a program should look at" }),
  },
  { $id: "Problem", additionalProperties: true, description: "RFC 9457" },
);

/** HTTP status of a code from any of the package's tables; 500 for one that no client can mend. */
function statusOf(code: string): number {
  return TITLES[code]?.[0] ?? STATUS_OF_CODE[code] ?? STATUS_OF_KIND[code.split(".")[0]!] ?? 500;
}

/** Answers with a problem. `more` are members that the code defines, such as `theirs`. */
export function sendProblem(
  reply: FastifyReply,
  code: string,
  detail: string,
  more: Readonly<Record<string, string | number>> = {},
): FastifyReply {
  const status = statusOf(code);
  if (status === 503) void reply.header("retry-after", RETRY_AFTER_S);
  return reply
    .code(status)
    .type("application/problem+json")
    .serializer((body: unknown) => JSON.stringify(body))
    .send({
      type: "about:blank",
      title: TITLES[code]?.[1] ?? detail.split(":")[0],
      status,
      detail,
      code,
      ...more,
    });
}

/** Routes every error of the application through sendProblem(). */
export function registerProblems(app: App): void {
  app.addSchema(ProblemBody);
  app.setErrorHandler((error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    const [code, detail] = describe(error);
    if (statusOf(code) >= 500) request.log.error({ err: error }, "request failed");
    return sendProblem(reply, code, detail);
  });
}

/** What a thrown error says to the client. An unforeseen one says nothing of the node's insides. */
function describe(error: FastifyError): readonly [code: string, detail: string] {
  if (error.validation !== undefined) return ["request.invalid", error.message];
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return ["request.too-large", error.message];
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
    case "FST_ERR_CTP_EMPTY_TYPE":
      return ["request.media-type", error.message];
  }
  if (error.statusCode === 429) return ["request.too-many", error.message];
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return ["request.invalid", error.message];
  if (typeof error.code === "string" && statusOf(error.code) !== 500)
    return [error.code, error.message];
  return ["internal", REQUEST_CODES.internal[1]];
}
