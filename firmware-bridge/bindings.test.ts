// The list of devices: heard from a real HTTP server, kept on disk, asked for again when a new key comes.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type Bindings, bindingsLimits, openBindings } from "./bindings.ts";
import { systemClock } from "./system-clock.ts";

const kid = (n: number): string => String(n).padStart(64, "0");
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A ledger node as far as the bridge sees it: two devices a page. */
async function ledger() {
  const node = { devices: [] as { id: string; kid: string }[], broken: false, questions: 0 };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://ledger");
    node.questions += 1;
    if (node.broken) response.writeHead(503).end("closed");
    else if (url.pathname === "/api/v1/devices/br-1")
      response.end(JSON.stringify({ id: "br-1", building: "b1", more: 1 }));
    else if (url.pathname === "/api/v1/devices" && url.searchParams.get("bridge") === "br-1") {
      const from = Number(url.searchParams.get("cursor") ?? 0);
      const next = from + 2 < node.devices.length ? String(from + 2) : null;
      response.end(JSON.stringify({ items: node.devices.slice(from, from + 2), next }));
    } else response.writeHead(404).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { node, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "muniment-bindings-"));
  closing.push(() => rm(directory, { recursive: true }));
  return directory;
}

async function open(url: string, directory: string, askMsMin = 0) {
  const events: string[] = [];
  const bindings: Bindings = await openBindings({
    ...{ directory, ledger: url, bridge: "br-1", clock: systemClock },
    limits: { ...bindingsLimits, askMsMin },
    onChange: () => events.push("change"),
    onTrouble: ({ code }) => events.push(code),
  });
  closing.push(() => bindings.stop());
  return { bindings, events };
}

test("all pages, kept for a start without a network", async () => {
  const { node, url } = await ledger();
  node.devices = [1, 2, 3, 4, 5].map((n) => ({ id: `board-${n}`, kid: kid(n) }));
  const directory = await folder();
  const first = await open(url, directory);
  expect(await first.bindings.deviceOf(kid(5))).toBe("board-5");
  expect(first.bindings.building()).toBe("b1");
  expect(first.bindings.devices()).toHaveLength(5);
  expect(first.bindings.isFresh()).toBe(true);
  expect(first.events).toEqual(["change"]);
  await first.bindings.stop();

  node.broken = true;
  const second = await open(url, directory);
  expect([second.bindings.building(), second.bindings.devices().length]).toEqual(["b1", 5]);
  expect(await second.bindings.deviceOf(kid(3))).toBe("board-3");
  expect(await second.bindings.deviceOf(kid(9))).toBeNull();
  expect(second.events).toEqual(["devices.answer"]);
  expect([second.bindings.isFresh(), second.bindings.heardAt()]).toEqual([false, null]);
});

test("a new key is asked about, strangers not again and again", async () => {
  const { node, url } = await ledger();
  const { bindings, events } = await open(url, await folder(), 60_000);
  expect(await bindings.deviceOf(kid(1))).toBeNull();
  const asked = node.questions;
  expect(await bindings.deviceOf(kid(1))).toBeNull();
  expect(node.questions).toBe(asked);

  const eager = await open(url, await folder());
  expect(await eager.bindings.deviceOf(kid(1))).toBeNull();
  node.devices = [{ id: "board-1", kid: kid(1) }];
  expect(await eager.bindings.deviceOf(kid(1))).toBe("board-1");
  expect(events).toEqual(["change"]);
});

test("a damaged file is no more than a missing one", async () => {
  const { url } = await ledger();
  const directory = await folder();
  await writeFile(join(directory, "devices.json"), "{");
  const { bindings, events } = await open(url, directory);
  expect(await bindings.deviceOf(kid(1))).toBeNull();
  expect(events).toEqual(["devices.cache", "change"]);
  expect(JSON.parse(await readFile(join(directory, "devices.json"), "utf8"))).toEqual({
    building: "b1",
    devices: [],
  });
});

test("a ledger that is not there, or that talks nonsense, is said once", async () => {
  const { bindings, events } = await open("http://127.0.0.1:9", await folder());
  expect(await bindings.deviceOf(kid(1))).toBeNull();
  expect(await bindings.deviceOf(kid(1))).toBeNull();
  expect(events).toEqual(["ledger.unreachable"]);

  const { node, url } = await ledger();
  node.devices = [{ id: "NOT AN ID", kid: kid(1) }];
  const other = await open(url, await folder());
  expect(await other.bindings.deviceOf(kid(1))).toBeNull();
  expect(other.events).toEqual(["devices.answer"]);
  expect(other.bindings.building()).toBeNull();
});
