// What is told to whom: from events of alarms to deliveries, with the storm limit; pure (decision 12).

import type { Alarm } from "./alarm.ts";
import type { Severity } from "./rule.ts";
import type { Output } from "./watch.ts";

export type DeliveryEvent = "opened" | "reopened" | "closed" | "summary";

/** Alarms that a storm limit held back, told together. */
export interface Summary {
  /** When the window of the storm began, in ms. */
  readonly from: number;
  readonly count: number;
  readonly severities: Readonly<Partial<Record<Severity, number>>>;
  /** Alarms by rule; of more than `summaryRulesMax` rules the first. */
  readonly rules: Readonly<Record<string, number>>;
  /** What the first of them say. */
  readonly says: readonly string[];
}

/** One message on one channel. Times in ms on this node's clock. */
export interface Delivery {
  /** The same however often it is tried: what a receiver tells repetitions by. No full stop in it. */
  readonly id: string;
  readonly channel: string;
  readonly event: DeliveryEvent;
  /** Null of a summary. */
  readonly alarm: string | null;
  readonly state: "waiting" | "delivered" | "given-up" | "cancelled" | "summarized";
  readonly createdAt: number;
  /** Not tried before. */
  readonly dueAt: number;
  readonly attempts: number;
  /** When it was last tried, or came to its end. */
  readonly at: number;
  readonly error: string | null;
  /** What is told, as of the event; null once it is done. */
  readonly content:
    | { readonly kind: "alarm"; readonly alarm: Alarm }
    | { readonly kind: "summary"; readonly summary: Summary }
    | null;
}

/** How many alarms a channel was told in the window. */
export interface Storm {
  readonly channel: string;
  readonly told: number;
  readonly held: Summary;
}

export interface DeliveryLimits {
  /** Alarms told one by one in a window, on each channel; the rest come as one summary when it ends. */
  readonly stormMax: number;
  readonly stormWindowMs: number;
  /** Messages that may wait on one channel. */
  readonly waitingMax: number;
}

/** What planning looks at. */
export interface Desk {
  readonly now: number;
  readonly limits: DeliveryLimits;
  /** All channels. */
  readonly channels: readonly string[];
  /** Those that are told when an alarm of a rule opens; news of it later go to whom it was told. */
  channelsOf(rule: string): readonly string[];
  /** The deliveries of an alarm so far. */
  deliveriesOf(alarm: string): readonly Delivery[];
  /** Whether a message waits and is not being sent at this moment, so that it can be taken back. */
  isAtRest(id: string): boolean;
  waiting(channel: string): number;
  storm(channel: string): Storm | null;
}

export interface Plan {
  /** New and changed deliveries, by id. */
  readonly deliveries: readonly Delivery[];
  readonly storms: readonly Storm[];
}

const summaryRulesMax = 20;
const summarySaysMax = 20;

/**
 * Deliveries for what happened, in order. An alarm is told when it opens and when it has closed for good: the news of its end
 * waits as long as it may yet go on (`holdOffMs` of its rule), and is taken back when it does. History is told to nobody.
 */
export function plan(
  outputs: readonly (Output & { readonly holdOffMs: number })[],
  desk: Desk,
): Plan {
  const deliveries = new Map<string, Delivery>();
  const storms = new Map<string, Storm>();
  for (const { event, alarm, holdOffMs } of outputs) {
    if (alarm.historic || event === "acknowledged") continue;
    const channels = event === "opened" ? desk.channelsOf(alarm.rule) : desk.channels;
    for (const channel of channels) {
      const made = begin(channel, event, alarm, desk.now);
      const told = toldOf(alarm.id, channel);
      if (event === "opened") tell(made, alarm);
      else if (event === "closed") {
        const after = alarm.closedBecause === "cleared" ? holdOffMs : 0;
        if (told.some((one) => one.event !== "closed")) put({ ...made, dueAt: desk.now + after });
      } else {
        const ending = told.find((one) => one.event === "closed");
        if (ending === undefined) continue;
        const canRetract =
          ending.state === "waiting" && (deliveries.has(ending.id) || desk.isAtRest(ending.id));
        if (canRetract) deliveries.set(ending.id, end(ending, "cancelled", desk.now, null));
        else tell(made, alarm);
      }
    }
  }
  return { deliveries: [...deliveries.values()], storms: [...storms.values()] };

  /** What a channel was told of an alarm, or will be; the newest first. */
  function toldOf(alarm: string, channel: string): readonly Delivery[] {
    const known = new Map(desk.deliveriesOf(alarm).map((delivery) => [delivery.id, delivery]));
    for (const delivery of deliveries.values())
      if (delivery.alarm === alarm) known.set(delivery.id, delivery);
    return [...known.values()]
      .filter(
        (one) => one.channel === channel && (one.state === "waiting" || one.state === "delivered"),
      )
      .reverse();
  }

  /** One more alarm, alone or in the summary of a storm. */
  function tell(delivery: Delivery, alarm: Alarm): void {
    const storm = stormOf(delivery.channel);
    if (storm.told < desk.limits.stormMax) {
      storms.set(delivery.channel, { ...storm, told: storm.told + 1 });
      put(delivery);
      return;
    }
    deliveries.set(delivery.id, end(delivery, "summarized", desk.now, null));
    hold(delivery.channel, storm, alarm);
  }

  function put(delivery: Delivery): void {
    const { waitingMax } = desk.limits;
    const planned = [...deliveries.values()].filter(
      ({ channel, state }) => channel === delivery.channel && state === "waiting",
    ).length;
    const full = desk.waiting(delivery.channel) + planned >= waitingMax;
    deliveries.set(
      delivery.id,
      full
        ? end(delivery, "given-up", desk.now, `more than ${waitingMax} messages wait already`)
        : delivery,
    );
  }

  function stormOf(channel: string): Storm {
    const known = storms.get(channel) ?? desk.storm(channel);
    if (known !== null && desk.now < known.held.from + desk.limits.stormWindowMs) return known;
    return {
      channel,
      told: 0,
      held: { from: desk.now, count: 0, severities: {}, rules: {}, says: [] },
    };
  }

  function hold(channel: string, storm: Storm, alarm: Alarm): void {
    const summary = added(storm.held, alarm);
    storms.set(channel, { ...storm, held: summary });
    const id = `storm_${channel}_${summary.from.toString(36)}`;
    deliveries.set(id, {
      id,
      channel,
      event: "summary",
      alarm: null,
      state: "waiting",
      createdAt: summary.from,
      dueAt: summary.from + desk.limits.stormWindowMs,
      attempts: 0,
      at: desk.now,
      error: null,
      content: { kind: "summary", summary },
    });
  }
}

/** A delivery that came to its end; what it told is no longer kept. */
export function end(
  delivery: Delivery,
  state: Exclude<Delivery["state"], "waiting">,
  at: number,
  error: string | null,
): Delivery {
  return { ...delivery, state, at, error, content: null };
}

function begin(
  channel: string,
  event: "opened" | "reopened" | "closed",
  alarm: Alarm,
  now: number,
): Delivery {
  return {
    id: `${alarm.id}_${channel}_${event}_${alarm.reopened}`,
    channel,
    event,
    alarm: alarm.id,
    state: "waiting",
    createdAt: now,
    dueAt: now,
    attempts: 0,
    at: now,
    error: null,
    content: { kind: "alarm", alarm },
  };
}

function added(summary: Summary, { severity, rule, says }: Alarm): Summary {
  const known = rule in summary.rules || Object.keys(summary.rules).length < summaryRulesMax;
  return {
    from: summary.from,
    count: summary.count + 1,
    severities: { ...summary.severities, [severity]: (summary.severities[severity] ?? 0) + 1 },
    rules: known ? { ...summary.rules, [rule]: (summary.rules[rule] ?? 0) + 1 } : summary.rules,
    says: summary.says.length < summarySaysMax ? [...summary.says, says] : summary.says,
  };
}
