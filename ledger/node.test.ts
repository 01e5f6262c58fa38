// A whole node over HTTP, with a gateway made of core alone: batches, receipts, evidence, forks, standings, a second start.

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildAccessEvent,
  buildStatement,
  buildTransaction,
  type CborMap,
  COSIGNATURE_V1,
  checkPolicy,
  decode,
  decodeEffects,
  decodeLedgerEntry,
  type Encodable,
  encodePack,
  encodeSign1,
  equal,
  keyThumbprint,
  leafHash,
  makeVkey,
  parseNote,
  parsePolicy,
  parseTlogProof,
  rootFromTiles,
  type Signer,
  sha256,
  signerFromSeed,
  toHex,
  u64be,
  utf8,
  verifyConsistency,
  verifyCosignature,
  verifyEvidence,
  verifyInclusion,
} from "@muniment/core";
import { loadSigner } from "@muniment/core/files";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { archiveName } from "./founding.ts";
import { loadGenesis } from "./genesis.ts";
import { MemoryGateway } from "./intake/memory-gateway.ts";
import { createNode, type LedgerNode } from "./node.ts";

const ORIGIN = "ledger.example/node-test";
const T0 = 1_767_225_600;

let data: string;
let node: LedgerNode;
let operator: Signer;
let sequence = 0;

const seed = (name: string): Signer => signerFromSeed(sha256(utf8(`node test ${name}`)));
const meter = seed("meter");
const door = seed("door");

const start = (settings = {}): Promise<LedgerNode> =>
  createNode({ data, port: 0, origin: ORIGIN, logLevel: "silent", ...settings }, {});

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "muniment-node-"));
  node = await start();
  operator = await loadSigner(join(data, "keys", "operator.pem"));
  await operate("building.register", {
    building: "b1",
    name: "Town hall",
    zone: "America/New_York",
  });
  await enrolDevice("meter-1", meter, {
    name: "energy",
    unit: "J",
    kind: "counter",
    interval: 900,
  });
  await enrolDevice("door-1", door, { name: "door", unit: "count", kind: "event" });
});
afterAll(async () => {
  await node.close();
  await rm(data, { recursive: true, force: true });
});

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(node.url + path, { headers });
const bytesOf = async (response: Response): Promise<Uint8Array> =>
  new Uint8Array(await response.arrayBuffer());
const tileOf =
  (prefix: string) =>
  async (path: string): Promise<Uint8Array | null> => {
    const response = await get(`${prefix}/${path}`);
    return response.status === 200 ? bytesOf(response) : null;
  };

async function post(path: string, body: Uint8Array, type = "application/cbor"): Promise<Response> {
  return fetch(node.url + path, {
    method: "POST",
    headers: { "content-type": type },
    body: body as Uint8Array<ArrayBuffer>,
  });
}

async function submit(
  kind: string,
  body: { readonly [field: string]: Encodable },
  signer: Signer,
): Promise<Response> {
  const transaction = buildTransaction({
    ledger: ORIGIN,
    kind,
    sequence: ++sequence,
    body,
    signer,
  });
  return post("/transactions", transaction, "application/cose");
}

async function operate(kind: string, body: { readonly [field: string]: Encodable }): Promise<void> {
  const response = await submit(kind, body, operator);
  expect(await response.json()).toMatchObject({ duplicate: false });
}

function enrolDevice(
  device: string,
  { publicKey }: Signer,
  point: { readonly [field: string]: Encodable },
): Promise<void> {
  const urn = `urn:dev:os:32473-${device}`;
  return operate("device.enrol", {
    device,
    building: "b1",
    place: "b1/floor-1",
    urn,
    key: publicKey,
    points: [point],
  });
}

async function enrolGateway(id: string): Promise<MemoryGateway> {
  const gateway = new MemoryGateway(id, "b1", ORIGIN);
  await operate("gateway.enrol", {
    gateway: id,
    building: "b1",
    key: gateway.signer.publicKey,
    logKey: gateway.logSigner.publicKey,
  });
  return gateway;
}

function reading(n: number, signer = meter): Uint8Array {
  const time = T0 + 900 * n;
  const records = [{ name: "energy", unit: "J", value: 1_000_000 + 3_600 * n, time }];
  return buildStatement({
    signer,
    iss: "urn:dev:os:32473-meter-1",
    sub: "b1/floor-1",
    issuedAt: time,
    sequence: n,
    records,
  });
}

const problem = async (response: Response) => ({
  ...((await response.json()) as { code: string; theirs?: string }),
  status: response.status,
  media: response.headers.get("content-type"),
});

/** Everything a gateway checks before it calls a batch final. */
async function checkReceipt(
  bytes: Uint8Array,
  gateway: MemoryGateway,
  size: number,
): Promise<CborMap> {
  const receipt = decode(bytes) as CborMap;
  const policy = parsePolicy(await (await get("/policy")).text());
  const proof = parseTlogProof(receipt.get("proof") as string);
  const { checkpoint, cosigners } = checkPolicy(policy, proof.checkpoint);
  expect(cosigners).toHaveLength(1);
  const leaf = receipt.get("leaf") as Uint8Array;
  expect(
    verifyInclusion({
      index: proof.index,
      size: checkpoint.size,
      leaf: leafHash(leaf),
      root: checkpoint.root,
      proof: proof.proof,
    }),
  ).toBe(true);
  const effects = receipt.get("effects") as Uint8Array;
  expect(equal(sha256(effects), decodeLedgerEntry(leaf).effects)).toBe(true);
  const written = new Map(decodeEffects(effects)).get(`gateway/${gateway.id}`)!;
  expect((decode(written) as CborMap).get("size")).toBe(size);
  expect(equal((decode(written) as CborMap).get("root") as Uint8Array, gateway.root(size))).toBe(
    true,
  );

  const [validator] = loadGenesis(await bytesOf(await get("/genesis"))).validators;
  const archived = receipt.get("archived") as string;
  const archiveKey = makeVkey(
    archiveName(ORIGIN, validator!.name),
    COSIGNATURE_V1,
    validator!.archive,
  );
  const time = Math.floor(decodeLedgerEntry(leaf).time / 1000);
  expect(archived.startsWith(gateway.note(size))).toBe(true);
  expect(verifyCosignature(archived, parseNote(archived).signatures[1]!.line, archiveKey)).toEqual({
    time,
  });
  return receipt;
}

describe("a gateway's batches", () => {
  let gateway: MemoryGateway;
  beforeAll(async () => {
    gateway = await enrolGateway("gw-1");
  });

  it("are answered with receipts that verify, and that can be asked for again", async () => {
    for (let n = 1; n < 300; n++) gateway.add(reading(n));
    const first = gateway.request(0);
    const receipt = await checkReceipt(
      await bytesOf(await post("/gateways/gw-1/entries", first)),
      gateway,
      300,
    );
    expect(receipt.get("result")).toBe("accepted");
    gateway.add(reading(300), reading(301));
    await checkReceipt(
      await bytesOf(await post("/gateways/gw-1/entries", gateway.request(300))),
      gateway,
      302,
    );
    const again = await checkReceipt(
      await bytesOf(await post("/gateways/gw-1/entries", first)),
      gateway,
      300,
    );
    expect(again.get("result")).toBe("already");
    const asked = await checkReceipt(
      await bytesOf(await get("/gateways/gw-1/receipts/300")),
      gateway,
      300,
    );
    expect(asked.get("index")).toBe(receipt.get("index"));
    expect(await problem(await get("/gateways/gw-1/receipts/301"))).toMatchObject({
      status: 404,
      code: "request.not-found",
    });
    expect(await (await get("/gateways/gw-1/status")).json()).toEqual({
      size: 302,
      root: toHex(gateway.root()),
      status: "active",
      registry: 2,
    });
  });

  it("are served as static log files, whose root is the one anchored", async () => {
    expect(await rootFromTiles(302, tileOf("/gateways/gw-1"))).toEqual(gateway.root());
    expect(await rootFromTiles(300, tileOf("/gateways/gw-1"))).toEqual(gateway.root(300));
    expect(await (await get("/gateways/gw-1/checkpoint")).text()).toContain(gateway.note());
    const head = node.consensus.head();
    expect(await rootFromTiles(head.size, tileOf(""))).toEqual(head.root);
    expect(await (await get("/checkpoint")).text()).toBe(head.checkpoint);
  });

  it("give evidence that anyone can check, and of which no byte can be changed", async () => {
    const text = await (await get("/evidence/gw-1/17")).text();
    const policy = await (await get("/policy")).text();
    expect(verifyEvidence(text, { policy })).toMatchObject({ verdict: "verified" });
    expect(verifyEvidence(text)).toMatchObject({ verdict: "consistent-issuer-not-trusted" });
    for (let at = 0; at < text.length; at += 97) {
      const changed =
        text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
      const verdict = verifyEvidence(changed, { policy });
      expect(verdict.verdict, `byte ${at}`).toBe("failed");
      expect(verdict.failedStep).toBeDefined();
    }
  });

  it("bring the bodies of access events along, for as long as they are kept", async () => {
    const event = buildAccessEvent({
      signer: door,
      iss: "urn:dev:os:32473-door-1",
      sub: "b1/floor-1",
      issuedAt: T0,
      sequence: 1,
      records: [{ name: "door", unit: "count", value: 1, time: T0 }],
      salt: sha256(utf8("salt")).slice(0, 16),
    });
    gateway.add(event.statement);
    const response = await post("/gateways/gw-1/entries", gateway.request(302, 303, [event.body]));
    await checkReceipt(await bytesOf(response), gateway, 303);
    const policy = await (await get("/policy")).text();
    const text = await (await get("/evidence/gw-1/302")).text();
    expect(JSON.parse(text)).toHaveProperty("body");
    expect(verifyEvidence(text, { policy }).verdict).toBe("verified");
  });

  it("hold a bad leaf like any other: it is anchored, gets its standing, and blocks nothing", async () => {
    const stranger = seed("stranger");
    gateway.add(utf8("no statement"), reading(302, stranger), reading(5), reading(303));
    await checkReceipt(
      await bytesOf(await post("/gateways/gw-1/entries", gateway.request(303))),
      gateway,
      307,
    );
    await node.caughtUp();
    const { items } = (await (await get("/api/v1/quarantine")).json()) as {
      items: { index: number; standing: string }[];
    };
    const standings = new Map(items.map(({ index, standing }) => [index, standing]));
    expect(standings.get(303)).toBe("malformed");
    expect(standings.get(304)).toBe("unknown-key");
    expect(standings.get(305)).toBe("duplicate");
    expect(standings.has(306)).toBe(false);
    expect(await problem(await get("/evidence/gw-1/303"))).toMatchObject({
      status: 422,
      code: "evidence.not-a-statement",
    });
    expect(await problem(await get("/evidence/gw-1/304"))).toMatchObject({
      status: 422,
      code: "evidence.unknown-key",
    });
    expect(await problem(await get("/evidence/gw-1/99999"))).toMatchObject({
      status: 404,
      code: "evidence.not-anchored",
    });
    expect(await problem(await get("/evidence/gw-9/0"))).toMatchObject({
      status: 404,
      code: "evidence.not-anchored",
    });
  });

  it("hold a leaf that claims what no calendar holds, and the figures go on", async () => {
    const header = new Map<number, Encodable>([
      [3, 112],
      [4, keyThumbprint(meter.publicKey)],
      [15, claims(1e300)],
    ]);
    const payload = encodePack([{ name: "energy", unit: "J", value: 1, time: T0 }]);
    gateway.add(encodeSign1({ header, payload, signer: meter }), reading(304));
    expect((await post("/gateways/gw-1/entries", gateway.request(307))).status).toBe(200);
    await node.caughtUp();
    expect(await (await get("/health")).json()).toMatchObject({ status: "ok" });
    expect(await standingAt(307)).toBe("malformed");
  });

  it("that speak for another device give no evidence that passes", async () => {
    const time = T0 + 900 * 305;
    const records = [{ name: "energy", unit: "J", value: 1, time }];
    const facts = { signer: meter, issuedAt: time, sequence: 305, records };
    gateway.add(
      buildStatement({ ...facts, iss: "urn:dev:os:32473-door-1", sub: "b1/floor-1" }),
      buildStatement({ ...facts, iss: "urn:dev:os:32473-meter-1", sub: "b1/floor-2" }),
    );
    expect((await post("/gateways/gw-1/entries", gateway.request(309))).status).toBe(200);
    await node.caughtUp();
    const policy = await (await get("/policy")).text();
    for (const index of [309, 310]) {
      expect(await standingAt(index)).toBe("wrong-device");
      const text = await (await get(`/evidence/gw-1/${index}`)).text();
      expect(verifyEvidence(text, { policy })).toMatchObject({
        verdict: "failed",
        failedStep: "device-signature",
      });
    }
  });

  const standingAt = async (index: number): Promise<string | undefined> => {
    const { items } = (await (await get("/api/v1/quarantine")).json()) as {
      items: { index: number; standing: string }[];
    };
    return items.find((item) => item.index === index)?.standing;
  };

  const claims = (issuedAt: number): Map<number, Encodable> =>
    new Map<number, Encodable>([
      [1, "urn:dev:os:32473-meter-1"],
      [2, "b1/floor-1"],
      [6, issuedAt],
      [7, u64be(303)],
    ]);

  it("are all there after a second start, with the same genesis", async () => {
    const genesis = await bytesOf(await get("/genesis"));
    const before = await (await get("/gateways/gw-1/checkpoint")).text();
    await node.close();
    node = await start();
    expect(await bytesOf(await get("/genesis"))).toEqual(genesis);
    expect(await (await get("/gateways/gw-1/checkpoint")).text()).toBe(before);
    const policy = await (await get("/policy")).text();
    expect(verifyEvidence(await (await get("/evidence/gw-1/17")).text(), { policy }).verdict).toBe(
      "verified",
    );
    await checkReceipt(await bytesOf(await get("/gateways/gw-1/receipts/300")), gateway, 300);
  });
});

describe("the registry feed", () => {
  it("proves every record, the enrolment and the growth of the ledger", async () => {
    const { size, root } = node.consensus.head();
    await operate("key.revoke", { kid: kidIn(await feedOf(1, 0), 2), reason: "lost" });
    const gateway = await enrolGateway("gw-late");
    const event = {
      signer: door,
      iss: "urn:dev:os:32473-door-1",
      sub: "b1/floor-1",
      issuedAt: T0,
      sequence: 99,
    };
    gateway.add(
      buildStatement({
        ...event,
        records: [{ name: "door", unit: "count", value: 1, time: T0 }],
      }),
    );
    expect((await post("/gateways/gw-late/entries", gateway.request(0))).status).toBe(200);
    expect(await problem(await get("/evidence/gw-late/1"))).toMatchObject({
      status: 422,
      code: "evidence.revoked-key",
    });
    // What it signed and had anchored before stays evidence.
    expect((await get("/evidence/gw-1/302")).status).toBe(200);
    const feed = await feedOf(1, size);
    const { checkpoint } = checkPolicy(
      parsePolicy(await (await get("/policy")).text()),
      feed.get("checkpoint") as string,
    );
    const proof = feed.get("consistency") as Uint8Array[];
    expect(
      verifyConsistency({
        size1: size,
        size2: checkpoint.size,
        root1: root,
        root2: checkpoint.root,
        proof,
      }),
    ).toBe(true);
    expect(feed.get("counter")).toBe(3);
    const records = feed.get("records") as CborMap[];
    for (const record of [...records, feed.get("enrol") as CborMap]) {
      const leaf = record.get("leaf") as Uint8Array;
      const claim = {
        index: record.get("index") as number,
        size: checkpoint.size,
        root: checkpoint.root,
        proof: record.get("proof") as Uint8Array[],
      };
      expect(verifyInclusion({ ...claim, leaf: leafHash(leaf) })).toBe(true);
      expect(
        equal(sha256(record.get("effects") as Uint8Array), decodeLedgerEntry(leaf).effects),
      ).toBe(true);
    }
    expect(records.map((record) => recordIn(record).get("n"))).toEqual([1, 2, 3]);
    expect(recordIn(records[2]!).get("status")).toBe("revoked");
    expect((await feedOf(3, 0)).get("records")).toHaveLength(1);
    expect((await feedOf(4, 0)).get("records")).toHaveLength(0);
  });

  it("does not pretend to have what a gateway saw elsewhere", async () => {
    expect(await problem(await get("/gateways/gw-1/registry?since=100000"))).toMatchObject({
      status: 409,
      code: "evidence.beyond-head",
    });
    expect(await problem(await get("/gateways/gw-9/registry"))).toMatchObject({
      status: 404,
      code: "anchor.unknown-gateway",
    });
    expect(await problem(await get("/gateways/gw-1/registry?form=1"))).toMatchObject({
      status: 400,
      code: "request.invalid",
    });
  });

  const feedOf = async (from: number, since: number): Promise<CborMap> =>
    decode(
      await bytesOf(await get(`/gateways/gw-1/registry?from=${from}&since=${since}`)),
    ) as CborMap;

  function recordIn(entry: CborMap): CborMap {
    const effect = decodeEffects(entry.get("effects") as Uint8Array).find(([key]) =>
      key.startsWith("registry/"),
    );
    return decode(effect![1]!) as CborMap;
  }

  function kidIn(feed: CborMap, n: number): Uint8Array {
    return recordIn((feed.get("records") as CborMap[])[n - 1]!).get("kid") as Uint8Array;
  }
});

describe("a forked gateway", () => {
  it("is told which note is held; the two notes suspend it", async () => {
    const honest = await enrolGateway("gw-fork");
    honest.add(reading(400), reading(401));
    expect((await post("/gateways/gw-fork/entries", honest.request(0))).status).toBe(200);
    const forked = new MemoryGateway("gw-fork", "b1", ORIGIN);
    forked.add(reading(500), reading(501));
    const refused = await problem(await post("/gateways/gw-fork/entries", forked.request(0)));
    expect(refused).toMatchObject({
      status: 409,
      media: "application/problem+json",
      code: "anchor.conflict",
      theirs: honest.note(),
    });
    const shown = await submit(
      "equivocation",
      { gateway: "gw-fork", notes: [refused.theirs!, forked.note()] },
      operator,
    );
    expect(shown.status).toBe(200);
    expect(await (await get("/gateways/gw-fork/status")).json()).toMatchObject({
      status: "suspended",
      size: 3,
    });
    honest.add(reading(402));
    const late = await problem(await post("/gateways/gw-fork/entries", honest.request(3)));
    expect(late).toMatchObject({ status: 403, code: "anchor.suspended" });
  });
});

describe("the application", () => {
  it("answers every mistake with a problem document and a stable code", async () => {
    const text = (body: string, type: string) =>
      fetch(`${node.url}/transactions`, {
        method: "POST",
        headers: { "content-type": type },
        body,
      });
    const cases: readonly (readonly [Promise<Response>, number, string])[] = [
      [get("/api/v1/nothing"), 404, "request.not-found"],
      [get("/tile/0/zzz"), 404, "request.not-found"],
      [get("/gateways/UPPER/status"), 400, "request.invalid"],
      [get("/gateways/gw-1/receipts/-1"), 400, "request.invalid"],
      [get("/api/v1/buildings/%ff"), 400, "request.invalid"],
      [post("/gateways/gw-1/entries", utf8("rubbish")), 422, "batch.structure"],
      [
        post("/gateways/gw-9/entries", new MemoryGateway("gw-9", "b1", ORIGIN).request(0)),
        404,
        "anchor.unknown-gateway",
      ],
      [post("/gateways/gw-1/entries", new Uint8Array(9_000_000)), 413, "request.too-large"],
      [post("/transactions", new Uint8Array(70_000), "application/cose"), 413, "request.too-large"],
      [post("/transactions", utf8("rubbish"), "application/cose"), 422, "tx.malformed"],
      [
        submit("building.register", { building: "b2", name: "x", zone: "UTC" }, seed("nobody")),
        403,
        "tx.unknown-key",
      ],
      [text("{}", "text/plain"), 415, "request.media-type"],
      [text("{", "application/json"), 400, "request.invalid"],
      [text("{}", "application/json"), 415, "request.media-type"],
      [fetch(`${node.url}/checkpoint`, { method: "DELETE" }), 404, "request.not-found"],
    ];
    for (const [response, status, code] of cases) {
      expect(await problem(await response), code).toMatchObject({
        status,
        media: "application/problem+json",
        code,
      });
    }
  });

  it("says what it offers, how it is, and allows nothing foreign on its pages", async () => {
    const openapi = (await (await get("/openapi.json")).json()) as {
      paths: Record<string, unknown>;
    };
    for (const path of [
      "/transactions",
      "/gateways/{gateway}/entries",
      "/evidence/{gateway}/{index}",
      "/api/v1/buildings",
    ]) {
      expect(Object.keys(openapi.paths)).toContain(path);
    }
    await node.caughtUp();
    expect(await (await get("/health")).json()).toMatchObject({
      status: "ok",
      origin: ORIGIN,
      readModel: { lag: 0, failure: null },
    });
    expect(await (await get("/metrics")).text()).toMatch(
      /muniment_batches_total\{outcome="anchor.conflict"\} 1/,
    );
    const policy = (await get("/checkpoint")).headers.get("content-security-policy")!;
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toContain("unsafe");
  });

  it("serves its page for the page's own addresses, or says how to build it", async () => {
    const pages = join(data, "pages");
    await node.close();
    node = await start({ pages });
    const missing = await get("/buildings/b1");
    expect(missing.status).toBe(503);
    expect(await missing.text()).toContain("npm run build:web");
    await node.close();
    await mkdir(join(pages, "assets"), { recursive: true });
    await writeFile(join(pages, "index.html"), "<!doctype html><title>Muniment</title>");
    await writeFile(join(pages, "assets", "app-1234.js"), "export {};");
    node = await start({ pages });
    for (const path of ["/", "/buildings/b1?range=7d", "/verify/gw-1/3"]) {
      expect(await (await get(path)).text()).toContain("<title>Muniment</title>");
    }
    expect((await get("/")).headers.get("cache-control")).toBe("no-cache");
    expect((await get("/assets/app-1234.js")).headers.get("cache-control")).toContain("immutable");
    expect(await problem(await get("/assets/gone.js"))).toMatchObject({
      status: 404,
      code: "request.not-found",
    });
  });
});

describe("entries and evidence", () => {
  it("are open on the node's own machine, and only by a name of it", async () => {
    expect((await get("/gateways/gw-1/tile/entries/000")).status).toBe(200);
    const status = await new Promise((resolve) => {
      request(
        `${node.url}/evidence/gw-1/17`,
        { headers: { host: "pages.example" } },
        ({ statusCode }) => resolve(statusCode),
      ).end();
    });
    expect(status).toBe(401);
  });

  it("need the token where there is one, and are closed beyond this machine where there is none", async () => {
    const token = "correct-horse-battery-staple-0123456789";
    const accessTokenFile = join(data, "token");
    await writeFile(accessTokenFile, `${token}\n`);
    await node.close();
    node = await start({ accessTokenFile });
    for (const path of ["/gateways/gw-1/tile/entries/000", "/evidence/gw-1/17"]) {
      expect(await problem(await get(path))).toMatchObject({
        status: 401,
        code: "request.unauthorized",
      });
      expect((await get(path, { authorization: `Bearer ${token}x` })).status).toBe(401);
      expect((await get(path, { authorization: `Bearer ${token}` })).status).toBe(200);
    }
    expect((await get("/gateways/gw-1/tile/0/000")).status).toBe(200);
    for (const path of ["entries%2F000", "entries%2f000", "%65ntries%2F000", "%65ntries/000"]) {
      const { status } = await get(`/gateways/gw-1/tile/${path}`);
      expect([401, 404], path).toContain(status);
    }
    const bundle = await get("/gateways/gw-1/tile/entries/000", {
      authorization: `Bearer ${token}`,
    });
    expect(bundle.headers.get("cache-control")).toContain("private");
    await node.close();
    node = await start({ host: "0.0.0.0" });
    const port = new URL(node.url).port;
    expect((await fetch(`http://127.0.0.1:${port}/evidence/gw-1/17`)).status).toBe(401);
    expect((await fetch(`http://127.0.0.1:${port}/tile/entries/000.p/1`)).status).toBe(200);
    await node.close();
    await writeFile(accessTokenFile, "short\n");
    await expect(start({ accessTokenFile })).rejects.toMatchObject({ code: "config.value" });
    node = await start();
  });
});

describe("a start", () => {
  it("fails, and lets go of everything, when its port is taken or its keys are another's", async () => {
    const port = Number(new URL(node.url).port);
    const other = await mkdtemp(join(tmpdir(), "muniment-node-"));
    try {
      await expect(createNode({ data: other, port, logLevel: "silent" }, {})).rejects.toMatchObject(
        { code: "EADDRINUSE" },
      );
      const second = await createNode({ data: other, port: 0, logLevel: "silent" }, {});
      await second.close();
      await writeFile(
        join(other, "ledger", "keys", "archive.pem"),
        await readFile(join(data, "ledger", "keys", "archive.pem")),
      );
      await expect(createNode({ data: other, port: 0 }, {})).rejects.toMatchObject({
        code: "genesis.key",
      });
    } finally {
      await rm(other, { recursive: true, force: true });
    }
  });
});
