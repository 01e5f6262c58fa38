// What gateways call: batches in; receipts, status and registry out; and their archived logs as static files (formats, "HTTP (ledger node)").

import { toHex } from "@muniment/core";
import type { FastifyReply } from "fastify";
import { Type } from "typebox";
import type { Archive } from "../../archive/archive.ts";
import type { Consensus } from "../../consensus/consensus.ts";
import type { AnchorIndex } from "../../evidence/anchor-index.ts";
import { buildReceipt } from "../../evidence/receipt.ts";
import { buildRegistryFeed } from "../../evidence/registry-feed.ts";
import { REQUEST_BYTES_MAX } from "../../intake/batch.ts";
import { readGateway } from "../../intake/gateway-state.ts";
import type { Intake } from "../../intake/intake.ts";
import type { AccessCheck } from "../access.ts";
import type { App } from "../app.ts";
import { sendProblem } from "../problem.ts";
import { sendCheckpoint, sendTile } from "../static-log.ts";

interface Needs {
  readonly consensus: Consensus;
  readonly archive: Archive;
  readonly anchors: AnchorIndex;
  readonly intake: Intake;
  readonly mayReadEntries: AccessCheck;
}

const Gateway = Type.Object({ gateway: Type.String({ pattern: "^[a-z0-9-]{1,64}$" }) });
const Size = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Tile = Type.Object({ ...Gateway.properties, "*": Type.String() });

export function registerGatewayRoutes(app: App, needs: Needs): void {
  const { consensus, archive, intake, mayReadEntries } = needs;

  app.post(
    "/gateways/:gateway/entries",
    {
      bodyLimit: REQUEST_BYTES_MAX,
      schema: {
        tags: ["gateways"],
        summary: "One batch: entries, bodies, checkpoint, consistency proof and anchor transaction",
        description:
          "Deterministic CBOR in, the receipt as CBOR out. Idempotent by (gateway, size, root).",
        consumes: ["application/cbor"],
        params: Gateway,
      },
    },
    async (request, reply) => {
      const { gateway } = request.params;
      if (!(request.body instanceof Uint8Array))
        return sendProblem(reply, "request.media-type", "expected application/cbor");
      const answer = await intake.acceptBatch(gateway, request.body);
      if (!answer.ok) {
        const { code, message, theirs, anchored } = answer;
        const more = {
          ...(theirs === undefined ? {} : { theirs }),
          ...(anchored === undefined ? {} : { anchored }),
        };
        return sendProblem(reply, code, message, more);
      }
      return sendCbor(
        reply,
        await buildReceipt(needs, gateway, answer.size, answer.result),
        `receipt of ${gateway} at ${answer.size}`,
      );
    },
  );

  app.get(
    "/gateways/:gateway/receipts/:size",
    {
      schema: {
        tags: ["gateways"],
        summary:
          "The receipt of the batch that ended at this size, for a gateway that lost the answer",
        params: Type.Object({ ...Gateway.properties, size: Size }),
      },
    },
    async (request, reply) => {
      const { gateway, size } = request.params;
      return sendCbor(
        reply,
        await buildReceipt(needs, gateway, size, "already"),
        `${gateway} is not anchored at ${size}`,
      );
    },
  );

  app.get(
    "/gateways/:gateway/status",
    {
      schema: {
        tags: ["gateways"],
        summary: "How far the gateway's log is anchored; not proven, a receipt is",
        params: Gateway,
        response: {
          200: Type.Object({
            size: Size,
            root: Type.String(),
            status: Type.String(),
            registry: Type.Integer(),
          }),
          404: Type.Ref("Problem"),
        },
      },
    },
    async (request, reply) => {
      const { gateway } = request.params;
      const state = readGateway(consensus.get(`gateway/${gateway}`));
      if (state === null) return sendProblem(reply, "anchor.unknown-gateway", gateway);
      return {
        size: state.size,
        root: toHex(state.root),
        status: state.status,
        registry: state.registry,
      };
    },
  );

  app.get(
    "/gateways/:gateway/registry",
    {
      schema: {
        tags: ["gateways"],
        summary:
          "The building's key records from number `from`, proven, and the ledger's growth since size `since`",
        description:
          "CBOR. At most 500 records an answer; ask again from the number after the last.",
        params: Gateway,
        querystring: Type.Object(
          { from: Type.Optional(Size), since: Type.Optional(Size) },
          { additionalProperties: false },
        ),
      },
    },
    async (request, reply) => {
      const { gateway } = request.params;
      const { from = 1, since = 0 } = request.query;
      const feed = await buildRegistryFeed(consensus, gateway, from, since);
      if (feed === null) return sendProblem(reply, "anchor.unknown-gateway", gateway);
      return sendCbor(reply, feed, gateway);
    },
  );

  app.get(
    "/gateways/:gateway/checkpoint",
    {
      schema: {
        tags: ["gateways"],
        summary: "The gateway's newest archived checkpoint, with the archive's line",
        params: Gateway,
      },
    },
    async (request, reply) => {
      const note = await archive.checkpoint(request.params.gateway);
      if (note === null)
        return sendProblem(
          reply,
          "request.not-found",
          `nothing is archived of ${request.params.gateway}`,
        );
      return sendCheckpoint(reply, note);
    },
  );

  const tileOf = async (
    gateway: string,
    path: string,
    readers: "public" | "private",
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    const tile = await archive.readTile(gateway, path);
    return tile === null
      ? sendProblem(reply, "request.not-found", `${gateway}: ${path}`)
      : sendTile(reply, tile, readers);
  };

  app.get(
    "/gateways/:gateway/tile/*",
    {
      schema: {
        tags: ["gateways"],
        summary: "A hash tile of the gateway's log (C2SP tlog-tiles)",
        params: Tile,
      },
    },
    async (request, reply) => {
      const { gateway, "*": name } = request.params;
      // `entries%2F000` is decoded only after the route was chosen: bundles leave by their own route alone.
      if (name.startsWith("entries"))
        return sendProblem(reply, "request.not-found", `${gateway}: tile/${name}`);
      return tileOf(gateway, `tile/${name}`, "public", reply);
    },
  );

  app.get(
    "/gateways/:gateway/tile/entries/*",
    {
      onRequest: mayReadEntries,
      schema: {
        tags: ["gateways"],
        summary: "An entry bundle of the gateway's log; not public",
        security: [{ token: [] }],
        params: Tile,
      },
    },
    (request, reply) =>
      tileOf(request.params.gateway, `tile/entries/${request.params["*"]}`, "private", reply),
  );
}

function sendCbor(reply: FastifyReply, bytes: Uint8Array | null, missing: string): FastifyReply {
  if (bytes === null) return sendProblem(reply, "request.not-found", missing);
  return reply.type("application/cbor").send(Buffer.from(bytes));
}
