// How files of a log are sent: tiles never change, checkpoints always may (C2SP tlog-tiles).

import type { FastifyReply } from "fastify";

/** `readers`: whether a cache that several people share may keep the tile (RFC 9111 5.2.2.9). */
export function sendTile(
  reply: FastifyReply,
  tile: Uint8Array,
  readers: "public" | "private" = "public",
): FastifyReply {
  return reply
    .header("cache-control", `${readers}, max-age=31536000, immutable`)
    .type("application/octet-stream")
    .send(Buffer.from(tile.buffer, tile.byteOffset, tile.byteLength));
}

export function sendCheckpoint(reply: FastifyReply, note: string): FastifyReply {
  return reply.header("cache-control", "no-cache").type("text/plain; charset=utf-8").send(note);
}
