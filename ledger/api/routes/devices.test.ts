// /api/v1/devices over a small ledger: what devices say of themselves, held against the registry; silence; no clock.

import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { buildBirth, buildState, buildStatement } from "@muniment/core";
import fastify from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MemorySources, signerNamed, urnOf } from "../../read-model/memory-sources.ts";
import { createReadModel, type ReadModel } from "../../read-model/read-model.ts";
import type { App } from "../app.ts";
import { registerProblems } from "../problem.ts";
import { registerDevices } from "./devices.ts";
import { registerPoints } from "./points.ts";

const start = Date.UTC(2026, 5, 1);
const minute = 60_000;
let world: MemorySources;
let readModel: ReadModel;
let app: App;

const head = (device: string, sequence: number, issuedAt: number) => ({
  ...{ signer: signerNamed(device), iss: urnOf(device), sub: "b1", sequence, issuedAt },
});
const temp = { name: "temp", unit: "Cel", brick: "Zone_Air_Temperature_Sensor" };

beforeAll(async () => {
  world = new MemorySources(start);
  world.building("b1");
  world.gateway("gw-1", "b1");
  const points = [{ ...temp, kind: "gauge", interval: 300 }];
  for (const device of ["honest", "liar", "mute", "timeless"]) world.device(device, "b1", points);
  world.device("bell", "b1", [{ name: "rings", unit: "count", kind: "event" }]);
  const at = start / 1000 + 60;
  world.anchor(
    "gw-1",
    [
      buildBirth({ ...head("honest", 1, at), birth: { points: [temp], boot: "17" } }),
      buildState({ ...head("honest", 2, at), state: { state: "ready", clock: "synced" } }),
      buildBirth({
        ...head("liar", 1, at),
        birth: {
          points: [
            { ...temp, unit: "K" },
            { ...temp, name: "wind" },
          ],
          boot: null,
        },
      }),
      ...[1, 2].map((sequence) =>
        buildStatement({
          ...head("timeless", sequence, 0),
          records: [{ name: "temp", unit: "Cel", value: 20 + sequence, time: -60 }],
        }),
      ),
    ],
    start + 2 * minute,
  );
  readModel = await createReadModel({
    consensus: world.ledger,
    archive: world.archive,
    path: ":memory:",
    workers: 0,
  });
  await readModel.caughtUp();
  app = fastify().withTypeProvider<TypeBoxTypeProvider>();
  registerProblems(app);
  const sources = { readModel, consensus: world.ledger, archive: world.archive };
  registerDevices(app, sources);
  registerPoints(app, sources);
});

afterAll(async () => {
  await app.close();
  await readModel.close();
});

async function get<T>(path: string): Promise<T> {
  const response = await app.inject({ method: "GET", url: path });
  expect(response.statusCode, response.body).toBe(200);
  return response.json();
}

interface DeviceAnswer {
  readonly id: string;
  readonly silent: boolean;
}

test("one device, with what it says of itself and where that is shown", async () => {
  const at = "2026-06-01T00:01:00.000Z";
  expect(await get("/devices/honest")).toMatchObject({
    id: "honest",
    clock: "synced",
    state: "ready",
    lastStatementAt: at,
    silent: false,
    received: 0,
    birth: {
      ...{ at, gateway: "gw-1", index: 1, boot: "17", agrees: true, missing: [] },
      points: [{ ...temp, agrees: true, differs: [] }],
    },
    says: {
      state: { value: "ready", at, gateway: "gw-1", index: 2 },
      clock: { value: "synced", at, gateway: "gw-1", index: 2 },
      battery: null,
    },
  });
});

test("a birth that lies is shown as differing, and the registry stands", async () => {
  const { birth } = await get<{ birth: unknown }>("/devices/liar");
  expect(birth).toMatchObject({
    agrees: false,
    points: [
      { name: "temp", unit: "K", agrees: false, differs: ["unit"] },
      { name: "wind", unit: "Cel", agrees: false, differs: ["point"] },
    ],
    missing: [],
  });
});

test("a device without a clock: the time is the anchor's, and every answer says so", async () => {
  expect(await get("/devices/timeless")).toMatchObject({
    clock: "none",
    lastStatementAt: "2026-06-01T00:02:00.000Z",
    lastTime: "2026-06-01T00:01:00.000Z",
    received: 2,
    says: { statement: { value: "none" } },
  });
  const series = "/points/timeless.temp/series?from=2026-06-01T00:00:00Z&to=2026-06-02T00:00:00Z";
  const page = await get<{ items: unknown[]; clockless: number }>(`${series}&limit=1`);
  expect(page).toMatchObject({
    items: [{ time: "2026-06-01T00:00:59.999Z", value: 21, flags: ["clockless"] }],
    clockless: 1,
  });
  expect(await get(`${series}&step=P1M`)).toMatchObject({ clockless: 2 });
  expect(await get(series.replace("timeless", "honest"))).toEqual({
    items: [],
    next: null,
    clockless: 0,
  });
});

test("silence: by the ledger's time, of devices that promised to speak", async () => {
  const silent = async () =>
    (await get<{ items: DeviceAnswer[] }>("/devices")).items
      .filter((device) => device.silent)
      .map(({ id }) => id);
  expect(await silent()).toEqual(["mute"]);
  world.commit("tick", {}, [], world.operator, start + 16 * minute);
  await readModel.caughtUp();
  expect(await silent()).toEqual(["mute"]);
  world.commit("tick", {}, [], world.operator, start + 16 * minute + 1);
  await readModel.caughtUp();
  expect(await silent()).toEqual(["honest", "liar", "mute"]);
  world.retire("liar", "revoked", "b1");
  await readModel.caughtUp();
  expect(await silent()).toEqual(["honest", "mute"]);
  const named = async (query: string) =>
    (await get<{ items: DeviceAnswer[] }>(`/devices?${query}`)).items.map(({ id }) => id);
  expect(await named("silent=true")).toEqual(["honest", "mute"]);
  expect(await named("silent=true&limit=1")).toEqual(["honest"]);
  expect(await named("silent=false")).not.toContain("mute");
  expect(await named("building=b2")).toEqual([]);
  expect(await get("/devices/bell")).toMatchObject({
    ...{ silent: false, clock: null, state: null, birth: null, lastStatementAt: null },
  });
});

test("a device that is not enrolled is a problem", async () => {
  const response = await app.inject({ method: "GET", url: "/devices/nobody" });
  expect([response.statusCode, response.json()]).toEqual([
    404,
    expect.objectContaining({ code: "query.unknown" }),
  ]);
});
