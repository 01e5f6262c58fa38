// How files of a log are sent: tiles never change, checkpoints always may (C2SP tlog-tiles).

import type { FastifyReply } from "fastify";

export function sendTile(reply: FastifyReply, tile: Uint8Array): FastifyReply {
  return reply
    .header("cache-control", "public, max-age=31536000, immutable")
    .type("application/octet-stream")
    .send(Buffer.from(tile.buffer, tile.byteOffset, tile.byteLength));
}

export function sendCheckpoint(reply: FastifyReply, note: string): FastifyReply {
  return reply.header("cache-control", "no-cache").type("text/plain; charset=utf-8").send(note);
}
