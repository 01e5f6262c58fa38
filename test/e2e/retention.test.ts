// Access bodies deleted on their clock (D8, decision 10), on real processes: proofs still verify, the verifier says by which entry the
// body is withheld, and no file of the data folder or of a backup holds anything of the person.

import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import {
  buildAccessEvent,
  encode,
  type Signer,
  sha256,
  signerFromSeed,
  verifyEvidence,
} from "@muniment/core";
import { openOperator, SealingKeys } from "@muniment/core/files";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Bodies } from "../../ledger/archive/bodies.ts";
import { BUILDING, type Fleet, GATEWAY, POINT, startFleet, until } from "../stack/fleet.ts";
import { runProduct } from "../stack/process.ts";
import { publishAll } from "../stack/publish.ts";

const DAY_MS = 86_400_000;
const PERSONS = 12;
/** Days before today on which somebody came in: the first three are past a clock of two days. */
const DAYS_AGO = [5, 4, 3, 1] as const;

interface Came {
  readonly date: string;
  readonly pseudonym: Uint8Array;
  readonly salt: Uint8Array;
  readonly statement: Uint8Array;
  readonly body: Uint8Array;
}

let fleet: Fleet;
/** A backup of everything, made while all bodies were kept. */
let backup: string;
let door: Signer;
let sequence = 0;
const came: Came[] = [];
/** Refused by the gateway, so never on the ledger; its body lies in quarantine. */
let stranger: Came;

const dates = DAYS_AGO.map((ago) => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10));
const [first, held, third, kept] = dates as [string, string, string, string];

/** Somebody passes a door at noon of a day. */
function passes(signer: Signer, date: string, person: number, name: "in" | "out"): Came {
  sequence += 1;
  const issuedAt = Date.parse(`${date}T12:00:00Z`) / 1000 + sequence;
  const pseudonym = sha256(Buffer.from(`${date} ${person}`)).slice(0, 16);
  const salt = randomBytes(16);
  const records = [{ name, value: pseudonym, time: issuedAt }];
  const head = {
    signer,
    iss: "urn:dev:os:32473-door-1",
    sub: `${BUILDING}/lab`,
    issuedAt,
    sequence,
  };
  return { date, pseudonym, salt, ...buildAccessEvent({ ...head, records, salt }) };
}

async function get(path: string): Promise<string> {
  const response = await fetch(fleet.ledgerUrl + path);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.text();
}

/** Distinct persons by day, as the page shows them. */
async function personsOf(): Promise<Record<string, readonly [number | null, string]>> {
  const from = new Date(Date.now() - 7 * DAY_MS).toISOString();
  const to = new Date().toISOString();
  const answer = JSON.parse(
    await get(`/api/v1/buildings/${BUILDING}/occupancy/days?from=${from}&to=${to}`),
  ) as { days: { date: string; persons: number | null; source: string }[] };
  return Object.fromEntries(
    answer.days
      .filter(({ date }) => dates.includes(date))
      .map(({ date, persons, source }) => [date, [persons, source]]),
  );
}

/** Where a statement stands in the gateway's log. */
async function indexOf(statement: Uint8Array): Promise<number> {
  const { items } = JSON.parse(await get("/api/v1/gateways")) as { items: { size: number }[] };
  for (let index = 0; index < items[0]!.size; index++) {
    const response = await fetch(`${fleet.ledgerUrl}/evidence/${GATEWAY}/${index}`);
    if (!response.ok) continue;
    const bundle = (await response.json()) as { statement: string };
    if (Buffer.from(bundle.statement, "base64").equals(statement)) return index;
  }
  throw new Error("the statement is not in the gateway's log");
}

const evidence = (index: number) => get(`/evidence/${GATEWAY}/${index}`);

async function retain(): Promise<{ dispositions: number[]; bodies: number; held: object[] }> {
  const run = await runProduct(["retention", "run", "--data", fleet.data, "--json"]);
  expect(run.stderr).toBe("");
  expect(run.code).toBe(0);
  return JSON.parse(run.stdout) as Awaited<ReturnType<typeof retain>>;
}

/** Ways in which bytes may stand in a file: as they are, in hexadecimal, in base64 wherever they begin in it. */
function spellings(bytes: Uint8Array): readonly Buffer[] {
  const buffer = Buffer.from(bytes);
  const found = [
    buffer,
    Buffer.from(buffer.toString("hex")),
    Buffer.from(buffer.toString("hex").toUpperCase()),
  ];
  for (const lead of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(lead), buffer]);
    // Without the ends, which depend on the neighbours.
    const whole = padded.toString("base64").slice(lead === 0 ? 0 : 4);
    const middle = whole.slice(0, 4 * Math.floor((padded.length - (lead === 0 ? 0 : 3)) / 3));
    found.push(Buffer.from(middle), Buffer.from(middle.replaceAll("+", "-").replaceAll("/", "_")));
  }
  return found;
}

/** Which files below the folders hold any of these, in any spelling. */
async function filesWith(
  secrets: readonly Uint8Array[],
  ...folders: readonly string[]
): Promise<string[]> {
  const wanted = secrets.flatMap(spellings);
  const found: string[] = [];
  for (const folder of folders) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const content = await readFile(path).catch(() => Buffer.alloc(0));
      if (wanted.some((bytes) => content.includes(bytes))) found.push(relative(folder, path));
    }
  }
  return found;
}

const ofPersons = (events: readonly Came[]): Uint8Array[] =>
  events.flatMap(({ pseudonym, salt, body }) => [pseudonym, salt, body]);

beforeAll(async () => {
  fleet = await startFleet(1, {
    gatewayArgs: ["--batch-age-ms-max", "200"],
    gatewayEnv: { MUNIMENT_GATEWAY_BODY_KEY_MS: "1000" },
  });
  const keyPath = join(fleet.data, "keys", "operator.pem");
  const operator = await openOperator({ keyPath, ledger: fleet.ledgerUrl });
  door = signerFromSeed(randomBytes(32));
  const enrolled = await operator.submit("device.enrol", {
    ...{ device: "door-1", building: BUILDING, place: `${BUILDING}/lab` },
    ...{ urn: "urn:dev:os:32473-door-1", key: door.publicKey },
    points: ["in", "out"].map((name) => ({ name, unit: "count", kind: "event" })),
  });
  expect(enrolled).toMatchObject({ ok: true });
  for (const date of dates)
    for (let person = 0; person < PERSONS; person++)
      came.push(passes(door, date, person, "in"), passes(door, date, person, "out"));
  stranger = passes(signerFromSeed(randomBytes(32)), third, 99, "in");
  const topic = `muniment/v1/${BUILDING}/door-1/up/statement`;
  const sent = [...came, stranger].map(({ statement, body }) => encode([statement, body]));
  await publishAll(fleet.mqttPort(), "door-1", topic, sent);
  const [device] = fleet.devices;
  await publishAll(fleet.mqttPort(), device!.id, device!.topic, [
    device!.sign([
      { name: POINT.name, unit: POINT.unit, value: 21, time: Math.floor(Date.now() / 1000) },
    ]),
  ]);
  await until("everything is anchored and shown", async () => {
    const { items } = JSON.parse(await get("/api/v1/gateways")) as { items: { entries: number }[] };
    return (items[0]?.entries ?? 0) >= came.length + 2;
  });
}, 180_000);
afterAll(async () => {
  await fleet?.close();
  if (backup !== undefined) await rm(backup, { recursive: true, force: true });
});

test("while they are kept, bodies are given as evidence and can be read in no file", async () => {
  expect(await personsOf()).toEqual(
    Object.fromEntries(dates.map((date) => [date, [PERSONS, "badges"]])),
  );
  const policy = await get("/policy");
  const bundle = await evidence(await indexOf(came[0]!.statement));
  expect(JSON.parse(bundle)).toHaveProperty("body");
  expect(verifyEvidence(bundle, { policy }).verdict).toBe("verified");
  backup = await mkdtemp(join(tmpdir(), "muniment-backup-"));
  await cp(fleet.data, backup, { recursive: true });
  expect(await filesWith(ofPersons([...came, stranger]), fleet.data, backup)).toEqual([]);
  // What is looked for would be found: the statement is public, and lies in the archive and in the gateway's log.
  const found = await filesWith([came[0]!.statement], backup);
  expect(found.join(" ")).toMatch(/gateways\/.*ledger\/|ledger\/.*gateways\//);
  // And with its keys the backup is as good as the original.
  const bodies = await Bodies.open(
    join(backup, "ledger", "bodies"),
    new SealingKeys(join(backup, "keys", "bodies")),
  );
  const place = { gateway: GATEWAY, index: await indexOf(came[0]!.statement) };
  expect((await bodies.read(place))?.body).toEqual(came[0]!.body);
  await bodies.close();
});

test("what looks for them finds them, however they are spelt and wherever they begin", async () => {
  const folder = await mkdtemp(join(tmpdir(), "muniment-scan-"));
  const { pseudonym } = came[0]!;
  for (const encoding of ["latin1", "hex", "base64", "base64url"] as const) {
    for (const lead of [0, 1, 2, 3]) {
      const bytes = Buffer.concat([randomBytes(lead), pseudonym, randomBytes(lead)]);
      const file = join(folder, "file");
      await writeFile(file, encoding === "latin1" ? bytes : `"${bytes.toString(encoding)}"`);
      expect(await filesWith([pseudonym], folder), `${encoding} at ${lead}`).toEqual(["file"]);
      expect(await filesWith([came[2]!.pseudonym], folder)).toEqual([]);
    }
  }
  await rm(folder, { recursive: true });
});

test("past their clock they go, but for those under a hold, whenever the node is killed", async () => {
  const common = ["--data", fleet.data, "--ledger", fleet.ledgerUrl];
  for (const command of [
    [
      "hold",
      "place",
      "--hold",
      "case-7",
      "--building",
      BUILDING,
      "--from",
      held,
      "--to",
      held,
      "--reason",
      "a case",
    ],
    [
      "policy",
      "set",
      "--name",
      "retention.access",
      "--value",
      '{"days":2}',
      "--from",
      "2026-01-01",
      "--citation",
      "GRS 5.6",
    ],
  ]) {
    const run = await runProduct([...command, ...common]);
    expect(run.stdout + run.stderr).toContain("ledger entry");
  }
  const size = async () => (JSON.parse(await get("/api/v1/ledger")) as { size: number }).size;
  const before = await size();
  // The node looks by itself, and dies as soon as the ledger speaks of a destruction, and again whenever it is up.
  await writeFile(join(fleet.data, "ledger.json"), JSON.stringify({ retentionEveryMs: 1_000 }));
  await fleet.ledger.stop();
  await fleet.restartLedger();
  await until("a disposition stands on the ledger", async () => (await size()) > before);
  for (let kills = 0; kills < 3; kills++) {
    await fleet.ledger.kill();
    await fleet.restartLedger();
  }
  const index = await indexOf(came.find(({ date }) => date === third)!.statement);
  await until(
    "the body is withheld",
    async () => "disposition" in JSON.parse(await evidence(index)),
  );
  await until("both days are disposed of", async () => {
    const persons = await personsOf();
    return persons[first]?.[1] === "disposition" && persons[third]?.[1] === "disposition";
  });
  expect(await size()).toBe(before + 2);
  expect(await personsOf()).toEqual({
    ...{ [first]: [PERSONS, "disposition"], [third]: [PERSONS, "disposition"] },
    ...{ [held]: [PERSONS, "badges"], [kept]: [PERSONS, "badges"] },
  });
  expect(await new SealingKeys(join(fleet.data, "keys", "bodies")).names()).toEqual([
    ...[`${BUILDING}/${held}`, `${BUILDING}/${kept}`],
  ]);
});

test("proofs verify all the same, and say by which entry the body is withheld", async () => {
  const policyFile = join(backup, "ledger", "policy");
  for (const { date, statement } of [came[0]!, came.at(-1)!]) {
    const file = join(backup, "..", `${relative(tmpdir(), backup)}-bundle.json`);
    await writeFile(file, await evidence(await indexOf(statement)));
    const run = await runProduct(["verify", file, "--policy", policyFile]);
    await rm(file);
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(
      date === kept
        ? /body +the body is the one whose hash was signed/
        : /body +withheld by entry \d+ of the ledger: destroyed on its retention clock, GRS 5\.6/,
    );
  }
});

test("released from the hold the third day goes too, by the command of an operator whose node is stopped", async () => {
  const release = [
    "hold",
    "release",
    "--hold",
    "case-7",
    "--data",
    fleet.data,
    "--ledger",
    fleet.ledgerUrl,
  ];
  await fleet.ledger.stop();
  expect(await retain()).toMatchObject({ bodies: 0, held: [{ date: held, hold: "case-7" }] });
  await rm(join(fleet.data, "ledger.json"));
  await fleet.restartLedger();
  expect((await runProduct(release)).code).toBe(0);
  await fleet.ledger.stop();
  expect(await retain()).toMatchObject({ bodies: 2 * PERSONS, held: [] });
  await fleet.restartLedger();
  expect((await personsOf())[held]).toEqual([PERSONS, "disposition"]);
});

test("nothing of the person is left in any file, in a copy made before either once the keys are gone", async () => {
  // The gateway's own keys: those of the time when the backup was made go once what they sealed is final.
  const transit = async (data: string) => {
    const keys = new SealingKeys(join(data, "gateways", GATEWAY, "keys", "bodies"));
    return (await keys.names()).filter((name) => name.startsWith("transit/"));
  };
  const then = new Set(await transit(backup));
  expect(then.size).toBeGreaterThan(0);
  await until("the gateway's keys of then are gone", async () =>
    (await transit(fleet.data)).every((name) => !then.has(name)),
  );
  const gone = came.filter(({ date }) => date !== kept);
  expect(await filesWith(ofPersons([...gone, stranger]), fleet.data, backup)).toEqual([]);
  // The copy without the keys that were destroyed since: no body of those days opens.
  const keys = new SealingKeys(join(fleet.data, "keys", "bodies"));
  expect(await keys.names()).toEqual([`${BUILDING}/${kept}`]);
  const copy = await Bodies.open(join(backup, "ledger", "bodies"), keys);
  let readable = 0;
  for await (const day of copy.days())
    for (const place of await copy.places(day))
      if ((await copy.read(place)) !== null) readable += 1;
  await copy.close();
  expect(readable).toBe(2 * PERSONS);
});

test("ledger and logs replay and check as before, and the figures are rebuilt to the same", async () => {
  const figures = await personsOf();
  await fleet.ledger.stop();
  for (const name of ["read-model.duckdb", "read-model.duckdb.wal"])
    await rm(join(fleet.data, "ledger", name), { force: true });
  await fleet.restartLedger();
  await until("the read model is rebuilt", async () => {
    const { items } = JSON.parse(await get("/api/v1/gateways")) as { items: { entries: number }[] };
    return (items[0]?.entries ?? 0) >= came.length + 2;
  });
  expect(await personsOf()).toEqual(figures);
  for (const command of [
    ["audit", "replay", fleet.ledgerUrl],
    ["fsck", fleet.ledgerUrl],
    ["fsck", `${fleet.ledgerUrl}/gateways/${GATEWAY}`],
  ]) {
    const run = await runProduct(command);
    expect(run.stdout + run.stderr, command.join(" ")).not.toBe("");
    expect(run.code, `${command.join(" ")}: ${run.stdout}${run.stderr}`).toBe(0);
  }
});

test("a folder of bodies from the backup is emptied again before the node serves anything", async () => {
  await fleet.ledger.stop();
  await rm(join(fleet.data, "ledger", "bodies"), { recursive: true });
  await cp(join(backup, "ledger", "bodies"), join(fleet.data, "ledger", "bodies"), {
    recursive: true,
  });
  await cp(join(backup, "keys", "bodies"), join(fleet.data, "keys", "bodies"), { recursive: true });
  await fleet.restartLedger();
  const bundle = JSON.parse(await evidence(await indexOf(came[0]!.statement))) as object;
  expect(bundle).toHaveProperty("disposition");
  expect(bundle).not.toHaveProperty("body");
  expect(await new SealingKeys(join(fleet.data, "keys", "bodies")).names()).toEqual([
    `${BUILDING}/${kept}`,
  ]);
});
