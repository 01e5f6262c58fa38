// The machine by example: what each kind writes, one example for every refusal code, and that a refusal writes nothing (D9).

import {
  concat,
  decode,
  decodeEffects,
  decodeLedgerEntry,
  dispositionBody,
  type Encodable,
  encode,
  encodeSign1,
  HEADER,
  keyThumbprint,
  parseTransaction,
  readDisposition,
  sha256,
  toHex,
  utf8,
} from "@muniment/core";
import { beforeEach, describe, expect, test } from "vitest";
import {
  GatewayTwin,
  GENESIS_TIME,
  LedgerCast,
  ORIGIN,
  testGenesis,
  testSigner,
} from "../../test/conformance/ledger-cast.ts";
import { loadGenesis } from "../genesis.ts";
import { applyBlock, type Block, type Result, STATE_HASH_LEAVES, wantsStateHash } from "./apply.ts";
import { REFUSALS, type RefusalCode } from "./codes.ts";
import { genesisEffects } from "./genesis-effects.ts";
import { stateKey } from "./state-keys.ts";

/** Committed state in memory, one block a call. */
class Committed {
  readonly state = new Map<string, Uint8Array>();
  size = 1;
  height = 0;
  time = GENESIS_TIME;

  constructor() {
    for (const [key, value] of genesisEffects(loadGenesis(testGenesis())))
      this.state.set(key, value!);
  }

  apply(transactions: readonly Uint8Array[], more: Partial<Block> = {}) {
    this.height += 1;
    this.time += 1_000;
    const block = { height: this.height, time: this.time, size: this.size, transactions, ...more };
    const applied = applyBlock((key) => this.state.get(key), block);
    for (const [key, value] of applied.writes) {
      if (value === null) this.state.delete(key);
      else this.state.set(key, value);
    }
    this.size += applied.leaves.length;
    return applied;
  }

  accept(...transactions: readonly Uint8Array[]): void {
    for (const result of this.apply(transactions).results)
      if (!result.ok) throw new Error(`${result.code}: ${result.message}`);
  }

  /** The state value of a key, maps as records. */
  value(key: string): Record<string, unknown> {
    return Object.fromEntries(decode(this.state.get(key)!) as Map<string, unknown>);
  }
}

let ledger: Committed;
let cast: LedgerCast;
let twin: GatewayTwin;
const kidOf = (who: string) => keyThumbprint(testSigner(who).publicKey);

beforeEach(() => {
  ledger = new Committed();
  cast = new LedgerCast();
  twin = new GatewayTwin("gw-1").append("genesis", "one", "two");
});

/** A building, its gateway and a device. */
function furnish(): void {
  ledger.accept(cast.building("b1"), cast.gateway("gw-1", "b1"), cast.device("d1", "b1"));
}

describe("accepted transactions", () => {
  test("building.register writes the facts, and again replaces them but keeps the feed's counter", () => {
    furnish();
    ledger.accept(
      cast.building("b1", { name: "New name", usableFt2: 80_000, address: "1 Main St" }),
    );
    expect(ledger.value("building/b1")).toEqual({
      name: "New name",
      zone: "America/New_York",
      grossFt2: 100_000,
      usableFt2: 80_000,
      address: "1 Main St",
      registry: 1,
    });
  });

  test("gateway.enrol and device.enrol write subject, key and feed", () => {
    furnish();
    expect(ledger.value("gateway/gw-1")).toMatchObject({
      building: "b1",
      origin: `${ORIGIN}/gw/gw-1`,
      size: 0,
      status: "active",
      registry: 0,
      anchors: 0,
    });
    expect(ledger.value(stateKey.key(kidOf("gateway gw-1")))).toMatchObject({
      role: "gateway",
      subject: "gw-1",
      status: "active",
      from: 1,
      until: null,
      entry: 2,
    });
    expect(ledger.value("device/d1")).toMatchObject({
      building: "b1",
      place: "b1/floor-1",
      urn: "urn:dev:os:32473-d1",
      kid: kidOf("device d1"),
    });
    expect(ledger.value("registry/b1/0000000001")).toMatchObject({
      n: 1,
      device: "d1",
      kid: kidOf("device d1"),
      status: "active",
      from: 1,
      entry: 3,
    });
    expect(ledger.value("building/b1")).toMatchObject({ registry: 1 });
  });

  test("an anchor moves the gateway on and carries its building's registry counter", () => {
    furnish();
    ledger.accept(twin.anchor());
    ledger.accept(cast.device("d2", "b1"), twin.append("three").anchor());
    expect(ledger.value("gateway/gw-1")).toMatchObject({
      size: 4,
      registry: 2,
      anchors: 2,
      status: "active",
    });
    expect(ledger.value("anchor/gw-1/0001")).toMatchObject({
      n: 1,
      size: 3,
      entry: 4,
      height: 2,
      time: GENESIS_TIME + 2_000,
    });
    expect(ledger.value("anchor/gw-1/0002")).toMatchObject({ n: 2, size: 4, entry: 6, height: 3 });
  });

  test("key.rotate by the device itself ends the old key and starts the new one", () => {
    furnish();
    ledger.accept(cast.rotate(testSigner("device d1"), testSigner("new"), testSigner("device d1")));
    expect(ledger.value(stateKey.key(kidOf("device d1")))).toMatchObject({
      status: "rotated",
      from: 1,
      until: 2,
    });
    expect(ledger.value(stateKey.key(kidOf("new")))).toMatchObject({
      role: "device",
      subject: "d1",
      status: "active",
      from: 2,
      entry: 4,
    });
    expect(ledger.value("device/d1")).toMatchObject({ kid: kidOf("new") });
    expect(ledger.value("registry/b1/0000000002")).toMatchObject({
      n: 2,
      kid: kidOf("device d1"),
      status: "rotated",
      entry: 4,
    });
    expect(ledger.value("registry/b1/0000000003")).toMatchObject({
      n: 3,
      kid: kidOf("new"),
      status: "active",
      entry: 4,
    });
    expect(ledger.value("building/b1")).toMatchObject({ registry: 3 });
  });

  test("a rotated gateway key anchors on, the old one does not", () => {
    furnish();
    ledger.accept(twin.anchor(), cast.rotate(twin.signer, testSigner("gateway new")));
    expect(ledger.value("gateway/gw-1")).toMatchObject({ kid: kidOf("gateway new"), size: 3 });
    twin.append("three");
    const body: Encodable = { gateway: "gw-1", checkpoint: twin.note(), proof: twin.proof(3) };
    expect(refusal(twin.anchor())).toBe("tx.revoked-key");
    ledger.accept(cast.sign(testSigner("gateway new"), "anchor", body, 4));
  });

  test("an operator hands over: rotate, add nothing, and only the new key signs", () => {
    ledger.accept(cast.rotate(cast.operator, testSigner("operator 2")));
    expect(refusal(cast.building("b1"))).toBe("tx.revoked-key");
    const body = { building: "b1", name: "B", zone: "UTC" };
    ledger.accept(cast.sign(testSigner("operator 2"), "building.register", body));
    expect(decode(ledger.state.get("operators")!)).toEqual([kidOf("operator 2")]);
  });

  test("key.revoke of a device key is the next record of the feed", () => {
    furnish();
    ledger.accept(cast.revoke(testSigner("device d1")));
    expect(ledger.value("registry/b1/0000000002")).toMatchObject({
      n: 2,
      kid: kidOf("device d1"),
      status: "revoked",
      from: 2,
    });
  });

  test("building.register keeps opening hours and holidays as they were given", () => {
    const hours = [
      [],
      [
        [480, 720],
        [780, 1_080],
      ],
      [],
      [],
      [],
      [],
      [[0, 1_440]],
    ];
    const holidays = ["2026-07-03", "2026-12-25", "2028-02-29"];
    ledger.accept(cast.building("b1", { hours, holidays }));
    expect(ledger.value("building/b1")).toMatchObject({ hours, holidays });
    ledger.accept(cast.building("b1"));
    expect(Object.keys(ledger.value("building/b1"))).not.toContain("hours");
  });

  test("place.register writes each place, and again replaces it", () => {
    furnish();
    ledger.accept(
      cast.places(
        "b1",
        { place: "b1/floor-1", kind: "floor", label: "First floor", usableFt2: 20_000 },
        { place: "b1/floor-1/room-101", kind: "room", use: "meeting", seats: 8 },
      ),
    );
    expect(ledger.value("place/b1/floor-1")).toEqual({
      building: "b1",
      kind: "floor",
      label: "First floor",
      usableFt2: 20_000,
    });
    ledger.accept(cast.places("b1", { place: "b1/floor-1/room-101", kind: "room", seats: 6 }));
    expect(ledger.value("place/b1/floor-1/room-101")).toEqual({
      building: "b1",
      kind: "room",
      seats: 6,
    });
  });

  test("device.enrol with a bridge tells it in the device's record and in the feed", () => {
    furnish();
    ledger.accept(cast.device("d2", "b1", { bridge: "d1" }));
    expect(ledger.value("device/d2")).toMatchObject({ bridge: "d1" });
    expect(ledger.value("registry/b1/0000000002")).toMatchObject({ device: "d2", bridge: "d1" });
    expect(Object.keys(ledger.value("registry/b1/0000000001"))).not.toContain("bridge");
    ledger.accept(cast.revoke(testSigner("device d2")));
    expect(ledger.value("registry/b1/0000000003")).toMatchObject({ bridge: "d1" });
  });

  test("device.enrol keeps who vouches for the readings, when it is not the device", () => {
    furnish();
    ledger.accept(cast.device("bill", "b1", { trust: "manual" }));
    expect(ledger.value("device/bill")).toMatchObject({ trust: "manual" });
    expect(Object.keys(ledger.value("device/d1"))).not.toContain("trust");
  });

  test("policy.set appends, also at the time of the last, and keeps a value's own maps", () => {
    const tariff = new Map([[1, 250]]);
    ledger.accept(
      cast.policy("retention.access", 5, { days: 30 }),
      cast.policy("retention.access", 5, { days: 60 }, "GRS 5.6 item 090"),
      cast.policy("tariff.electricity", 0, tariff),
      cast.policy("tariff.electricity", 1, { cents: 14 }),
    );
    const steps = decode(ledger.state.get("policy/retention.access")!);
    const step = (from: number, days: number, citation: string) =>
      new Map<string, unknown>([
        ["from", from],
        ["value", new Map([["days", days]])],
        ["citation", citation],
      ]);
    expect(steps).toEqual([step(5, 30, "GRS 5.6"), step(5, 60, "GRS 5.6 item 090")]);
    const tariffs = decode(ledger.state.get("policy/tariff.electricity")!) as Map<
      string,
      unknown
    >[];
    expect(tariffs.map((one) => one.get("value"))).toEqual([tariff, new Map([["cents", 14]])]);
  });

  test("a hold is in force until it is released, and its name is used once", () => {
    furnish();
    ledger.accept(cast.hold("case-7", "b1"), cast.hold("case-8", "b1"));
    expect(ledger.value("hold/case-7")).toEqual({
      building: "b1",
      from: "2026-01-01",
      to: "2026-01-31",
      reason: "case 7",
      entry: 4,
    });
    expect(decode(ledger.state.get("holds/b1")!)).toEqual(["case-7", "case-8"]);
    ledger.accept(cast.release("case-7"));
    expect(ledger.value("hold/case-7")).toMatchObject({ entry: 4, released: 6 });
    expect(decode(ledger.state.get("holds/b1")!)).toEqual(["case-8"]);
    expect(refusal(cast.hold("case-7", "b1"))).toBe("registry.exists");
  });

  test("a disposition is written down under its day, with the most persons that any of them gave", () => {
    furnish();
    ledger.accept(
      cast.gateway("gw-2", "b1"),
      twin.anchor(),
      new GatewayTwin("gw-2").append("a", "b", "c", "d").anchor(),
      cast.policy("retention.access", 0, { days: 60 }),
      cast.disposition({ persons: 7 }),
      cast.disposition({ gateway: "gw-2", entries: [0, 1, 1, 2], count: 3, persons: 5 }),
    );
    expect(ledger.value("disposition/b1/2025-11-01")).toEqual({ count: 4, persons: 7, entry: 9 });
    const { persons: _unknown, ...body } = dispositionBody({
      ...readDisposition(parseTransaction(cast.disposition({ day: "2025-10-31" })).body),
    }) as Record<string, Encodable>;
    ledger.accept(cast.sign(cast.operator, "disposition", body));
    expect(ledger.value("disposition/b1/2025-10-31")).toEqual({ count: 1, entry: 10 });
  });

  test("an archivist's key is replaced by an operator, and signs nothing but dispositions", () => {
    furnish();
    const next = testSigner("archivist 2");
    ledger.accept(
      cast.policy("retention.access", 0, { days: 60 }),
      twin.anchor(),
      cast.rotate(cast.archivist, next),
    );
    expect(refusal(cast.disposition())).toBe("tx.revoked-key");
    ledger.accept(cast.disposition({}, next));
    const hold = { hold: "h", building: "b1", from: "2026-01-01", reason: "x" };
    expect(refusal(cast.sign(next, "hold.place", hold))).toBe("tx.not-permitted");
  });

  test("two histories suspend a gateway, whoever enrolled shows them", () => {
    furnish();
    const other = new GatewayTwin("gw-1").append("genesis", "one", "other");
    ledger.accept(cast.equivocation("gw-1", twin.note(), other.note(), testSigner("device d1")));
    expect(ledger.value("gateway/gw-1")).toMatchObject({ status: "suspended" });
    expect(refusal(twin.anchor())).toBe("anchor.suspended");
  });

  test("a leaf carries its transaction and the hash of its effects, in write order, each key once", () => {
    const transaction = cast.building("b1");
    const { leaves } = ledger.apply([transaction]);
    const { leaf, effects } = leaves[0]!;
    expect(decodeLedgerEntry(leaf)).toEqual({
      height: 1,
      time: GENESIS_TIME + 1_000,
      transaction,
      code: 0,
      effects: sha256(effects),
    });
    const kid = keyThumbprint(cast.operator.publicKey);
    const id = toHex(sha256(concat(kid, decodedPayload(transaction))));
    const keys = decodeEffects(effects).map(([key]) => key);
    expect(keys).toEqual(["building/b1", stateKey.sequence(kid), `tx/${id}`]);
  });

  test("a later transaction of a block sees the earlier ones", () => {
    const { results } = ledger.apply([
      cast.gateway("gw-1", "b1"),
      cast.building("b1"),
      cast.gateway("gw-2", "b1"),
    ]);
    expect(results).toMatchObject([
      { code: "registry.unknown-building" },
      { ok: true, index: 1 },
      { ok: true, index: 2 },
    ]);
  });

  test("the 10,000th leaf, and no other, carries the state hash", () => {
    expect([9_999, 10_000, 10_001].map((size) => wantsStateHash(size, 1))).toEqual([
      false,
      true,
      false,
    ]);
    expect([9_998, 9_999].map((size) => wantsStateHash(size, 2))).toEqual([false, true]);
    expect(wantsStateHash(1, 9_999)).toBe(false);
    expect(wantsStateHash(1, 10_000)).toBe(true);
    ledger.size = STATE_HASH_LEAVES - 1;
    const stateHash = sha256(utf8("state"));
    const { leaves } = ledger.apply(
      [cast.building("b1"), cast.building("b2"), cast.building("b3")],
      { stateHash },
    );
    expect(leaves.map(({ leaf }) => decodeLedgerEntry(leaf).state)).toEqual([
      undefined,
      stateHash,
      undefined,
    ]);
    ledger.size = STATE_HASH_LEAVES;
    expect(() => ledger.apply([cast.building("b4")])).toThrow(/needs the state hash/);
  });
});

describe("refusals", () => {
  const seen = new Set<RefusalCode>();
  const device = (changes: Record<string, Encodable>) => cast.device("d9", "b1", changes);
  const point = (changes: Record<string, Encodable>) =>
    device({ points: [{ name: "t", unit: "Cel", kind: "gauge", ...changes }] });
  const smallOrder = new Uint8Array(32);

  const examples: readonly (readonly [RefusalCode, string, () => Uint8Array])[] = [
    ["tx.malformed", "no CBOR", () => utf8("hello")],
    ["tx.malformed", "too long", () => new Uint8Array(61_441)],
    [
      "tx.malformed",
      "another content type",
      () =>
        encodeSign1({
          header: new Map<number, Encodable>([
            [HEADER.contentType, 112],
            [HEADER.keyId, kidOf("operator")],
          ]),
          payload: utf8("x"),
          signer: cast.operator,
        }),
    ],
    [
      "tx.ledger",
      "meant for another ledger",
      () =>
        cast.sign(cast.operator, "building.register", {}, 1_000, "ledger.muniment.example/other"),
    ],
    ["tx.unknown-key", "nobody", () => cast.sign(testSigner("nobody"), "building.register", {})],
    [
      "tx.revoked-key",
      "revoked",
      () =>
        after(
          ledger.accept(cast.revoke(testSigner("device d1"))),
          cast.rotate(testSigner("device d1"), testSigner("n"), testSigner("device d1")),
        ),
    ],
    ["tx.signature", "one flipped bit", () => flipLast(cast.building("b2"))],
    [
      "tx.replay",
      "the same number again",
      () =>
        cast.sign(
          cast.operator,
          "building.register",
          { building: "b2", name: "B", zone: "UTC" },
          1,
        ),
    ],
    [
      "tx.replay",
      "the last number of its key, with another body",
      () =>
        cast.sign(
          cast.operator,
          "building.register",
          { building: "b2", name: "B", zone: "UTC" },
          3,
        ),
    ],
    ["tx.unknown-kind", "no such kind", () => cast.sign(cast.operator, "building.demolish", {})],
    [
      "tx.not-permitted",
      "a device enrols a building",
      () => cast.sign(testSigner("device d1"), "building.register", {}),
    ],
    ["tx.not-permitted", "an operator anchors", () => cast.sign(cast.operator, "anchor", {})],
    [
      "tx.not-permitted",
      "a gateway anchors for another",
      () =>
        after(
          ledger.accept(cast.gateway("gw-2", "b1")),
          cast.sign(
            testSigner("gateway gw-2"),
            "anchor",
            { gateway: "gw-1", checkpoint: twin.note(), proof: [] },
            3,
          ),
        ),
    ],
    [
      "tx.not-permitted",
      "a device rotates another's key",
      () => cast.rotate(twin.signer, testSigner("n"), testSigner("device d1")),
    ],
    ["registry.body", "a field too many", () => cast.building("b2", { colour: "red" })],
    ["registry.body", "a trust that is none", () => cast.device("d2", "b1", { trust: "surely" })],
    [
      "registry.body",
      "an area that is no whole number",
      () => cast.building("b2", { grossFt2: 10.5 }),
    ],
    ...(
      [
        ["six days", Array(6).fill([])],
        ["a day that is no list", [480, [], [], [], [], [], []]],
        ["an interval of one end", [[[480]], [], [], [], [], [], []]],
        ["an interval past midnight", [[[480, 1_441]], [], [], [], [], [], []]],
        ["an interval that ends before it begins", [[[480, 480]], [], [], [], [], [], []]],
        [
          "intervals that overlap",
          [
            [
              [480, 720],
              [719, 900],
            ],
            [],
            [],
            [],
            [],
            [],
            [],
          ],
        ],
        ["nine intervals a day", [Array(9).fill([0, 1]), [], [], [], [], [], []]],
      ] as const
    ).map(
      ([why, hours]) =>
        ["registry.body", `hours: ${why}`, () => cast.building("b2", { hours })] as const,
    ),
    ...(
      [
        ["a day that is not in the calendar", ["2026-02-29"]],
        ["another way to write a date", ["2026-7-3"]],
        ["out of order", ["2026-12-25", "2026-07-03"]],
        ["one twice", ["2026-07-03", "2026-07-03"]],
        ["a number", [20_260_703]],
      ] as const
    ).map(
      ([why, holidays]) =>
        ["registry.body", `holidays: ${why}`, () => cast.building("b2", { holidays })] as const,
    ),
    ["registry.body", "no places", () => cast.places("b1")],
    [
      "registry.body",
      "a place of another building",
      () => cast.places("b1", { place: "b2/floor-1", kind: "floor" }),
    ],
    [
      "registry.body",
      "a place of unknown kind",
      () => cast.places("b1", { place: "b1/x", kind: "wing" }),
    ],
    [
      "registry.body",
      "a floor with a use",
      () => cast.places("b1", { place: "b1/x", kind: "floor", use: "office" }),
    ],
    [
      "registry.body",
      "a place twice",
      () => cast.places("b1", { place: "b1/x", kind: "floor" }, { place: "b1/x", kind: "room" }),
    ],
    [
      "registry.body",
      "a field of a place too many",
      () => cast.places("b1", { place: "b1/x", kind: "room", owner: "x" }),
    ],
    [
      "registry.body",
      "a policy value that is too long",
      () => cast.policy("x", 0, "x".repeat(4_096)),
    ],
    ["registry.body", "a policy without source", () => cast.policy("x", 0, 1, "")],
    ["registry.body", "a hold of half a date", () => cast.hold("h", "b1", { from: "2026-01" })],
    [
      "registry.body",
      "a hold that ends before it begins",
      () => cast.hold("h", "b1", { to: "2025-12-31" }),
    ],
    ["registry.unknown-building", "place", () => cast.places("b9", { place: "b9", kind: "site" })],
    ["registry.unknown-building", "hold", () => cast.hold("h", "b9")],
    ["registry.unknown-bridge", "not enrolled", () => device({ bridge: "d7" })],
    [
      "registry.unknown-bridge",
      "of another building",
      () =>
        after(
          ledger.accept(cast.building("b2"), cast.device("d2", "b2")),
          device({ bridge: "d2" }),
        ),
    ],
    [
      "policy.order",
      "before the last",
      () => after(ledger.accept(cast.policy("x", 2, 1)), cast.policy("x", 1, 1)),
    ],
    ["policy.value", "retention by no days", () => cast.policy("retention.access", 0, { days: 0 })],
    ["policy.value", "retention as a bare number", () => cast.policy("retention.access", 0, 30)],
    [
      "policy.value",
      "retention with a field too many",
      () => cast.policy("retention.access", 0, { days: 30, hours: 1 }),
    ],
    [
      "policy.full",
      "1,024 values",
      () => {
        const steps = Array(1_024).fill({ from: 0, value: 0, citation: "x" });
        ledger.state.set("policy/x", encode(steps));
        return cast.policy("x", 0, 0);
      },
    ],
    [
      "disposition.policy",
      "no policy",
      () => after(ledger.accept(twin.anchor()), cast.disposition()),
    ],
    ["disposition.policy", "one of another time", () => disposed({ from: 1 })],
    ["disposition.policy", "another source", () => disposed({ citation: "because" })],
    [
      "disposition.policy",
      "the former value, since another is in force",
      () =>
        after(
          disposed(),
          after(
            ledger.accept(cast.policy("retention.access", 5, { days: 1 }, "GRS 5.6 item 090")),
            cast.disposition(),
          ),
        ),
    ],
    ["disposition.early", "a day too soon", () => disposed({ day: "2025-11-02" })],
    ["disposition.range", "more than is anchored", () => disposed({ entries: [3, 1] })],
    [
      "disposition.held",
      "by a hold with an end",
      () =>
        after(
          ledger.accept(cast.hold("h", "b1", { from: "2025-11-01", to: "2025-11-01" })),
          disposed(),
        ),
    ],
    [
      "disposition.held",
      "by a hold without one",
      () =>
        after(
          ledger.accept(
            cast.sign(cast.operator, "hold.place", {
              hold: "h",
              building: "b1",
              from: "2025-01-01",
              reason: "x",
            }),
          ),
          disposed(),
        ),
    ],
    ["anchor.unknown-gateway", "disposition", () => disposed({ gateway: "gw-9" })],
    ["registry.unknown-building", "not that of the gateway", () => disposed({ building: "b2" })],
    ["registry.body", "disposition: no date", () => disposed({ day: "2025-11-31" })],
    ["registry.body", "disposition: a count that is not the sum", () => disposed({ count: 2 })],
    [
      "registry.body",
      "disposition: stretches that touch",
      () => disposed({ entries: [0, 1, 0, 1], count: 2 }),
    ],
    ["registry.body", "disposition: a field too many", () => disposed({ why: "x" })],
    [
      "tx.not-permitted",
      "a gateway disposes",
      () => after(ledger.accept(twin.anchor()), cast.disposition({}, testSigner("device d1"))),
    ],
    ["hold.unknown", "never placed", () => cast.release("h")],
    [
      "hold.unknown",
      "released before",
      () => after(ledger.accept(cast.hold("h", "b1"), cast.release("h")), cast.release("h")),
    ],
    [
      "hold.full",
      "256 in force",
      () => {
        ledger.state.set("holds/b1", encode(Array(256).fill("h")));
        return cast.hold("h-257", "b1");
      },
    ],
    [
      "tx.not-permitted",
      "a device places a hold",
      () => cast.sign(testSigner("device d1"), "hold.place", {}),
    ],
    ["registry.body", "no zone", () => cast.building("b2", { zone: "" })],
    ["registry.body", "control characters", () => cast.building("b2", { name: "a\u0007b" })],
    ["registry.body", "upper case id", () => cast.building("B2")],
    ["registry.body", "place in another building", () => device({ place: "b2/floor-1" })],
    [
      "registry.body",
      "place that only begins like the building",
      () => device({ place: "b10/floor-1" }),
    ],
    ["registry.body", "no URN", () => device({ urn: "d9" })],
    [
      "registry.body",
      "a point name twice",
      () => device({ points: [1, 2].map(() => ({ name: "t", unit: "Cel", kind: "gauge" })) }),
    ],
    ["registry.body", "a point of unknown kind", () => point({ kind: "guess" })],
    ["registry.body", "an interval point without interval", () => point({ kind: "interval" })],
    ["registry.body", "a point with a dot in its name", () => point({ name: "a.b" })],
    ["registry.body", "a point that is no map", () => device({ points: ["t"] })],
    ["registry.body", "a key of 31 bytes", () => device({ key: new Uint8Array(31) })],
    ["registry.body", "a note that is none", () => twin.anchor({ checkpoint: "hello" })],
    [
      "registry.body",
      "one note for two",
      () => cast.sign(cast.operator, "equivocation", { gateway: "gw-1", notes: [twin.note()] }),
    ],
    [
      "registry.exists",
      "a device id twice",
      () => cast.device("d1", "b1", { key: testSigner("other").publicKey }),
    ],
    [
      "registry.exists",
      "a gateway id twice",
      () => cast.gateway("gw-1", "b1", { key: testSigner("other").publicKey }),
    ],
    ["registry.unknown-building", "device", () => cast.device("d9", "b9")],
    ["registry.unknown-building", "gateway", () => cast.gateway("gw-9", "b9")],
    ["registry.unknown-key", "revoke", () => cast.revoke(testSigner("nobody"))],
    [
      "registry.not-active",
      "revoked twice",
      () =>
        after(
          ledger.accept(cast.revoke(testSigner("device d1"))),
          cast.revoke(testSigner("device d1")),
        ),
    ],
    [
      "registry.key-in-use",
      "another device has it",
      () => device({ key: testSigner("device d1").publicKey }),
    ],
    [
      "registry.key-in-use",
      "it was revoked before",
      () =>
        after(
          ledger.accept(cast.revoke(testSigner("device d1"))),
          device({ key: testSigner("device d1").publicKey }),
        ),
    ],
    [
      "registry.key-in-use",
      "one key for a gateway and its log",
      () => cast.gateway("gw-9", "b1", { logKey: testSigner("gateway gw-9").publicKey }),
    ],
    [
      "registry.key-in-use",
      "a log key that signs for a device",
      () => cast.gateway("gw-9", "b1", { logKey: testSigner("device d1").publicKey }),
    ],
    ["registry.bad-key", "of small order", () => device({ key: smallOrder })],
    [
      "registry.bad-key",
      "of small order, for a log",
      () => cast.gateway("gw-9", "b1", { logKey: smallOrder }),
    ],
    [
      "registry.proof",
      "not signed by the new key",
      () =>
        cast.sign(cast.operator, "key.rotate", {
          kid: kidOf("device d1"),
          key: testSigner("n").publicKey,
          proof: new Uint8Array(64),
        }),
    ],
    ["registry.last-operator", "nobody would be left", () => cast.revoke(cast.operator)],
    ["anchor.unknown-gateway", "anchor", () => twin.anchor({ gateway: "gw-9" })],
    [
      "anchor.unknown-gateway",
      "equivocation",
      () => cast.equivocation("gw-9", twin.note(), twin.note()),
    ],
    [
      "anchor.suspended",
      "after equivocation",
      () =>
        after(ledger.accept(cast.equivocation("gw-1", twin.note(), fork().note())), twin.anchor()),
    ],
    [
      "anchor.signature",
      "signed by another key",
      () => twin.anchor({ checkpoint: twin.note(testSigner("nobody")) }),
    ],
    [
      "anchor.origin",
      "another log",
      () => twin.anchor({ checkpoint: twin.note(twin.logSigner, `${ORIGIN}/gw/gw-2`) }),
    ],
    ["anchor.sequence", "seq is not the size", () => twin.anchor({}, 7)],
    [
      "anchor.not-larger",
      "smaller, by a key that is new",
      () =>
        after(
          ledger.accept(twin.anchor(), cast.rotate(twin.signer, testSigner("gateway new"))),
          cast.sign(
            testSigner("gateway new"),
            "anchor",
            { gateway: "gw-1", checkpoint: twin.note(), proof: [sha256(utf8("x"))] },
            3,
          ),
        ),
    ],
    [
      "anchor.inconsistent",
      "no proof",
      () => after(ledger.accept(twin.anchor()), twin.append("three").anchor({ proof: [] })),
    ],
    [
      "anchor.inconsistent",
      "a proof where there is nothing to extend",
      () => twin.anchor({ proof: [sha256(utf8("x"))] }),
    ],
    [
      "anchor.inconsistent",
      "another history",
      () =>
        after(
          ledger.accept(twin.anchor()),
          fork()
            .append("three")
            .anchor({ proof: fork().append("three").proof(3) }),
        ),
    ],
    ["equivocation.same", "one root", () => cast.equivocation("gw-1", twin.note(), twin.note())],
    [
      "equivocation.same",
      "two sizes",
      () => cast.equivocation("gw-1", twin.note(), twin.append("three").note()),
    ],
    [
      "equivocation.signature",
      "by another key",
      () => cast.equivocation("gw-1", twin.note(), fork().note(testSigner("nobody"))),
    ],
  ];

  for (const [code, why, make] of examples) {
    test(`${code}: ${why}`, () => {
      furnish();
      const transaction = make();
      expect(refusal(transaction)).toBe(code);
      seen.add(code);
    });
  }

  test("tx.duplicate: says where the first one stands, even when the key has ended since", () => {
    furnish();
    const rotation = cast.rotate(
      testSigner("device d1"),
      testSigner("new"),
      testSigner("device d1"),
    );
    ledger.accept(rotation);
    expect(resultOf(rotation)).toMatchObject({ ok: false, code: "tx.duplicate", index: 4 });
    seen.add("tx.duplicate");
  });

  test("every code has its example", () => {
    expect([...seen].sort()).toEqual(Object.keys(REFUSALS).sort());
  });

  /** A disposition that nothing but the changes speaks against; the day is over everywhere since 15 hours. */
  function disposed(changes: Record<string, Encodable> = {}): Uint8Array {
    const days = (GENESIS_TIME - Date.parse("2025-11-02T00:00:00Z")) / 86_400_000;
    ledger.accept(twin.anchor(), cast.policy("retention.access", 0, { days }));
    return cast.disposition(changes);
  }

  function fork(): GatewayTwin {
    return new GatewayTwin("gw-1").append("genesis", "one", "another two");
  }
});

/** Applies one transaction that must be refused, and must leave no trace. */
function resultOf(transaction: Uint8Array): Result {
  const before = new Map(ledger.state);
  const { results, writes, leaves } = ledger.apply([transaction]);
  expect(writes).toEqual([]);
  expect(leaves).toEqual([]);
  expect(ledger.state).toEqual(before);
  return results[0]!;
}

function refusal(transaction: Uint8Array): string | null {
  const result = resultOf(transaction);
  return result.ok ? null : result.code;
}

/** The transaction, made after something else was done. */
function after(_done: unknown, transaction: Uint8Array): Uint8Array {
  return transaction;
}

function flipLast(bytes: Uint8Array): Uint8Array {
  const flipped = bytes.slice();
  flipped[flipped.length - 1]! ^= 1;
  return flipped;
}

function decodedPayload(transaction: Uint8Array): Uint8Array {
  return (decode(transaction.subarray(1)) as readonly Uint8Array[])[2]!;
}
