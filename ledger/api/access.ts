// Who may read entries: anyone on the node's own machine, else whoever holds the access token (formats, "HTTP (ledger node)"; D8).

import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { sendProblem } from "./problem.ts";

/** Whether a request may see single readings, and change settings of this node. */
export type AccessRule = (request: FastifyRequest) => boolean;

/** A fastify hook: answers 401 itself, or lets the request pass. */
export type AccessCheck = (
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<FastifyReply | undefined>;

const LOOPBACK_NAMES = new Set(["localhost", "127.0.0.1", "[::1]", "::1"]);

/** Whether an address to listen on is reached from this machine only. */
export function isLoopback(host: string): boolean {
  // A socket that listens for both families shows IPv4 callers as ::ffff:127.0.0.1.
  const address = host.replace(/^::ffff:/, "");
  return LOOPBACK_NAMES.has(address) || /^127(\.\d{1,3}){3}$/.test(address);
}

interface AccessSettings {
  /** Address the node listens on. */
  readonly host: string;
  readonly token: string | null;
}

/**
 * Entries and evidence name persons' movements more finely than any published figure, so they are not public.
 * With a token: `authorization: Bearer <token>`, from anywhere. Without one: only when the node listens on loopback and
 * was called by a loopback name, which neither a forwarding proxy nor a page of another site can do unnoticed.
 */
export function createAccessRule({ host, token }: AccessSettings): AccessRule {
  return (request) =>
    token === null
      ? isLoopback(host) && LOOPBACK_NAMES.has(request.hostname)
      : isToken(request.headers.authorization, token);
}

/** The rule of createAccessRule() as a hook. */
export function createAccessCheck(settings: AccessSettings): AccessCheck {
  const mayPass = createAccessRule(settings);
  const { token } = settings;
  return async (request, reply) => {
    if (mayPass(request)) return undefined;
    void reply.header("www-authenticate", "Bearer");
    const how =
      token === null
        ? "this node has no access token, so it answers only on its own machine"
        : "expected authorization: Bearer <token>";
    return sendProblem(reply, "request.unauthorized", how);
  };
}

/** Hashed first, so that the comparison takes equally long for every guess. */
function isToken(header: string | undefined, token: string): boolean {
  const given = /^Bearer ([!-~]+)$/.exec(header ?? "")?.[1];
  return given !== undefined && timingSafeEqual(sha256Of(given), sha256Of(token));
}

function sha256Of(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
