// All rules over a small building: the same alarms in whatever batches, with whatever ticks, and through restarts; and what each kind of rule rings for.

import { type Encodable, encode } from "@muniment/core";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { type PointRecord, Registry } from "../read-model/registry.ts";
import type { Alarm } from "./alarm.ts";
import { Evaluator, type Kept, type World } from "./evaluator.ts";
import { parseRule } from "./rule.ts";
import type { Step } from "./step.ts";

const minute = 60_000;
const hour = 60 * minute;
const start = Date.UTC(2026, 5, 1, 12);
const dayMs = 24 * hour;

function buildingOf(devices: readonly string[]): Registry {
  const registry = new Registry();
  const write = (key: string, value: Record<string, Encodable>): void =>
    registry.write(key, encode(value), start);
  write("building/b1", { building: "b1", name: "B 1", zone: "America/New_York", registry: 0 });
  write("gateway/gw-1", { building: "b1", origin: "o", size: 0, status: "active", anchors: 0 });
  for (const device of devices) enrol(registry, device);
  return registry;
}

function enrol(registry: Registry, device: string, status = "active"): void {
  const kid = new TextEncoder().encode(device);
  const hex = [...kid].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const key = { role: "device", subject: device, key: kid, status, building: "b1" };
  registry.write(`key/${hex}`, encode({ ...key, from: 0, until: null }), start);
  const points = [{ name: "co2", unit: "ppm", kind: "gauge", interval: 60 }];
  const facts = { building: "b1", place: `b1/${device}`, urn: `urn:${device}`, kid, points };
  registry.write(`device/${device}`, encode(facts), start);
}

/** One ledger entry in which gw-1 delivers: readings [device, minutes, value], and how many entries do not count. */
function delivery(
  index: number,
  minutes: number,
  readings: readonly (readonly [device: string, minutes: number, value: number])[],
  refused = 0,
): Plan {
  return { index, time: start + minutes * minute, readings, refused };
}
interface Plan {
  readonly index: number;
  readonly time: number;
  readonly readings: readonly (readonly [device: string, minutes: number, value: number])[];
  readonly refused: number;
}

function stepOf({ index, time, readings, refused }: Plan, registry: Registry): Step {
  const at = (minutes: number): number => start + minutes * minute;
  const devices = [...new Set(readings.map(([device]) => device))];
  return {
    index,
    time,
    registry: false,
    enrolled: [],
    heard: devices.map((device) => ({ device, gateway: "gw-1", index })),
    delivered: [
      {
        gateway: "gw-1",
        newest: readings.length === 0 ? null : Math.max(...readings.map(([, t]) => at(t))),
        index,
        refused,
        refusedIndex: refused > 0 ? index : null,
      },
    ],
    readings: readings.map(([device, minutes, v]) => ({
      point: registry.points.get(`${device}.co2`)!,
      t: at(minutes),
      v,
      clockless: false,
      gateway: "gw-1",
      index,
    })),
  };
}

/** Counts what came, as the ledger stood. */
function worldOf(registry: Registry, plans: readonly Plan[]): World {
  return {
    registry: () => registry,
    received: async (points, from, to, before) =>
      new Map(
        points.map((point: PointRecord) => {
          const slots = plans
            .filter(({ index }) => index < before)
            .flatMap(({ readings }) => readings)
            .filter(([device]) => device === point.device)
            .map(([, minutes]) => start + minutes * minute)
            .filter((t) => t >= from && t < to)
            .map((t) => Math.floor(t / (point.interval! * 1000)));
          return [point.no, new Set(slots).size];
        }),
      ),
  };
}

const NOTHING: Kept = { rules: [], states: [], known: [] };
const RULES = [
  { id: "co2", kind: "above", limit: 1_000, clear: 800, forSeconds: 120, clearForSeconds: 60 },
  { id: "fast", kind: "rate-above", limit: 300, perSeconds: 60, holdOffSeconds: 0 },
  { id: "silent", kind: "silence", intervals: 3, atLeastSeconds: 0 },
  { id: "late", kind: "gateway-lag", limitSeconds: 240, clearSeconds: 120 },
  { id: "bad", kind: "quarantine", limit: 2, windowSeconds: 300 },
  { id: "few", kind: "completeness", limit: 0.8, windowSeconds: 600, settleSeconds: 60 },
].map(parseRule);

/** Everything that came out, alarms as they last were. */
class Outcome {
  readonly alarms = new Map<string, Alarm>();
  readonly opened: string[] = [];
  take(evaluator: Evaluator): Kept {
    const taken = evaluator.take();
    for (const { event, alarm } of taken.outputs) {
      if (event === "opened") this.opened.push(alarm.id);
      this.alarms.set(alarm.id, alarm);
    }
    return taken;
  }
  list(): readonly Alarm[] {
    return [...this.alarms.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}

describe("whatever the batches", () => {
  const plansOf = fc
    .array(
      fc.record({
        wait: fc.integer({ min: 1, max: 8 }),
        refused: fc.constantFrom(0, 0, 1, 3),
        readings: fc.array(
          fc.tuple(
            fc.constantFrom("a", "b"),
            fc.integer({ min: 0, max: 6 }),
            fc.constantFrom(500, 790, 900, 1_100, 1_500),
          ),
          { maxLength: 6 },
        ),
      }),
      { minLength: 1, maxLength: 25 },
    )
    .map((items) => {
      let at = 1;
      return items.map(({ wait, refused, readings }, i) => {
        at += wait;
        return delivery(
          i + 1,
          at,
          readings.map(([device, age, value]) => [device, at - age, value]),
          refused,
        );
      });
    });
  /** Between two entries: how many ticks, and whether the node starts anew. */
  const breaksOf = fc.array(
    fc.record({ ticks: fc.integer({ min: 0, max: 4 }), restart: fc.boolean() }),
    {
      minLength: 25,
      maxLength: 25,
    },
  );

  it("the same readings give the same alarms, each opened once", async () => {
    await fc.assert(
      fc.asyncProperty(plansOf, breaksOf, async (plans, breaks) => {
        const registry = buildingOf(["a", "b"]);
        const world = worldOf(registry, plans);
        const end = plans.at(-1)!.time + 3 * hour;
        const begin = (): Evaluator => {
          const evaluator = new Evaluator(world, dayMs, NOTHING);
          for (const rule of RULES) evaluator.add(rule, start);
          return evaluator;
        };

        const whole = new Outcome();
        const atOnce = begin();
        for (const plan of plans) await atOnce.step(stepOf(plan, registry));
        await atOnce.tick(end);
        whole.take(atOnce);

        const parts = new Outcome();
        let evaluator = begin();
        let kept: Kept = NOTHING;
        let time = start;
        for (const [i, plan] of plans.entries()) {
          const { ticks, restart } = breaks[i % breaks.length]!;
          for (let n = 1; n <= ticks; n += 1)
            await evaluator.tick(
              time + Math.floor(((plan.time - time) * n) / (ticks + 1)),
              plan.index,
            );
          time = plan.time;
          if (restart) {
            kept = merged(kept, parts.take(evaluator));
            evaluator = new Evaluator(world, dayMs, JSON.parse(JSON.stringify(kept)) as Kept);
          }
          await evaluator.step(stepOf(plan, registry));
        }
        for (let at = time; at < end; at += 7 * minute) await evaluator.tick(at);
        await evaluator.tick(end);
        parts.take(evaluator);

        expect(new Set(parts.opened).size).toBe(parts.opened.length);
        expect(parts.list().map(withoutFinding)).toEqual(whole.list().map(withoutFinding));
      }),
      { numRuns: 300 },
    );
  });

  /** When an alarm was found is the tick's, not the reading's. */
  function withoutFinding({ foundAt: _, ...alarm }: Alarm): Omit<Alarm, "foundAt"> {
    return alarm;
  }

  function merged(kept: Kept, changes: Kept): Kept {
    const key = ({ rule, subject }: Kept["states"][number]): string => `${rule}/${subject}`;
    return {
      rules: [
        ...new Map([...kept.rules, ...changes.rules].map((rule) => [rule.rule.id, rule])).values(),
      ],
      states: [
        ...new Map(
          [...kept.states, ...changes.states].map((state) => [key(state), state]),
        ).values(),
      ],
      known: [...new Map([...kept.known, ...changes.known]).entries()],
    };
  }
});

describe("each kind", () => {
  let registry: Registry;
  let outcome: Outcome;
  beforeEach(() => {
    registry = buildingOf(["a", "b"]);
    outcome = new Outcome();
  });

  async function run(
    body: object,
    plans: readonly Plan[],
    end: number,
  ): Promise<readonly string[]> {
    const evaluator = new Evaluator(worldOf(registry, plans), dayMs, NOTHING);
    evaluator.add(parseRule(body), start);
    for (const plan of plans) await evaluator.step(stepOf(plan, registry));
    await evaluator.tick(start + end * minute);
    outcome.take(evaluator);
    return outcome.list().map(({ subject, openedAt, closedAt, says }) => {
      const minutes = (ms: number | null): string =>
        ms === null ? "" : String((ms - start) / minute);
      return `${subject.id} ${minutes(openedAt)}–${minutes(closedAt)}: ${says}`;
    });
  }

  it("above: names the reading that proves it", async () => {
    const plans = [
      delivery(1, 1, [
        ["a", 1, 1_100],
        ["b", 1, 1_100],
      ]),
      delivery(2, 2, [["a", 2, 1_240]]),
      delivery(3, 3, [["a", 3, 700]]),
    ];
    const rule = { id: "co2", kind: "above", limit: 1_000, forSeconds: 60, where: { device: "a" } };
    expect(await run(rule, plans, 10)).toEqual([
      "a.co2 2–3: a.co2 (b1/a) reads 1240 ppm, above 1000 ppm for 1 minute",
    ]);
    expect(outcome.list()[0]).toMatchObject({
      value: 1_240,
      worst: 1_240,
      since: start + minute,
      proof: {
        gateway: "gw-1",
        index: 2,
        point: "a.co2",
        time: start + 2 * minute,
        clockless: false,
      },
    });
  });

  it("rate: rings for the slope", async () => {
    const plans = [
      delivery(1, 3, [
        ["a", 1, 400],
        ["a", 2, 500],
        ["a", 3, 900],
      ]),
    ];
    expect(
      await run({ id: "r", kind: "rate-above", limit: 300, perSeconds: 60 }, plans, 3),
    ).toEqual([
      "a.co2 3–: a.co2 (b1/a) changes by 400 ppm per 1 minute, above 300 ppm per 1 minute",
    ]);
  });

  it("silence: of each device for itself, from the rule's beginning", async () => {
    const plans = [delivery(1, 2, [["a", 2, 1]]), delivery(2, 9, [["a", 9, 1]])];
    expect(await run({ id: "s", kind: "silence", atLeastSeconds: 0 }, plans, 10)).toEqual([
      "b 3–: b (b1/b) has been silent for more than 3 minutes",
      "a 5–9: a (b1/a) has been silent for more than 3 minutes",
    ]);
  });

  it("silence: not of a device that is enrolled later, nor of one whose key ended", async () => {
    const evaluator = new Evaluator(worldOf(registry, []), dayMs, NOTHING);
    const rule = { id: "s", kind: "silence", atLeastSeconds: 0, holdOffSeconds: 0 };
    evaluator.add(parseRule(rule), start);
    // The registry runs ahead of the entry in hand.
    enrol(registry, "later");
    enrol(registry, "b", "revoked");
    await evaluator.step(stepOf(delivery(1, 10, [["a", 10, 1]]), registry));
    const enrolment = { ...stepOf(delivery(2, 11, []), registry), registry: true };
    await evaluator.step({ ...enrolment, enrolled: ["later"] });
    await evaluator.tick(start + 13.5 * minute);
    outcome.take(evaluator);
    expect(
      outcome.list().map(({ subject, openedAt }) => [subject.id, (openedAt - start) / minute]),
    ).toEqual([
      ["a", 3],
      ["a", 13],
    ]);
    await evaluator.tick(start + 15 * minute);
    outcome.take(evaluator);
    expect(outcome.list().at(-1)).toMatchObject({
      subject: { id: "later" },
      openedAt: start + 14 * minute,
    });
    // What is watched no more rings no more.
    enrol(registry, "later", "revoked");
    await evaluator.step({ ...stepOf(delivery(3, 20, []), registry), registry: true });
    outcome.take(evaluator);
    expect(outcome.list().at(-1)).toMatchObject({ closedBecause: "no longer watched" });
  });

  it("silence: a node that was down blames nobody for it", async () => {
    const evaluator = new Evaluator(worldOf(registry, []), dayMs, NOTHING);
    evaluator.add(parseRule({ id: "s", kind: "silence", atLeastSeconds: 0 }), start);
    evaluator.deaf(start + 60 * minute);
    await evaluator.tick(start + 62 * minute);
    outcome.take(evaluator);
    expect(outcome.list()).toEqual([]);
    await evaluator.tick(start + 64 * minute);
    outcome.take(evaluator);
    expect(outcome.list()).toHaveLength(2);
  });

  it("gateway-lag: rings for old deliveries as for none", async () => {
    const rule = { id: "g", kind: "gateway-lag", limitSeconds: 300, clearSeconds: 60 };
    const plans = [
      delivery(1, 4, [["a", 4, 1]]),
      delivery(2, 20, [["a", 10, 1]]),
      delivery(3, 21, [["a", 20.5, 1]]),
    ];
    expect(await run(rule, plans, 22)).toEqual([
      "gw-1 9–21: The newest statement from gateway gw-1 is older than 5 minutes",
    ]);
  });

  it("quarantine: rings at once, and clears after a window with few", async () => {
    const rule = { id: "q", kind: "quarantine", limit: 2, clear: 0, windowSeconds: 300 };
    const plans = [
      delivery(1, 1, [], 2),
      delivery(2, 2, [], 1),
      delivery(3, 7, [], 1),
      delivery(4, 30, []),
    ];
    expect(await run(rule, plans, 31)).toEqual([
      "gw-1 2–15: 3 entries of gateway gw-1 do not count, more than 2 in 5 minutes",
    ]);
    expect(outcome.list()[0]?.proof).toEqual({
      gateway: "gw-1",
      index: 2,
      point: null,
      time: null,
      clockless: false,
    });
  });

  it("completeness: judges whole windows, when they have settled, of points and of buildings", async () => {
    const rule = {
      id: "c",
      kind: "completeness",
      limit: 0.9,
      windowSeconds: 600,
      settleSeconds: 120,
    };
    const everyMinute = (device: string, from: number, to: number) =>
      Array.from({ length: to - from }, (_, i): readonly [string, number, number] => [
        device,
        from + i,
        1,
      ]);
    const plans = [
      delivery(1, 11, [...everyMinute("a", 0, 10), ...everyMinute("b", 0, 8)]),
      // What b missed comes after the window was judged.
      delivery(2, 13, everyMinute("b", 8, 10)),
      delivery(3, 21, [...everyMinute("a", 10, 20), ...everyMinute("b", 10, 20)]),
    ];
    expect(await run(rule, plans, 23)).toEqual([
      "b.co2 10–20: b.co2 (b1/b): 80 % of the readings expected in 10 minutes came, below 90 %",
    ]);
    outcome = new Outcome();
    const building = { ...rule, of: "building", limit: 0.95 };
    expect(await run(building, plans, 23)).toEqual([
      "b1 10–20: b1: 90 % of the readings expected in 10 minutes came, below 95 %",
    ]);
  });

  it("open hours: rings within them, and ends with them", async () => {
    // Open from 8:00 to 9:00 in New York: noon to 13:00 of UTC.
    const hours = Array.from({ length: 7 }, () => [[480, 540]]);
    const facts = { building: "b1", name: "B 1", zone: "America/New_York", registry: 0 };
    registry.write("building/b1", encode({ ...facts, hours, holidays: [] }), start);
    const plans = [
      delivery(1, 30, [["a", 30, 1_100]]),
      delivery(2, 61, [
        ["a", 59, 1_100],
        ["a", 60, 1_100],
        ["a", 61, 1_100],
      ]),
    ];
    const co2 = { id: "co2", kind: "above", limit: 1_000, during: "open", where: { device: "a" } };
    expect(await run(co2, plans, 90)).toEqual([
      "a.co2 30–60: a.co2 (b1/a) reads 1100 ppm, above 1000 ppm",
    ]);
    outcome = new Outcome();
    const after = { ...co2, during: "closed", limit: 1_050 };
    expect(await run(after, plans, 90)).toEqual([
      "a.co2 60–: a.co2 (b1/a) reads 1100 ppm, above 1050 ppm",
    ]);
    outcome = new Outcome();
    const silent = {
      id: "s",
      kind: "silence",
      atLeastSeconds: 600,
      during: "open",
      holdOffSeconds: 0,
    };
    expect([...(await run(silent, plans, 24 * 60 + 11))].sort()).toEqual([
      "a 10–30: a (b1/a) has been silent for more than 10 minutes",
      "a 1450–: a (b1/a) has been silent for more than 10 minutes",
      "a 40–60: a (b1/a) has been silent for more than 10 minutes",
      "b 10–60: b (b1/b) has been silent for more than 10 minutes",
      "b 1450–: b (b1/b) has been silent for more than 10 minutes",
    ]);
  });

  it("completeness: owes nothing for the time before a device was enrolled", async () => {
    const plans = [delivery(1, 11, []), delivery(2, 21, [])];
    const evaluator = new Evaluator(worldOf(registry, plans), dayMs, NOTHING);
    const rule = {
      id: "c",
      kind: "completeness",
      limit: 0.9,
      windowSeconds: 600,
      settleSeconds: 0,
    };
    evaluator.add(parseRule({ ...rule, where: { device: "later" } }), start);
    enrol(registry, "later");
    const enrolment = { ...stepOf(delivery(0, 5, []), registry), registry: true };
    await evaluator.step({ ...enrolment, enrolled: ["later"] });
    for (const plan of plans) await evaluator.step(stepOf(plan, registry));
    outcome.take(evaluator);
    expect(outcome.list().map(({ openedAt }) => (openedAt - start) / minute)).toEqual([20]);
  });

  it("a reading from the future is not believed: what follows would all be late", async () => {
    const plans = [delivery(1, 1, [["a", 12, 5_000]]), delivery(2, 2, [["a", 2, 1_500]])];
    expect(await run({ id: "co2", kind: "above", limit: 1_000 }, plans, 3)).toEqual([
      "a.co2 2–: a.co2 (b1/a) reads 1500 ppm, above 1000 ppm",
    ]);
  });

  it("history: an alarm that is found a day late is told to nobody", async () => {
    const late = delivery(1, 26 * 60, [
      ["a", 1, 2_000],
      ["a", 25 * 60, 2_000],
    ]);
    const rule = { id: "co2", kind: "above", limit: 1_000 };
    await run(rule, [late], 26 * 60);
    expect(outcome.list()).toMatchObject([{ historic: true }]);
    outcome = new Outcome();
    await run(rule, [delivery(1, 26 * 60, [["a", 25 * 60, 2_000]])], 26 * 60);
    expect(outcome.list()).toMatchObject([{ historic: false }]);
  });

  it("a rule that is removed closes its alarms; one that rings within the hold-off goes on", async () => {
    const evaluator = new Evaluator(worldOf(registry, []), dayMs, NOTHING);
    evaluator.add(
      parseRule({ id: "co2", kind: "above", limit: 1_000, holdOffSeconds: 180 }),
      start,
    );
    for (const [minutes, value] of [
      [1, 1_500],
      [2, 700],
      [3, 1_400],
      [4, 700],
      [8, 1_100],
    ] as const)
      await evaluator.step(stepOf(delivery(minutes, minutes, [["a", minutes, value]]), registry));
    outcome.take(evaluator);
    expect(outcome.list()).toMatchObject([
      { reopened: 1, openedAt: start + minute, closedAt: start + 4 * minute, worst: 1_500 },
      { reopened: 0, openedAt: start + 8 * minute, closedAt: null },
    ]);
    evaluator.remove("co2", start + 9 * minute, "rule removed");
    outcome.take(evaluator);
    expect(outcome.list()[1]).toMatchObject({
      closedAt: start + 9 * minute,
      closedBecause: "rule removed",
    });
  });
});
