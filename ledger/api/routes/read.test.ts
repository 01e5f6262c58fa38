// /api/v1 over a small ledger: what it answers, what it refuses, and that its OpenAPI description is complete.

import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { buildStatement } from "@muniment/core";
import fastify from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MemorySources, signerNamed, urnOf } from "../../read-model/memory-sources.ts";
import { createReadModel, type ReadModel } from "../../read-model/read-model.ts";
import type { App } from "../app.ts";
import { registerProblems } from "../problem.ts";
import { registerReadRoutes } from "./read.ts";

const start = Date.UTC(2026, 5, 1);
const hour = 3_600_000;
let world: MemorySources;
let readModel: ReadModel;
let app: App;
let base: string;

function meterSays(sequence: number, joules: number, t: number): Uint8Array {
  const issuedAt = t / 1000;
  const records = [{ name: "energy", unit: "J", value: joules, time: issuedAt }];
  return buildStatement({
    signer: signerNamed("meter"),
    iss: urnOf("meter"),
    sub: "b1",
    issuedAt,
    sequence,
    records,
  });
}

beforeAll(async () => {
  world = new MemorySources(start);
  world.building("b1");
  world.building("b2", "UTC");
  world.gateway("gw-1", "b1");
  world.device("meter", "b1", [
    {
      name: "energy",
      unit: "J",
      kind: "interval",
      interval: 900,
      brick: "Building_Electrical_Meter",
    },
  ]);
  const readings = Array.from({ length: 48 }, (_, i) =>
    meterSays(i + 1, (i + 1) * 360_000, start + i * 900_000),
  );
  world.anchor("gw-1", [...readings, readings[0]!, new Uint8Array([0])], start + 24 * hour);
  readModel = await createReadModel({
    consensus: world.ledger,
    archive: world.archive,
    path: ":memory:",
    workers: 0,
  });
  await readModel.caughtUp();
  app = fastify({
    ajv: { customOptions: { removeAdditional: false } },
    forceCloseConnections: true,
  }).withTypeProvider<TypeBoxTypeProvider>();
  registerProblems(app);
  await app.register(swagger, {
    openapi: { openapi: "3.1.0", info: { title: "test", version: "1" } },
  });
  await registerReadRoutes(app, { readModel, consensus: world.ledger, archive: world.archive });
  base = await app.listen({ host: "127.0.0.1", port: 0 });
});

afterAll(async () => {
  await app.close();
  await readModel.close();
});

async function get(path: string): Promise<{
  status: number;
  type: string;
  body: Record<string, unknown> & { items: Record<string, unknown>[]; next: string | null };
}> {
  const response = await app.inject({ method: "GET", url: `/api/v1/${path}` });
  return {
    status: response.statusCode,
    type: String(response.headers["content-type"]),
    body: response.json(),
  };
}

test("the ledger, its transactions and its validators", async () => {
  const { body } = await get("ledger");
  expect(body).toMatchObject({
    origin: "ledger.example/test",
    mode: "solo",
    size: 7,
    height: 6,
    applied: 7,
    time: "2026-06-02T00:00:00.000Z",
  });
  expect(body.quorum).toEqual({ have: 1, need: 1, of: 1, label: "single operator" });
  const list = await get("transactions?limit=2");
  expect(list.body.items.map(({ index, kind, by }) => [index, kind, by])).toEqual([
    [6, "anchor", "gw-1"],
    [5, "device.enrol", "operator"],
  ]);
  const rest = await get(`transactions?cursor=${list.body.next}`);
  expect(rest.body.items.map(({ index }) => index)).toEqual([4, 3, 2, 1]);
  expect(rest.body.next).toBeNull();
  const one = await get("transactions/5");
  expect(one.body).toMatchObject({ kind: "device.enrol", body: { device: "meter", place: "b1" } });
  expect((await get("validators")).body.items).toEqual([]);
});

test("the portfolio and one building", async () => {
  const { body } = await get("buildings");
  expect(body.items.map(({ id, devices, gateways }) => [id, devices, gateways])).toEqual([
    ["b1", 1, 1],
    ["b2", 0, 0],
  ]);
  const [b1, b2] = body.items;
  // Σ 0.1 kWh × (1 … 48) = 117.6; the ledger stands 24 hours after the first of the week's 672 quarter-hours that were heard.
  expect(b1).toMatchObject({
    lastReadingAt: "2026-06-01T11:45:00.000Z",
    trust: { device: 48, observed: 0, manual: 0 },
  });
  expect(b1!.week).toMatchObject({
    kwh: 117.6,
    completeness: { received: 48, expected: 672 },
    peakOccupancy: null,
  });
  expect(b2).toMatchObject({ lastReadingAt: null, zone: "UTC", week: { kwh: null } });
  const detail = await get("buildings/b1");
  expect(detail.body).toMatchObject({ hours: null, holidays: [] });
  expect(detail.body.places).toEqual([
    {
      ...{ place: "b1", kind: "building", use: null, label: null, usableFt2: null, seats: null },
      points: ["meter.energy"],
    },
  ]);
  expect(detail.body.points).toMatchObject([
    {
      id: "meter.energy",
      received: 48,
      lastValue: 48 * 360_000,
      lastTime: "2026-06-01T11:45:00.000Z",
    },
  ]);
});

test("energy by hour", async () => {
  const { status, body } = await get(
    "buildings/b1/energy?from=2026-06-01T00:00:00Z&to=2026-06-01T13:00:00Z&step=PT1H",
  );
  expect(status).toBe(200);
  expect(body).toMatchObject({
    unit: "kWh",
    meters: ["meter.energy"],
    step: "PT1H",
    zone: "America/New_York",
  });
  const series = body.series as Record<string, unknown>[];
  expect(series).toHaveLength(13);
  expect(series[0]).toEqual({
    start: "2026-06-01T00:00:00.000Z",
    kwh: 1,
    peakKw: 1.6,
    received: 4,
    expected: 4,
    gaps: 0,
    resets: 0,
  });
  expect(series[12]).toMatchObject({ kwh: null, peakKw: null, received: 0, expected: 4 });
  expect(body.total).toMatchObject({
    kwh: 117.6,
    peakKw: 19.2,
    peakAt: "2026-06-01T11:45:00.000Z",
    received: 48,
    expected: 52,
  });
});

test("occupancy of a building without counters says so", async () => {
  const { body } = await get(
    "buildings/b1/occupancy?from=2026-06-01T04:00:00Z&to=2026-06-03T04:00:00Z&step=P1D",
  );
  expect(body.series).toHaveLength(2);
  expect(body.total).toEqual({ peak: null, peakAt: null, mean: null, received: 0, expected: 0 });
});

test("readings, page by page, each with its entry", async () => {
  const period = "from=2026-06-01T00:00:00Z&to=2026-06-02T00:00:00Z";
  const seen: unknown[] = [];
  let cursor = "";
  do {
    const { body } = await get(`points/meter.energy/series?${period}&limit=20${cursor}`);
    seen.push(...body.items.map(({ index }) => index));
    cursor = body.next === null ? "" : `&cursor=${body.next}`;
    expect(body.items[0]).toMatchObject({ gateway: "gw-1", flags: [] });
  } while (cursor !== "");
  expect(seen).toEqual(Array.from({ length: 48 }, (_, i) => i + 1));
  const steps = await get(`points/meter.energy/series?${period}&step=P1M`);
  expect(steps.body.items.reduce((sum, { count }) => sum + Number(count), 0)).toBe(48);
  expect(steps.body.items[0]).toMatchObject({ start: "2026-06-01T00:00:00.000Z", count: 16 });
});

test("devices, gateways and quarantine", async () => {
  expect((await get("devices")).body.items).toMatchObject([
    { id: "meter", status: "active", received: 48, points: ["meter.energy"] },
  ]);
  expect((await get("gateways")).body.items).toMatchObject([
    {
      id: "gw-1",
      size: 51,
      entries: 51,
      anchoredAt: "2026-06-02T00:00:00.000Z",
      standing: { genesis: 1, counted: 48, duplicate: 1, malformed: 1 },
    },
  ]);
  const { body } = await get("quarantine?limit=1");
  expect(body.items).toEqual([
    {
      gateway: "gw-1",
      index: 49,
      standing: "duplicate",
      device: "meter",
      sequence: 1,
      time: "2026-06-01T00:00:00.000Z",
    },
  ]);
  const more = await get(`quarantine?cursor=${body.next}`);
  expect(more.body.items).toEqual([
    { gateway: "gw-1", index: 50, standing: "malformed", device: null, sequence: null, time: null },
  ]);
});

test.each([
  ["buildings/b9", 404, "query.unknown"],
  ["buildings/b9/energy", 404, "query.unknown"],
  ["buildings/B!", 400, "request.invalid"],
  ["points/meter.power/series", 404, "query.unknown"],
  ["points/nonsense/series", 400, "request.invalid"],
  ["transactions/7", 404, "query.unknown"],
  ["transactions/x", 400, "request.invalid"],
  ["transactions/0", 400, "request.invalid"],
  ["buildings/b1/energy?step=PT7M", 400, "request.invalid"],
  ["buildings/b1/energy?from=yesterday", 400, "request.invalid"],
  ["buildings/b1/energy?from=2016-12-31T23:59:60Z", 422, "query.period"],
  ["buildings/b1/energy?form=2026-06-01T00:00:00Z", 400, "request.invalid"],
  ["buildings/b1/energy?from=2026-06-02T00:00:00Z&to=2026-06-01T00:00:00Z", 422, "query.period"],
  [
    "buildings/b1/energy?from=2020-06-02T00:00:00Z&to=2026-06-01T00:00:00Z&step=PT15M",
    422,
    "query.range",
  ],
  [
    "points/meter.energy/series?from=1970-01-01T00:00:00Z&to=2026-06-01T00:00:00Z",
    422,
    "query.range",
  ],
  ["points/meter.energy/series?cursor=AAAA", 400, "query.cursor"],
  ["points/meter.energy/series?cursor=WyJhIiwxLDJd", 400, "query.cursor"],
  ["transactions?limit=0", 400, "request.invalid"],
  ["transactions?limit=1001", 400, "request.invalid"],
  ["quarantine?standing=lost", 400, "request.invalid"],
])("%s is refused with %i %s", async (path, status, code) => {
  const answer = await get(path);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(answer.type).toContain("application/problem+json");
});

test("every route is described, with its answer", () => {
  const { paths } = app.swagger() as {
    paths: Record<
      string,
      { get: { summary?: string; responses: Record<string, { content?: unknown }> } }
    >;
  };
  expect(Object.keys(paths).length).toBeGreaterThanOrEqual(21);
  for (const [path, { get: operation }] of Object.entries(paths)) {
    expect(operation.summary, path).toBeTruthy();
    expect(operation.responses["200"]?.content, path).toBeTruthy();
  }
});

test("events tell of each head, at once and as it comes", async () => {
  const abort = new AbortController();
  const response = await fetch(`${base}/api/v1/events`, {
    headers: { accept: "text/event-stream" },
    signal: abort.signal,
  });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const decoder = new TextDecoder();
  let text = "";
  const heads = async (count: number): Promise<unknown[]> => {
    const reader = response.body!.getReader();
    try {
      for (;;) {
        const found = [...text.matchAll(/^event: head\ndata: (.*)$/gm)].map(
          ([, data]) => JSON.parse(data!) as unknown,
        );
        if (found.length >= count) return found;
        const { value, done } = await reader.read();
        if (done) return found;
        text += decoder.decode(value);
      }
    } finally {
      reader.releaseLock();
    }
  };
  expect(await heads(1)).toEqual([{ size: 7, time: "2026-06-02T00:00:00.000Z" }]);
  world.building("b3");
  expect(await heads(2)).toEqual([
    { size: 7, time: "2026-06-02T00:00:00.000Z" },
    { size: 8, time: "2026-06-02T00:00:00.001Z" },
  ]);
  abort.abort();
});
