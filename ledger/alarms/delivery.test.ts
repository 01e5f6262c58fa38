// Who is told what and when: the news of an alarm, its end, its return, and a storm of them.

import { beforeEach, describe, expect, it } from "vitest";
import { type Alarm, closeAlarm, openAlarm, reopenAlarm, type Subject } from "./alarm.ts";
import { type Delivery, type Desk, end, plan, type Storm } from "./delivery.ts";
import type { Output } from "./watch.ts";

const subject: Subject = {
  id: "dev.co2",
  kind: "point",
  building: "b1",
  place: "b1/lab",
  unit: "ppm",
  brick: null,
  zone: "UTC",
};

function alarmAt(openedAt: number, foundAt = openedAt, rule = "co2"): Alarm {
  const facts = {
    rule,
    ruleSince: 0,
    subject,
    severity: "warning" as const,
    title: "CO2",
    says: `at ${openedAt}`,
  };
  const change = { kind: "raised" as const, at: openedAt, since: openedAt, value: 1, worst: 1 };
  return openAlarm({ ...facts, proof: null, foundAt, historyMs: 1_000 }, change);
}

let now: number;
let kept: Map<string, Delivery>;
let storms: Map<string, Storm>;
let sending: Set<string>;
beforeEach(() => {
  now = 10_000;
  kept = new Map();
  storms = new Map();
  sending = new Set();
});

function desk(): Desk {
  const of = (channel: string) =>
    [...kept.values()].filter((one) => one.channel === channel && one.state === "waiting");
  return {
    now,
    limits: { stormMax: 2, stormWindowMs: 500, waitingMax: 5 },
    channels: ["hook", "mail"],
    channelsOf: (rule) => (rule === "quiet" ? [] : rule === "mailed" ? ["mail"] : ["hook", "mail"]),
    deliveriesOf: (alarm) => [...kept.values()].filter((one) => one.alarm === alarm),
    isAtRest: (id) => kept.get(id)?.state === "waiting" && !sending.has(id),
    waiting: (channel) => of(channel).length,
    storm: (channel) => storms.get(channel) ?? null,
  };
}

/** Plans and keeps; returns what changed as "channel event state". */
function happens(...outputs: readonly (readonly [Output["event"], Alarm])[]): readonly string[] {
  const made = plan(
    outputs.map(([event, alarm]) => ({ event, alarm, holdOffMs: 300 })),
    desk(),
  );
  for (const delivery of made.deliveries) kept.set(delivery.id, delivery);
  for (const storm of made.storms) storms.set(storm.channel, storm);
  return made.deliveries.map(({ channel, event, state }) => `${channel} ${event} ${state}`);
}
const find = (channel: string, event: string): Delivery =>
  [...kept.values()].find((one) => one.channel === channel && one.event === event)!;

describe("one alarm", () => {
  it("is told when it opens, on the channels of its rule, and its end when it can no longer go on", () => {
    const alarm = alarmAt(1);
    expect(happens(["opened", alarm])).toEqual(["hook opened waiting", "mail opened waiting"]);
    expect(find("hook", "opened")).toMatchObject({ dueAt: now, attempts: 0 });
    expect(happens(["closed", closeAlarm(alarm, 5, "cleared")])).toEqual([
      "hook closed waiting",
      "mail closed waiting",
    ]);
    expect(find("mail", "closed").dueAt).toBe(now + 300);
    expect(happens(["opened", alarmAt(2, 2, "quiet")])).toEqual([]);
    expect(happens(["opened", alarmAt(3, 3, "mailed")])).toEqual(["mail opened waiting"]);
  });

  it("that ends because its rule does is told at once", () => {
    const alarm = alarmAt(1);
    happens(["opened", alarm], ["closed", closeAlarm(alarm, 5, "rule removed")]);
    expect(find("hook", "closed").dueAt).toBe(now);
  });

  it("that goes on takes back the news of its end, unless that is out", () => {
    const alarm = alarmAt(1);
    const closed = closeAlarm(alarm, 5, "cleared");
    happens(["opened", alarm], ["closed", closed]);
    const mailed = find("mail", "closed");
    kept.set(mailed.id, end(mailed, "delivered", now, null));
    expect(happens(["reopened", reopenAlarm(closed)])).toEqual([
      "hook closed cancelled",
      "mail reopened waiting",
    ]);
    // The second end is a message of its own.
    happens(["closed", closeAlarm(reopenAlarm(closed), 9, "cleared")]);
    expect([...kept.values()].filter(({ event }) => event === "closed")).toHaveLength(4);
  });

  it("cannot take back what is being sent", () => {
    const alarm = alarmAt(1);
    const closed = closeAlarm(alarm, 5, "cleared");
    happens(["opened", alarm], ["closed", closed]);
    sending.add(find("hook", "closed").id);
    expect(happens(["reopened", reopenAlarm(closed)])).toEqual([
      "hook reopened waiting",
      "mail closed cancelled",
    ]);
  });

  it("within one batch is told and taken back alike", () => {
    const alarm = alarmAt(1);
    const closed = closeAlarm(alarm, 5, "cleared");
    const changes = happens(
      ["opened", alarm],
      ["closed", closed],
      ["reopened", reopenAlarm(closed)],
    );
    expect(changes.filter((text) => text.startsWith("hook"))).toEqual([
      "hook opened waiting",
      "hook closed cancelled",
    ]);
  });

  it("that is history, or only acknowledged, is told to nobody", () => {
    const old = alarmAt(1, 2_000);
    expect(old.historic).toBe(true);
    expect(happens(["opened", old], ["closed", closeAlarm(old, 5, "cleared")])).toEqual([]);
    expect(happens(["acknowledged", alarmAt(1)])).toEqual([]);
  });

  it("has ids without a full stop, the same for the same event", () => {
    happens(["opened", alarmAt(1)]);
    for (const id of kept.keys()) expect(id).toMatch(/^[a-z0-9_-]+$/);
    const before = [...kept.keys()];
    happens(["opened", alarmAt(1)]);
    expect([...kept.keys()]).toEqual(before);
  });
});

describe("a storm", () => {
  it("tells the first alarms, and all others in one message at its end", () => {
    for (let n = 1; n <= 6; n += 1) happens(["opened", alarmAt(n)]);
    const hook = [...kept.values()].filter(({ channel }) => channel === "hook");
    expect(hook.map(({ event, state }) => `${event} ${state}`).sort()).toEqual([
      "opened summarized",
      "opened summarized",
      "opened summarized",
      "opened summarized",
      "opened waiting",
      "opened waiting",
      "summary waiting",
    ]);
    expect(find("hook", "summary")).toMatchObject({
      dueAt: now + 500,
      content: {
        summary: {
          count: 4,
          severities: { warning: 4 },
          rules: { co2: 4 },
          says: ["at 3", "at 4", "at 5", "at 6"],
        },
      },
    });
    // The end of what was only counted is not told.
    expect(happens(["closed", closeAlarm(alarmAt(5), 9, "cleared")])).toEqual([]);
  });

  it("is over when its window is", () => {
    for (let n = 1; n <= 3; n += 1) happens(["opened", alarmAt(n)]);
    now += 500;
    expect(happens(["opened", alarmAt(4)])).toEqual(["hook opened waiting", "mail opened waiting"]);
  });
});

it("gives up what a full queue cannot take, and says so", () => {
  for (let n = 1; n <= 8; n += 1) {
    now += 500;
    happens(["opened", alarmAt(n)]);
  }
  const hook = [...kept.values()].filter(({ channel }) => channel === "hook");
  expect(hook.filter(({ state }) => state === "waiting")).toHaveLength(5);
  expect(hook.filter(({ state }) => state === "given-up")).toHaveLength(3);
  expect(hook.at(-1)?.error).toMatch(/more than 5/);
});
