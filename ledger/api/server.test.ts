// The application without a socket: limits, safety headers, and what an unforeseen error tells.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SealingKeys } from "@muniment/core/files";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Alarms } from "../alarms/alarms.ts";
import type { Archive } from "../archive/archive.ts";
import { Bodies } from "../archive/bodies.ts";
import { openArchive } from "../archive/directory-archive.ts";
import { openMemoryStorage } from "../archive/memory-storage.ts";
import type { Consensus } from "../consensus/consensus.ts";
import { openSolo } from "../consensus/open-solo.ts";
import { AnchorIndex } from "../evidence/anchor-index.ts";
import { loadOrFound } from "../founding.ts";
import { Intake } from "../intake/intake.ts";
import { systemClock } from "../ports.ts";
import { createReadModel, type ReadModel } from "../read-model/read-model.ts";
import { isLoopback } from "./access.ts";
import type { App } from "./app.ts";
import { createServer } from "./server.ts";

let folder: string;
let consensus: Consensus;
let archive: Archive;
let anchors: AnchorIndex;
let readModel: ReadModel;
let alarms: Alarms;
let app: App;
const logged: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-server-"));
  const { genesis, keys } = await loadOrFound(folder, "ledger.example/server", 1_767_225_600_000);
  consensus = await openSolo({ directory: join(folder, "ledger"), genesis, keys });
  archive = await openArchive({
    storage: openMemoryStorage(),
    bodies: await Bodies.open(join(folder, "bodies"), new SealingKeys(join(folder, "keys"))),
    signer: keys.archive,
    name: "ledger.example/server/archive/v1",
  });
  anchors = await AnchorIndex.open(consensus, join(folder, "anchors"));
  readModel = await createReadModel({ consensus, archive, path: ":memory:", workers: 0 });
  alarms = await Alarms.open({
    readModel,
    ledger: consensus,
    directory: join(folder, "alarms"),
    clock: { now: () => 1_767_225_600_000 },
  });
  app = await createServer({
    consensus,
    archive,
    anchors,
    intake: new Intake({ consensus, archive, clock: systemClock, anchoredAt: async () => null }),
    readModel,
    alarms,
    config: {
      host: "0.0.0.0",
      accessToken: null,
      requestsPerMinuteMax: 3,
      pages: join(folder, "pages"),
      logger: pino({ level: "error" }, { write: (line: string) => void logged.push(line) }),
    },
  });
  app.get("/broken", async () => {
    throw new Error("the secret is 42");
  });
});
afterAll(async () => {
  await app.close();
  await alarms.close();
  await readModel.close();
  await anchors.close();
  await archive.close();
  await consensus.close();
  await rm(folder, { recursive: true, force: true });
});

it("counts the requests of each remote address, and none of its own machine", async () => {
  const ask = (remoteAddress: string) => app.inject({ url: "/checkpoint", remoteAddress });
  for (let n = 0; n < 3; n++) expect((await ask("192.0.2.1")).statusCode).toBe(200);
  const refused = await ask("192.0.2.1");
  expect(refused.json()).toMatchObject({ status: 429, code: "request.too-many" });
  expect(refused.headers["content-type"]).toBe("application/problem+json");
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  expect((await ask("192.0.2.2")).statusCode).toBe(200);
  for (let n = 0; n < 5; n++) expect((await ask("127.0.0.1")).statusCode).toBe(200);
});

it("logs an unforeseen error and keeps it to itself", async () => {
  const answer = await app.inject("/broken");
  expect(answer.json()).toMatchObject({ status: 500, code: "internal" });
  expect(answer.body).not.toContain("42");
  expect(logged.join("")).toContain("the secret is 42");
});

it("lets its pages load nothing from elsewhere and be framed by nobody", async () => {
  const { headers } = await app.inject("/");
  expect(headers["content-security-policy"]).toMatch(/default-src 'self'.*frame-ancestors 'none'/);
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["x-frame-options"]).toBe("DENY");
  expect(headers["strict-transport-security"]).toBeUndefined();
});

it("describes every route it has under a resource", async () => {
  const { paths, components } = (await app.inject("/openapi.json")).json();
  for (const [path, methods] of Object.entries<Record<string, { tags?: string[] }>>(paths)) {
    if (path === "/broken") continue;
    for (const method of Object.values(methods)) expect(method.tags, path).toHaveLength(1);
  }
  expect(components.schemas.Problem.required).toContain("code");
});

it.each([
  ["127.0.0.1", true],
  ["127.9.9.9", true],
  ["::1", true],
  ["::ffff:127.0.0.1", true],
  ["localhost", true],
  ["0.0.0.0", false],
  ["::", false],
  ["192.0.2.1", false],
  ["127.0.0.1.example.org", false],
])("%s is of this machine: %s", (host, own) => {
  expect(isLoopback(host)).toBe(own);
});
