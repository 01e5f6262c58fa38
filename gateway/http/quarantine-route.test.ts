// What the quarantine shows of itself, to whom.

import { expect, test } from "vitest";
import { memoryFiles } from "../journal/memory-files.ts";
import { openQuarantine } from "../journal/quarantine.ts";
import { memoryVault } from "../memory-vault.ts";
import { quarantineRoute } from "./quarantine-route.ts";

const vault = memoryVault();

async function route(servePayloads: boolean) {
  const quarantine = await openQuarantine({
    directory: "/q",
    segmentBytesMax: 1_000,
    quarantineBytesMax: 10_000,
    vault,
    clientBytesMax: 10_000,
    files: memoryFiles(),
  });
  for (let n = 1; n <= 3; n++)
    await quarantine.add({
      arrivedAt: 0,
      reason: "bad-signature",
      building: "b1",
      device: "meter-1",
      kid: null,
      sequence: n,
      payload: Uint8Array.of(1, 2, 3),
    });
  const { answer } = quarantineRoute(quarantine, servePayloads);
  return async (query: string) => {
    const page = await answer(new URL(`http://gateway/quarantine${query}`));
    return { status: page?.status ?? 200, body: JSON.parse(String(page?.body)) };
  };
}

test("pages by cursor, with payloads where the machine asks itself", async () => {
  const get = await route(true);
  const first = (await get("?limit=2")).body;
  expect(first.items).toMatchObject([
    { sequence: 1, bytes: 3, payload: "AQID" },
    { sequence: 2, bytes: 3, payload: "AQID" },
  ]);
  const rest = (await get(`?limit=2&after=${first.next}`)).body;
  expect(rest).toMatchObject({ items: [{ sequence: 3 }], next: null });
});

test("off the loopback address the payloads stay here", async () => {
  const get = await route(false);
  expect((await get("")).body.items[0]).toMatchObject({
    reason: "bad-signature",
    sequence: 1,
    bytes: 3,
    payload: null,
  });
});

test.each(["?limit=0", "?limit=1001", "?after=-1", "?after=x", "?limit=9".padEnd(40, "9")])(
  "refuses %s",
  async (query) => {
    const get = await route(true);
    expect(await get(query)).toMatchObject({ status: 400, body: { code: "http.query" } });
  },
);
