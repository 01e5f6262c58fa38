// Intake over solo consensus and an archive in memory: what is refused, what is "already", and death between any two steps.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildAccessEvent,
  buildTransaction,
  type Encodable,
  encode,
  type Signer,
  sha256,
  signerFromSeed,
  utf8,
} from "@muniment/core";
import { SealingKeys } from "@muniment/core/files";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Archive } from "../archive/archive.ts";
import { Bodies } from "../archive/bodies.ts";
import { openArchive } from "../archive/directory-archive.ts";
import { type Fault, type MemoryStorage, openMemoryStorage } from "../archive/memory-storage.ts";
import type { Consensus } from "../consensus/consensus.ts";
import { openSolo } from "../consensus/open-solo.ts";
import { AnchorIndex } from "../evidence/anchor-index.ts";
import { readAnchor } from "../evidence/anchored.ts";
import { createGenesis } from "../genesis.ts";
import { BATCH_LIMITS } from "./batch.ts";
import { Intake } from "./intake.ts";
import { encodeFields, MemoryGateway } from "./memory-gateway.ts";

const ORIGIN = "ledger.example/intake";
const NOW = Date.parse("2026-01-10T03:00:00Z");
const key = (name: string): Signer => signerFromSeed(sha256(utf8(`intake test ${name}`)));
const operator = key("operator");
const keys = { log: key("log"), cosigner: key("cosigner") };
const genesis = createGenesis({
  origin: ORIGIN,
  time: 1_767_225_600_000,
  operators: [{ name: "operator", key: operator.publicKey }],
  validators: [
    {
      name: "v1",
      log: keys.log.publicKey,
      cosigner: keys.cosigner.publicKey,
      archive: key("archive").publicKey,
    },
  ],
  policy: {},
});

let folder: string;
let consensus: Consensus;
let anchors: AnchorIndex;
let bodies: Bodies;
let sequence = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-intake-"));
  consensus = await openSolo({ directory: folder, genesis, keys });
  anchors = await AnchorIndex.open(consensus, join(folder, "anchors"));
  bodies = await Bodies.open(join(folder, "bodies"), new SealingKeys(join(folder, "keys")));
  await operate("building.register", {
    building: "b1",
    name: "Town hall",
    zone: "America/New_York",
  });
});
afterEach(async () => {
  await anchors.close();
  await bodies.close();
  await consensus.close();
  await rm(folder, { recursive: true, force: true });
});

async function operate(kind: string, body: { readonly [field: string]: Encodable }): Promise<void> {
  const answer = await consensus.submit(
    buildTransaction({ ledger: ORIGIN, kind, sequence: ++sequence, body, signer: operator }),
  );
  expect(answer).toMatchObject({ ok: true });
}

async function enrolled(id = "gw-1"): Promise<MemoryGateway> {
  const gateway = new MemoryGateway(id, "b1", ORIGIN);
  await operate("gateway.enrol", {
    gateway: id,
    building: "b1",
    key: gateway.signer.publicKey,
    logKey: gateway.logSigner.publicKey,
  });
  return gateway;
}

interface Life {
  readonly intake: Intake;
  readonly archive: Archive;
}

/** One life of the process over the same disk. */
async function live(storage: MemoryStorage, over: Consensus = consensus): Promise<Life> {
  const archive = await openArchive({
    storage,
    bodies,
    signer: key("archive"),
    name: `${ORIGIN}/archive/v1`,
  });
  const anchoredAt = async (gateway: string, size: number) => {
    const index = await anchors.at(gateway, size);
    return index === null ? null : readAnchor(consensus, index);
  };
  const clock = { now: () => NOW };
  return { archive, intake: new Intake({ consensus: over, archive, clock, anchoredAt }) };
}

const entries = (from: number, to: number): Uint8Array[] =>
  Array.from({ length: to - from }, (_, n) => utf8(`entry ${from + n}`));

describe("a batch", () => {
  it("is archived and anchored, and taken once however often it is sent", async () => {
    const storage = openMemoryStorage();
    const { intake, archive } = await live(storage);
    const gateway = await enrolled();
    gateway.add(...entries(1, 300));
    const first = gateway.request(0);
    expect(await intake.acceptBatch("gw-1", first)).toEqual({
      ok: true,
      result: "accepted",
      size: 300,
    });
    expect(await archive.entries("gw-1", 0, 300)).toEqual(gateway.entries);
    gateway.add(...entries(300, 700));
    const second = gateway.request(300);
    const answers = await Promise.all(
      [second, second, second].map((request) => intake.acceptBatch("gw-1", request)),
    );
    expect(answers.map((answer) => answer.ok && answer.result)).toEqual([
      "accepted",
      "already",
      "already",
    ]);
    expect(await intake.acceptBatch("gw-1", first)).toEqual({
      ok: true,
      result: "already",
      size: 300,
    });
    expect(archive.size("gw-1")).toBe(700);
    expect(await archive.staged()).toEqual([]);
  });

  it("keeps bodies that an entry names, and only those, under the local day of the event", async () => {
    const { intake, archive } = await live(openMemoryStorage());
    const gateway = await enrolled();
    const eventAt = (issuedAt: number, sequence: number) =>
      buildAccessEvent({
        signer: key("door"),
        iss: "urn:dev:os:32473-door-1",
        sub: "b1/lobby",
        issuedAt,
        sequence,
        records: [{ name: "door", value: "in", time: issuedAt === 0 ? -5 : issuedAt }],
        salt: sha256(utf8(`salt ${sequence}`)).slice(0, 16),
      });
    // Seven in the evening in New York; a device without a clock; one whose clock is ahead.
    const events = [eventAt(1_767_225_600, 1), eventAt(0, 2), eventAt(NOW / 1000 + 86_400, 3)];
    const stray = utf8("nobody names this");
    gateway.add(utf8("not a statement"), ...events.map(({ statement }) => statement));
    const sent = [stray, ...events.map(({ body }) => body)];
    expect(await intake.acceptBatch("gw-1", gateway.request(0, 5, sent))).toMatchObject({
      ok: true,
    });
    const kept = await Promise.all(
      [0, 1, 2, 3, 4].map((index) => archive.body({ gateway: "gw-1", index })),
    );
    expect(kept.map((one) => one?.date ?? null)).toEqual([
      null,
      null,
      "2025-12-31",
      "2026-01-09",
      "2026-01-09",
    ]);
    expect(kept.slice(2).map((one) => one!.body)).toEqual(events.map(({ body }) => body));
  });

  it("is refused with the code of what is wrong, and then nothing stays behind", async () => {
    const storage = openMemoryStorage();
    const { intake, archive } = await live(storage);
    const gateway = await enrolled();
    gateway.add(...entries(1, 300));
    await intake.acceptBatch("gw-1", gateway.request(0));
    gateway.add(...entries(300, 400));
    const fields = gateway.fields(300);
    const other = new MemoryGateway("gw-2", "b1", ORIGIN);
    other.add(...entries(1, 400));
    const shorter = gateway.fields(300, 350);
    const cases: readonly (readonly [code: string, request: Uint8Array])[] = [
      ["batch.structure", utf8("no CBOR")],
      ["batch.structure", encode([1])],
      ["batch.structure", encodeFields({ ...fields, entries: Uint8Array.of(0, 9, 1) })],
      ["batch.structure", encodeFields({ ...fields, entries: new Uint8Array(0) })],
      ["batch.structure", encodeFields({ ...fields, proof: [utf8("short")] })],
      ["batch.structure", encode({ ...fields, more: 1 })],
      [
        "batch.too-large",
        encodeFields({ ...fields, entries: new Uint8Array(2 * (BATCH_LIMITS.entriesMax + 1)) }),
      ],
      [
        "batch.too-large",
        encodeFields({ ...fields, entries: new Uint8Array(BATCH_LIMITS.entriesBytesMax + 1) }),
      ],
      [
        "batch.entry-too-large",
        encodeFields({
          ...fields,
          entries: Uint8Array.from([0x10, 0x01, ...new Uint8Array(4097)]),
        }),
      ],
      ["batch.checkpoint", encodeFields({ ...fields, checkpoint: other.note() })],
      [
        "batch.checkpoint",
        encodeFields({
          ...fields,
          checkpoint: `${fields.checkpoint}${fields.checkpoint.split("\n").at(-2)}\n`,
        }),
      ],
      ["batch.count", encodeFields({ ...fields, entries: shorter.entries })],
      ["batch.root", encodeFields({ ...fields, entries: swapped(fields.entries) })],
      ["batch.consistency", encodeFields({ ...fields, proof: shorter.proof })],
      ["batch.anchor", encodeFields({ ...fields, anchor: shorter.anchor })],
      ["batch.anchor", encodeFields({ ...fields, anchor: utf8("no transaction") })],
      ["batch.not-next", gateway.request(299)],
      ["batch.not-next", gateway.request(0, 299)],
    ];
    for (const [code, request] of cases)
      expect(await intake.acceptBatch("gw-1", request), code).toMatchObject({ ok: false, code });
    expect(await intake.acceptBatch("gw-9", gateway.request(300))).toMatchObject({
      ok: false,
      code: "anchor.unknown-gateway",
    });
    expect(await archive.staged()).toEqual([]);
    expect(archive.size("gw-1")).toBe(300);
    expect(await intake.acceptBatch("gw-1", encodeFields(fields))).toMatchObject({ ok: true });
  });

  it("of another history is a conflict that shows the note held, and changes nothing", async () => {
    const { intake, archive } = await live(openMemoryStorage());
    const gateway = await enrolled();
    gateway.add(...entries(1, 300));
    await intake.acceptBatch("gw-1", gateway.request(0));
    const fork = new MemoryGateway("gw-1", "b1", ORIGIN);
    fork.add(...entries(1001, 1300));
    const size = consensus.head().size;
    const conflict = { ok: false, code: "anchor.conflict", theirs: gateway.note(300) };
    expect(await intake.acceptBatch("gw-1", fork.request(0, 300))).toMatchObject(conflict);
    expect(await intake.acceptBatch("gw-1", fork.request(0, 200))).toMatchObject(conflict);
    // Larger than what is held: entries that do not follow on.
    fork.add(...entries(1300, 1350));
    expect(await intake.acceptBatch("gw-1", fork.request(300))).toMatchObject({
      ok: false,
      code: "batch.root",
    });
    expect(consensus.head().size).toBe(size);
    expect(await archive.staged()).toEqual([]);
  });

  it("whose anchor the machine refuses leaves no entries behind", async () => {
    const { intake, archive } = await live(openMemoryStorage());
    const gateway = await enrolled();
    gateway.add(...entries(1, 10));
    const body = { gateway: "gw-1", checkpoint: gateway.note(), proof: [] };
    const anchor = buildTransaction({
      ledger: ORIGIN,
      kind: "anchor",
      sequence: 10,
      body,
      signer: key("nobody"),
    });
    const answer = await intake.acceptBatch("gw-1", encodeFields({ ...gateway.fields(0), anchor }));
    expect(answer).toMatchObject({ ok: false, code: "tx.unknown-key" });
    expect(await archive.staged()).toEqual([]);
    expect(await intake.acceptBatch("gw-1", gateway.request(0))).toMatchObject({
      ok: true,
      result: "accepted",
    });
  });

  it("waits for its gateway's turn, up to a limit", async () => {
    const { intake } = await live(openMemoryStorage());
    const gateway = await enrolled();
    gateway.add(...entries(1, 10));
    const request = gateway.request(0);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => intake.acceptBatch("gw-1", request)),
    );
    expect(answers.filter((answer) => !answer.ok && answer.code === "intake.busy")).toHaveLength(2);

    // What the gateway has not signed takes none of its turns.
    const stranger = encodeFields({ ...gateway.fields(0), checkpoint: "no note\n" });
    const mixed = await Promise.all([
      ...Array.from({ length: 6 }, () => intake.acceptBatch("gw-1", stranger)),
      intake.acceptBatch("gw-1", request),
    ]);
    expect(mixed.map((answer) => (answer.ok ? answer.result : answer.code))).toEqual([
      ...Array.from({ length: 6 }, () => "batch.checkpoint"),
      "already",
    ]);
    expect(intake.inFlight).toBe(0);
    await intake.close();
    expect(await intake.acceptBatch("gw-1", request)).toMatchObject({ code: "intake.busy" });
  });
});

describe("a transaction", () => {
  it("is ordered, unless it is an anchor without its entries", async () => {
    const { intake } = await live(openMemoryStorage());
    const gateway = await enrolled();
    gateway.add(...entries(1, 10));
    expect(await intake.acceptTransaction(gateway.anchor(0))).toMatchObject({
      ok: false,
      code: "batch.anchor",
    });
    expect(await intake.acceptTransaction(utf8("nothing"))).toMatchObject({
      ok: false,
      code: "tx.malformed",
    });
  });
});

describe("death", () => {
  const faults: readonly Fault[] = ["failed", "half persisted", "persisted"];

  it.each(faults)(
    "at any step of the archive (%s): the batch sent again is taken, once",
    async (fault) => {
      for (let step = 0, died = 0; ; step++) {
        const id = `gw-${fault.replace(" ", "-")}-${step}`;
        const gateway = await enrolled(id);
        gateway.add(...entries(1, 300));
        const storage = openMemoryStorage();
        await (await live(storage)).intake.acceptBatch(id, gateway.request(0));
        gateway.add(...entries(300, 700));
        const request = gateway.request(300);

        const before = consensus.head().size;
        const mortal = openMemoryStorage(storage.files);
        mortal.failAt(step, fault);
        const outcome = await (await live(mortal)).intake.acceptBatch(id, request).then(
          () => "whole",
          () => "dead",
        );
        const next = await live(openMemoryStorage(storage.files));
        await next.intake.recover();
        expect(await next.intake.acceptBatch(id, request), `step ${step}`).toMatchObject({
          ok: true,
          size: 700,
        });
        expect(await next.archive.entries(id, 0, 700)).toEqual(gateway.entries);
        expect(await next.archive.staged()).toEqual([]);
        expect(consensus.head().size).toBe(before + 1);
        if (outcome === "whole") {
          expect(died).toBe(6);
          break;
        }
        died++;
      }
    },
  );

  it.each(["before", "after"] as const)(
    "%s the commit, the outcome unknown: recovery or the gateway completes it",
    async (when) => {
      const gateway = await enrolled();
      gateway.add(...entries(1, 300));
      const request = gateway.request(0);
      const storage = openMemoryStorage();
      const dying = Object.create(consensus) as Consensus;
      dying.get = (name) => consensus.get(name);
      dying.submit = async (transaction) => {
        if (when === "after") await consensus.submit(transaction);
        throw new Error("died");
      };
      await expect(
        (await live(storage, dying)).intake.acceptBatch("gw-1", request),
      ).rejects.toThrow("died");

      const { intake, archive } = await live(openMemoryStorage(storage.files));
      await intake.recover();
      expect(archive.size("gw-1")).toBe(when === "after" ? 300 : 0);
      expect(await archive.staged()).toHaveLength(when === "after" ? 0 : 1);
      expect(await intake.acceptBatch("gw-1", request)).toMatchObject({
        ok: true,
        result: when === "after" ? "already" : "accepted",
      });
      expect(archive.size("gw-1")).toBe(300);
    },
  );
});

/** The same number of entries, the first two changed places. */
function swapped(framed: Uint8Array): Uint8Array {
  const width = 2 + ((framed[0]! << 8) | framed[1]!);
  return new Uint8Array([
    ...framed.slice(width, 2 * width),
    ...framed.slice(0, width),
    ...framed.slice(2 * width),
  ]);
}
