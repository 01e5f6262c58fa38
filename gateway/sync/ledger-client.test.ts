// HTTP towards ledger nodes: limits, time-outs, and which node is asked next.

import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createLedgerClient } from "./ledger-client.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function node(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const problem =
  (status: number, fields: object) => (_: unknown, response: Parameters<RequestListener>[1]) => {
    response.writeHead(status, { "content-type": "application/problem+json" });
    response.end(JSON.stringify({ title: "t", detail: "d", ...fields }));
  };
const never = new AbortController().signal;
const limits = { requestMsMax: 2_000, answerBytesMax: 1_000 };
const post = (urls: readonly string[], signal = never) =>
  createLedgerClient(urls, limits).postBatch("gw-1", Uint8Array.of(1), signal);

describe("the ledger client", () => {
  it("shows its token where it reads entries, and nowhere else", async () => {
    const shown: string[] = [];
    const url = await node((request, response) => {
      shown.push(`${request.url} ${request.headers.authorization ?? "-"}`);
      if (request.url!.endsWith("/404")) response.writeHead(404);
      response.end(Uint8Array.of(7));
    });
    const client = createLedgerClient([url], limits, "secret");
    expect(await client.readArchive("gw-1", "tile/entries/000")).toEqual(Uint8Array.of(7));
    await client.readArchive("gw-1", "tile/0/000");
    expect(await client.readArchive("gw-1", "tile/0/404")).toBeNull();
    await client.readTile("tile/entries/000");
    expect(shown).toEqual([
      "/gateways/gw-1/tile/entries/000 Bearer secret",
      "/gateways/gw-1/tile/0/000 -",
      "/gateways/gw-1/tile/0/404 -",
      "/tile/entries/000 -",
    ]);
    const closed = await node(problem(401, { code: "request.unauthorized" }));
    await expect(
      createLedgerClient([closed], limits).readArchive("gw-1", "tile/entries/000"),
    ).rejects.toThrow(/request\.unauthorized/);
  });

  it("asks the next node when one is down or too busy, and remembers which answered", async () => {
    let busy = 0;
    const overloaded = await node((request, response) => {
      busy += 1;
      problem(503, { code: "intake.busy" })(request, response);
    });
    const good = await node((_, response) => response.end(Uint8Array.of(7)));
    const client = createLedgerClient(["http://127.0.0.1:9", overloaded, good], limits);
    expect(await client.postBatch("gw-1", Uint8Array.of(1), never)).toEqual({
      type: "receipt",
      bytes: Uint8Array.of(7),
    });
    expect(await client.postBatch("gw-1", Uint8Array.of(1), never)).toMatchObject({
      type: "receipt",
    });
    expect(busy).toBe(1);
    client.distrust();
    await expect(
      createLedgerClient(["http://127.0.0.1:9"], limits).genesis(),
    ).rejects.toMatchObject({ code: "ledger.unreachable" });
  });

  it("tells conflict, not-next and refusal apart, and a stranger's error from all of them", async () => {
    expect(
      await post([await node(problem(409, { code: "anchor.conflict", theirs: "note" }))]),
    ).toEqual({ type: "conflict", theirs: "note" });
    expect(await post([await node(problem(409, { code: "batch.not-next", anchored: 5 }))])).toEqual(
      { type: "not-next", anchored: 5 },
    );
    expect(await post([await node(problem(422, { code: "batch.root" }))])).toMatchObject({
      type: "refused",
      code: "batch.root",
    });
    await expect(
      post([await node((_, response) => response.writeHead(404).end("<html>"))]),
    ).rejects.toMatchObject({ code: "ledger.answer" });
  });

  it("reads no more than the limit, follows no redirect, and waits no longer than it was told", async () => {
    const large = await node((_, response) => response.end(Buffer.alloc(1_001)));
    await expect(post([large])).rejects.toMatchObject({
      code: "ledger.unreachable",
      message: expect.stringContaining("1000 bytes"),
    });
    const elsewhere = await node((_, response) =>
      response.writeHead(302, { location: large }).end(),
    );
    await expect(post([elsewhere])).rejects.toMatchObject({ code: "ledger.unreachable" });
    const silent = await node(() => {});
    const until = new AbortController();
    const asked = post([silent, silent], until.signal);
    until.abort();
    await expect(asked).rejects.toMatchObject({ code: "ledger.unreachable" });
    const closing = createLedgerClient([silent], limits);
    const waiting = closing.genesis();
    closing.close();
    await expect(waiting).rejects.toMatchObject({ code: "ledger.unreachable" });
  });

  it("knows a node that has not come as far as we have", async () => {
    const behind = await node(problem(404, { code: "evidence.beyond-head" }));
    await expect(createLedgerClient([behind], limits).registry("gw-1", 1, 9)).rejects.toMatchObject(
      { code: "registry.rollback" },
    );
  });
});
