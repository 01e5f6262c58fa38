// /api/v1/alarms and alarm-rules: what they answer, what they refuse, and to whom.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { buildStatement } from "@muniment/core";
import fastify from "fastify";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Alarms } from "../../alarms/alarms.ts";
import { MemorySources, signerNamed, urnOf } from "../../read-model/memory-sources.ts";
import { createReadModel, type ReadModel } from "../../read-model/read-model.ts";
import { createAccessCheck, createAccessRule } from "../access.ts";
import type { App } from "../app.ts";
import { registerProblems } from "../problem.ts";
import { registerAlarmRoutes } from "./alarms.ts";

const start = Date.UTC(2026, 5, 1, 12);
const token = "t".repeat(32);
const bearer = { authorization: `Bearer ${token}` };
const CO2 = { id: "co2", kind: "above", limit: 1_000, deadband: 200 };

let folder: string;
let readModel: ReadModel;
let alarms: Alarms;
let app: App;
let world: MemorySources;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-alarm-routes-"));
  world = new MemorySources(start);
  world.building("b1");
  world.gateway("gw-1", "b1");
  world.device("room", "b1/lab", [{ name: "co2", unit: "ppm", kind: "gauge", interval: 60 }]);
  readModel = await createReadModel({
    consensus: world.ledger,
    archive: world.archive,
    path: ":memory:",
    workers: 0,
  });
  await readModel.caughtUp();
  alarms = await Alarms.open({
    readModel,
    ledger: world.ledger,
    directory: join(folder, "alarms"),
    clock: { now: () => start },
  });
  app = fastify({
    ajv: { customOptions: { removeAdditional: false } },
  }).withTypeProvider<TypeBoxTypeProvider>();
  registerProblems(app);
  const settings = { host: "0.0.0.0", token };
  await registerAlarmRoutes(app, {
    alarms,
    mayReadEntries: createAccessRule(settings),
    checkAccess: createAccessCheck(settings),
  });
});
afterAll(async () => {
  await app.close();
  await alarms.close();
  await readModel.close();
  await rm(folder, { recursive: true, force: true });
});

async function ask(
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  body?: unknown,
  headers: Record<string, string> = bearer,
) {
  const response = await app.inject({
    method,
    url: `/api/v1/${path}`,
    headers,
    ...(body === undefined ? {} : { payload: body as object }),
  });
  return { status: response.statusCode, body: response.body === "" ? null : response.json() };
}

/** Anchors one reading and waits until it is judged. */
async function reads(sequence: number, value: number): Promise<void> {
  const time = start / 1000 + sequence * 60;
  const statement = buildStatement({
    signer: signerNamed("room"),
    iss: urnOf("room"),
    sub: "b1/lab",
    issuedAt: time,
    sequence,
    records: [{ name: "co2", unit: "ppm", value, time }],
  });
  world.anchor("gw-1", [statement], time * 1000);
  await alarms.caughtUp();
}

it("rules are changed with the token only, and shown with their defaults to anyone", async () => {
  for (const [method, path] of [
    ["POST", "alarm-rules"],
    ["PUT", "alarm-rules/co2"],
    ["DELETE", "alarm-rules/co2"],
    ["POST", "alarms/x/acknowledge"],
  ] as const) {
    const refused = await ask(method, path, method === "DELETE" ? undefined : CO2, {});
    expect(refused, path).toMatchObject({ status: 401, body: { code: "request.unauthorized" } });
  }
  expect(await ask("POST", "alarm-rules", CO2)).toMatchObject({
    status: 201,
    body: { rule: { id: "co2", clear: 800, severity: "warning" }, subjects: 1, open: 0 },
  });
  expect(await ask("POST", "alarm-rules", CO2)).toMatchObject({
    status: 409,
    body: { code: "alarm.rule-exists" },
  });
  expect(await ask("PUT", "alarm-rules/co2", { ...CO2, limit: 1_100 })).toMatchObject({
    status: 200,
    body: { rule: { limit: 1_100, clear: 900 } },
  });
  const rules = await ask("GET", "alarm-rules", undefined, {});
  expect(rules.body.items).toHaveLength(1);
  expect(rules.body.items[0].rule).toMatchObject({
    limit: 1_100,
    holdOffSeconds: 600,
    channels: null,
  });
});

it("a rule that cannot be used is refused by the member that is wrong", async () => {
  const refused = await ask("POST", "alarm-rules", { ...CO2, id: "x", where: { bulding: "b1" } });
  expect(refused).toMatchObject({ status: 422, body: { code: "alarm.rule" } });
  expect(refused.body.detail).toContain("bulding");
  expect(await ask("DELETE", "alarm-rules/none")).toMatchObject({ status: 404 });
});

it("an alarm is listed, acknowledged once, and its names are for those who may read entries", async () => {
  await reads(1, 1_240);
  const { body: list } = await ask("GET", "alarms?status=open&building=b1", undefined, {});
  expect(list).toMatchObject({
    items: [
      {
        rule: "co2",
        building: "b1",
        subject: "room.co2",
        subjectKind: "point",
        place: "b1/lab",
        status: "open",
        value: 1_240,
        openedAt: "2026-06-01T12:01:00.000Z",
        evidence: { gateway: "gw-1", index: 1, point: "room.co2", clockless: false },
        deliveries: [],
      },
    ],
    next: null,
  });
  const path = `alarms/${list.items[0].id}`;
  for (const body of [{}, { by: " " }, { by: "desk", more: 1 }])
    expect(await ask("POST", `${path}/acknowledge`, body)).toMatchObject({ status: 400 });
  expect(await ask("POST", `${path}/acknowledge`, { by: "desk", note: "on it" })).toMatchObject({
    status: 200,
    body: { status: "acknowledged", acknowledgedBy: "desk", note: "on it" },
  });
  expect(await ask("POST", `${path}/acknowledge`, { by: "other" })).toMatchObject({
    status: 409,
    body: { code: "alarm.acknowledged" },
  });
  expect(await ask("GET", path, undefined, {})).toMatchObject({
    body: { status: "acknowledged", acknowledgedBy: null, note: null },
  });
  expect(await ask("GET", path)).toMatchObject({ body: { acknowledgedBy: "desk", note: "on it" } });
  expect(await ask("GET", "alarms/none")).toMatchObject({
    status: 404,
    body: { code: "alarm.unknown" },
  });
});

it("lists go on where they ended", async () => {
  await reads(2, 100);
  await ask("PUT", "alarm-rules/co2", { ...CO2, holdOffSeconds: 0 });
  for (let n = 3; n <= 6; n += 1) await reads(n, n % 2 === 1 ? 1_500 : 100);
  const first = (await ask("GET", "alarms?limit=2")).body;
  expect(first.items.map(({ openedAt }: { openedAt: string }) => openedAt.slice(14, 16))).toEqual([
    "05",
    "03",
  ]);
  const rest = (await ask("GET", `alarms?limit=2&cursor=${first.next}`)).body;
  expect(rest.items.map(({ openedAt }: { openedAt: string }) => openedAt.slice(14, 16))).toEqual([
    "01",
  ]);
  expect(rest.next).toBeNull();
  expect(await ask("GET", "alarms?cursor=xx")).toMatchObject({
    status: 400,
    body: { code: "query.cursor" },
  });
  expect(await ask("GET", "alarms?status=new")).toMatchObject({ status: 400 });
  expect((await ask("GET", "alarm-channels")).body).toEqual({ items: [], next: null });
});

it("a rule that is removed is gone, and its alarms stay", async () => {
  expect(await ask("DELETE", "alarm-rules/co2")).toEqual({ status: 204, body: null });
  expect((await ask("GET", "alarm-rules")).body.items).toEqual([]);
  expect((await ask("GET", "alarms")).body.items).toHaveLength(3);
});
