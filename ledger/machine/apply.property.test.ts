// The machine under random histories: refusals write nothing, effects are all there is to know, and blocks are only a grouping (D9).

import { decodeEffects, type Effect, encodeEffects, toHex } from "@muniment/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  GatewayTwin,
  GENESIS_TIME,
  LedgerCast,
  testGenesis,
  testSigner,
} from "../../test/conformance/ledger-cast.ts";
import { replay } from "../consensus/replay.ts";
import { loadGenesis } from "../genesis.ts";
import { applyBlock } from "./apply.ts";
import { genesisEffects } from "./genesis-effects.ts";

type Step = { readonly kind: string; readonly a: number; readonly b: number };

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom(
      "building",
      "gateway",
      "device",
      "rotate",
      "revoke",
      "anchor",
      "anchor",
      "equivocation",
      "places",
      "policy",
      "hold",
      "release",
      "retention",
      "disposition",
      "again",
      "noise",
    ),
    a: fc.nat(2),
    b: fc.nat(2),
  }),
  { minLength: 1, maxLength: 25 },
);

/** Turns steps into transactions, many of which cannot be accepted. */
function script(list: readonly Step[]): Uint8Array[] {
  const cast = new LedgerCast();
  const twins = [0, 1, 2].map((n) => new GatewayTwin(`gw-${n}`));
  const sent: Uint8Array[] = [];
  for (const [i, { kind, a, b }] of list.entries()) {
    const twin = twins[a]!;
    const device = testSigner(`device d${a}`);
    const next = (): Uint8Array => {
      switch (kind) {
        case "building":
          return cast.building(`b${a}`, { name: `name ${b}`, holidays: [`2026-0${b + 1}-01`] });
        case "gateway":
          return cast.gateway(`gw-${a}`, `b${b}`);
        case "device":
          return cast.device(`d${a}`, `b${b}`, a === 2 ? { bridge: "d1" } : {});
        case "rotate":
          return cast.rotate(
            device,
            testSigner(`device d${b} again`),
            b === 0 ? device : cast.operator,
          );
        case "revoke":
          return cast.revoke(b === 2 ? twin.signer : device);
        case "anchor":
          return twin.append(`entry ${i}`, `entry ${i} ${b}`).anchor();
        case "equivocation":
          return cast.equivocation(
            `gw-${a}`,
            new GatewayTwin(`gw-${a}`).append("x").note(),
            new GatewayTwin(`gw-${a}`).append(`y${b}`).note(),
          );
        case "places":
          return cast.places(`b${a}`, { place: `b${b}/floor-1`, kind: "floor" });
        case "policy":
          return cast.policy("tariff.electricity", 10 * a + b, new Map([[a, b]]));
        case "hold":
          return cast.hold(`h${b}`, `b${a}`, a === 2 ? { from: `2026-01-0${b + 1}` } : {});
        case "release":
          return cast.release(`h${b}`);
        case "retention":
          return cast.policy("retention.access", 0, { days: 30 });
        case "disposition":
          return cast.disposition({
            building: `b${a}`,
            gateway: `gw-${a}`,
            day: `2025-1${b}-01`,
            persons: b,
          });
        case "again":
          return sent[(7 * a + b) % Math.max(1, sent.length)] ?? new Uint8Array(0);
        default:
          return Uint8Array.of(0xd2, a, b);
      }
    };
    sent.push(next());
  }
  return sent;
}

/** Applies the script in blocks of the given sizes, in turn. */
function run(transactions: readonly Uint8Array[], blockSizes: readonly number[]) {
  const state = new Map<string, Uint8Array>();
  write(state, genesisEffects(loadGenesis(testGenesis())));
  const entries: { leaf: Uint8Array; effects?: Uint8Array }[] = [{ leaf: testGenesis() }];
  const codes: string[] = [];
  let height = 0;
  for (let at = 0, turn = 0; at < transactions.length; turn++) {
    const part = transactions.slice(at, at + blockSizes[turn % blockSizes.length]!);
    at += part.length;
    const before = new Map(state);
    const block = {
      height: height + 1,
      time: GENESIS_TIME + height + 1,
      size: entries.length,
      transactions: part,
    };
    const applied = applyBlock((key) => state.get(key), block);
    expect(state).toEqual(before); // pure: reading changed nothing
    if (applied.leaves.length > 0) height += 1;
    write(state, applied.writes);
    entries.push(...applied.leaves);
    codes.push(...applied.results.map((result) => (result.ok ? "ok" : result.code)));
  }
  return { state, entries, codes };
}

function write(state: Map<string, Uint8Array>, effects: readonly Effect[]): void {
  for (const [key, value] of effects) {
    if (value === null) state.delete(key);
    else state.set(key, value);
  }
}

const hexOf = (state: ReadonlyMap<string, Uint8Array>) =>
  Array.from(state, ([key, value]) => `${key} ${toHex(value)}`).sort();

test("replay of the log alone gives the state, and the state is the sum of the effects", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const { state, entries } = run(script(list), [3]);
      expect(hexOf((await replay(entries)).state)).toEqual(hexOf(state));
      const summed = new Map<string, Uint8Array>();
      write(summed, genesisEffects(loadGenesis(testGenesis())));
      for (const { effects } of entries.slice(1)) write(summed, decodeEffects(effects!));
      expect(hexOf(summed)).toEqual(hexOf(state));
    }),
    { seed: 7, numRuns: 40 },
  );
});

test("a history without its refused transactions is the same history", () => {
  fc.assert(
    fc.property(steps, (list) => {
      const transactions = script(list);
      const whole = run(transactions, [1]);
      const kept = run(
        transactions.filter((_, i) => whole.codes[i] === "ok"),
        [1],
      );
      expect(hexOf(kept.state)).toEqual(hexOf(whole.state));
      expect(kept.entries).toEqual(whole.entries);
    }),
    { seed: 8, numRuns: 40 },
  );
});

test("which blocks transactions stand in changes no verdict", () => {
  fc.assert(
    fc.property(
      steps,
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
      (list, sizes) => {
        const transactions = script(list);
        expect(run(transactions, sizes).codes).toEqual(run(transactions, [1]).codes);
      },
    ),
    { seed: 9, numRuns: 40 },
  );
});

test("effects name each key once and survive their encoding", () => {
  fc.assert(
    fc.property(steps, (list) => {
      for (const { effects } of run(script(list), [4]).entries.slice(1)) {
        const decoded = decodeEffects(effects!);
        expect(new Set(decoded.map(([key]) => key)).size).toBe(decoded.length);
        expect(encodeEffects(decoded)).toEqual(effects);
      }
    }),
    { seed: 10, numRuns: 40 },
  );
});
