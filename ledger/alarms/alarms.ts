// The alarms of a node: follow the read model, judge, keep, tell. Node-local: rules are settings, nothing of this is consensus (decision 12).
//
// Write order: evaluate in memory, then one durable write of cursor, states, alarms and deliveries, then send. If we die before the
// write, the same entries are judged again and come to the same; after it, what waits in the outbox is sent by the next run.

import { sha256, toHex } from "@muniment/core";
import { LedgerError } from "../errors.ts";
import type { Clock } from "../ports.ts";
import type { ReadModel } from "../read-model/read-model.ts";
import type { LedgerSource } from "../read-model/sources.ts";
import type { Alarm } from "./alarm.ts";
import { openChannels } from "./channels.ts";
import { type Delivery, type DeliveryLimits, type Plan, plan, type Storm } from "./delivery.ts";
import { Evaluator, type World } from "./evaluator.ts";
import { type ChannelState, Outbox } from "./outbox.ts";
import { receivedOf } from "./received.ts";
import { parseRule, type Rule } from "./rule.ts";
import { AlarmSettings } from "./settings.ts";
import { readSteps } from "./step.ts";
import { type AlarmQuery, AlarmStore, type Write } from "./store.ts";
import type { Output } from "./watch.ts";

const rulesMax = 200;
const waitingMax = 1_000;
const retryMsMax = 3_600_000;
/** How often time moves on while nothing is committed. */
const tickMs = 5_000;
/** How long to wait after a failure. */
const failureMs = 1_000;
/** A node that was gone for longer than this was deaf meanwhile. */
const deafMsMin = 60_000;
const nameCharactersMax = 120;
const noteCharactersMax = 1_000;

export interface AlarmsParts {
  readonly readModel: ReadModel;
  readonly ledger: LedgerSource;
  /** Folder of its own. */
  readonly directory: string;
  readonly settings?: AlarmSettings | undefined;
  readonly clock: Clock;
  /** From [0, 1): spreads repeated attempts. */
  readonly random?: () => number;
}

/** A rule as it stands: since when (ms), how many subjects it watches, how many of its alarms are open, how many readings it could not judge. */
export interface RuleState {
  readonly rule: Rule;
  readonly since: number;
  readonly subjects: number;
  readonly open: number;
  readonly late: number;
}

type AlarmListener = (output: Output) => void;

export class Alarms {
  readonly #parts: AlarmsParts;
  readonly #settings: AlarmSettings;
  readonly #limits: DeliveryLimits;
  readonly #store: AlarmStore;
  readonly #outbox: Outbox;
  readonly #storms: Map<string, Storm>;
  readonly #listeners = new Set<AlarmListener>();
  readonly #stopListening: () => void;
  #evaluator: Evaluator;
  /** The first ledger entry that was not judged. */
  #next: number;
  /** Ledger time up to which was judged, in ms. */
  #time = 0;
  #alive: number | null;
  /** The end of a time in which this node heard nothing, until it was taken account of. */
  #deafUntil: number | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #failure: Error | null = null;
  #closed = false;
  #wake: (() => void) | null = null;
  #woken = false;
  readonly #loop: Promise<void>;

  private constructor(
    parts: AlarmsParts,
    settings: AlarmSettings,
    store: AlarmStore,
    outbox: Outbox,
    kept: {
      readonly evaluator: Evaluator;
      readonly next: number;
      readonly alive: number | null;
      readonly storms: readonly Storm[];
    },
  ) {
    this.#parts = parts;
    this.#settings = settings;
    this.#limits = {
      stormMax: settings.stormMax,
      stormWindowMs: settings.stormWindowSeconds * 1000,
      waitingMax,
    };
    this.#store = store;
    this.#outbox = outbox;
    this.#storms = new Map(kept.storms.map((storm) => [storm.channel, storm]));
    this.#evaluator = kept.evaluator;
    this.#next = kept.next;
    this.#alive = kept.alive;
    this.#outbox.start();
    this.#stopListening = parts.readModel.onApplied(() => this.#signal());
    this.#loop = this.#run();
  }

  /** Opens what is kept and goes on from there. Errors: `alarm.store`; `config.value` for channels that cannot be used. */
  static async open(parts: AlarmsParts): Promise<Alarms> {
    const settings = parts.settings ?? AlarmSettings.parse({});
    const channels = await openChannels(settings);
    const store = await AlarmStore.open(parts.directory, toHex(sha256(parts.ledger.genesis())));
    try {
      const outbox = await Outbox.open({
        store,
        channels,
        limits: {
          retryMsMin: settings.retryMsMin,
          retryMsMax: Math.max(retryMsMax, settings.retryMsMin),
          giveUpMs: settings.giveUpSeconds * 1000,
        },
        clock: parts.clock,
        random: parts.random ?? Math.random,
      });
      return new Alarms(parts, settings, store, outbox, {
        ...(await load(parts, settings, store)),
        alive: await store.alive(),
        storms: await store.storms(),
      });
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /** The rules, by id. */
  rules(): readonly RuleState[] {
    const open = this.#store.openAlarms();
    return this.#evaluator.rules().map(({ rule, since, subjects, late }) => ({
      rule,
      since,
      subjects,
      late,
      open: open.filter((alarm) => alarm.rule === rule.id).length,
    }));
  }

  /** Adds a rule, which judges what comes from now on. Errors: `alarm.rule`, `alarm.rule-exists`. */
  addRule(body: unknown): Promise<RuleState> {
    return this.#inTurn(async () => {
      const rule = this.#read(body);
      if (this.#evaluator.has(rule.id)) throw new LedgerError("alarm.rule-exists", rule.id);
      if (this.#evaluator.size >= rulesMax)
        throw new LedgerError("alarm.rule", `more than ${rulesMax} rules`);
      await this.#catchUp();
      this.#evaluator.add(rule, this.#now());
      await this.#commit();
      return this.#ruleState(rule.id);
    });
  }

  /** Replaces a rule: its open alarms are closed and it begins anew. Errors: `alarm.unknown`, `alarm.rule`. */
  replaceRule(id: string, body: unknown): Promise<RuleState> {
    return this.#inTurn(async () => {
      if (!this.#evaluator.has(id)) throw new LedgerError("alarm.unknown", id);
      const rule = this.#read(body);
      if (rule.id !== id) throw new LedgerError("alarm.rule", `id: expected ${id}, got ${rule.id}`);
      await this.#catchUp();
      const now = this.#now();
      this.#evaluator.remove(id, now, "rule changed");
      this.#evaluator.add(rule, now);
      await this.#commit({ forgotten: [id] });
      return this.#ruleState(id);
    });
  }

  /** Removes a rule; its open alarms are closed, its history stays. Errors: `alarm.unknown`. */
  removeRule(id: string): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#evaluator.has(id)) throw new LedgerError("alarm.unknown", id);
      await this.#catchUp();
      this.#evaluator.remove(id, this.#now(), "rule removed");
      await this.#commit({ forgotten: [id] });
    });
  }

  /** Alarms, the newest first. */
  list(
    query: AlarmQuery,
  ): Promise<{ readonly alarms: readonly Alarm[]; readonly more: string | null }> {
    return this.#store.alarms(query);
  }

  /** One alarm. Errors: `alarm.unknown`. */
  async alarm(id: string): Promise<Alarm> {
    const alarm = await this.#store.alarm(id);
    if (alarm === null) throw new LedgerError("alarm.unknown", id);
    return alarm;
  }

  /** Who was told of an alarm, in the order of events. */
  deliveriesOf(alarm: string): Promise<readonly Delivery[]> {
    return this.#store.deliveriesOf(alarm);
  }

  /** Somebody has seen it. A closed alarm can be acknowledged too, once. Errors: `alarm.unknown`, `alarm.acknowledged`. */
  acknowledge(id: string, by: string, note: string | null): Promise<Alarm> {
    return this.#inTurn(async () => {
      const alarm = await this.alarm(id);
      if (alarm.acknowledgedAt !== null)
        throw new LedgerError("alarm.acknowledged", alarm.acknowledgedBy ?? "");
      const who = by.trim().slice(0, nameCharactersMax);
      const what = note?.trim().slice(0, noteCharactersMax);
      this.#evaluator.acknowledge(alarm, who, what || null, this.#now());
      await this.#commit();
      return this.alarm(id);
    });
  }

  /** Alarms that are not closed, the newest first. */
  openAlarms(): readonly Alarm[] {
    return this.#store.openAlarms();
  }

  channels(): readonly ChannelState[] {
    return this.#outbox.channels();
  }

  /** Called after each change of an alarm is durable; returns the way to stop it. */
  onChange(listener: AlarmListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Called after each attempt to tell somebody. */
  onOutcome(listener: Parameters<Outbox["onOutcome"]>[0]): () => void {
    return this.#outbox.onOutcome(listener);
  }

  /** Why judging fails at the moment; null while it does not. */
  failure(): Error | null {
    return this.#failure;
  }

  /** Resolves when everything committed now is judged and kept. */
  async caughtUp(): Promise<void> {
    await this.#parts.readModel.caughtUp();
    await this.#inTurn(() => this.#catchUp());
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopListening();
    this.#signal();
    await this.#loop;
    await this.#turn.catch(() => undefined);
    await this.#outbox.close();
    await this.#store.close();
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#listen();
        await this.#inTurn(() => this.#catchUp());
        this.#failure = null;
      } catch (error) {
        if (!this.#closed)
          this.#failure = error instanceof Error ? error : new Error(String(error));
      }
      await this.#sleep(this.#failure === null ? tickMs : failureMs);
    }
  }

  /** One thing at a time; what fails leaves memory as the store has it. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turn
      .catch(() => undefined)
      .then(async () => {
        if (this.#closed) throw new LedgerError("alarm.closed");
        try {
          return await task();
        } catch (error) {
          // A refusal changed nothing; anything else may have stopped half-way.
          if (!isRefusal(error)) await this.#restore();
          throw error;
        }
      });
    this.#turn = turn;
    return turn;
  }

  async #restore(): Promise<void> {
    const { evaluator, next } = await load(this.#parts, this.#settings, this.#store);
    this.#evaluator = evaluator;
    this.#next = next;
    this.#outbox.accept(await this.#store.waiting());
    this.#storms.clear();
    for (const storm of await this.#store.storms()) this.#storms.set(storm.channel, storm);
  }

  /** Judges all that the read model shows; then time moves on, unless the read model is behind the ledger. */
  async #catchUp(): Promise<void> {
    const { readModel, ledger } = this.#parts;
    const { store } = readModel;
    if (this.#evaluator.size === 0) {
      // Nobody asks about the past: a rule judges what comes after it.
      this.#next = readModel.applied().next;
      this.#deafUntil = null;
      return;
    }
    while (this.#next < readModel.applied().next && !this.#closed) {
      const evaluator = this.#evaluator;
      const page = await readSteps(
        { store, registry: readModel.registry(), ledger },
        this.#next,
        readModel.applied().next,
        (point) => evaluator.wants(point),
      );
      for (const step of page.steps) {
        this.#moveOn(step.time);
        await evaluator.step(step);
      }
      this.#next = page.next;
      await this.#commit({ next: page.next });
    }
    const isCurrent =
      readModel.failure() === null &&
      this.#next === readModel.applied().next &&
      this.#next === ledger.head().size;
    if (!isCurrent || this.#closed) return;
    const now = this.#now();
    this.#moveOn(now);
    await this.#evaluator.tick(now);
    await this.#commit();
  }

  #moveOn(time: number): void {
    this.#time = Math.max(this.#time, time);
    if (this.#deafUntil === null || time < this.#deafUntil) return;
    this.#evaluator.deaf(this.#deafUntil);
    this.#deafUntil = null;
  }

  /** Makes what changed durable, and lets what is to be told go out. */
  async #commit({ next, forgotten = [] }: Pick<Write, "next" | "forgotten"> = {}): Promise<void> {
    const { rules, states, known, outputs } = this.#evaluator.take();
    const changed =
      next !== undefined ||
      rules.length + states.length + known.length + outputs.length + forgotten.length > 0;
    if (!changed) return;
    const { deliveries, storms } = await this.#plan(outputs);
    this.#outbox.withdraw(deliveries);
    await this.#store.write({
      next: this.#next,
      rules,
      states,
      known,
      forgotten,
      alarms: outputs.map(({ alarm }) => alarm),
      deliveries,
      storms,
    });
    for (const storm of storms) this.#storms.set(storm.channel, storm);
    this.#outbox.accept(deliveries);
    for (const output of outputs) for (const listener of this.#listeners) listener(output);
  }

  async #plan(outputs: readonly Output[]): Promise<Plan> {
    const before = new Map<string, readonly Delivery[]>();
    for (const { event, alarm } of outputs)
      if (event !== "opened" && !before.has(alarm.id))
        before.set(alarm.id, await this.#store.deliveriesOf(alarm.id));
    const rules = new Map(this.#evaluator.stored().map(({ rule }) => [rule.id, rule]));
    const channels = this.#outbox.channels().map(({ name }) => name);
    return plan(
      outputs.map((output) => ({
        ...output,
        holdOffMs: (rules.get(output.alarm.rule)?.holdOffSeconds ?? 0) * 1000,
      })),
      {
        now: this.#parts.clock.now(),
        limits: this.#limits,
        channels,
        channelsOf: (rule) => {
          const wanted = rules.get(rule)?.channels ?? channels;
          return channels.filter((name) => wanted.includes(name));
        },
        deliveriesOf: (alarm) => before.get(alarm) ?? [],
        isAtRest: (id) => this.#outbox.isAtRest(id),
        waiting: (channel) => this.#outbox.waiting(channel),
        storm: (channel) => this.#storms.get(channel) ?? null,
      },
    );
  }

  /** A rule whose names mean something here. Errors: `alarm.rule`. */
  #read(body: unknown): Rule {
    const rule = parseRule(body);
    const { buildings, devices, points, gateways } = this.#parts.readModel.registry();
    const enrolled: Readonly<Record<string, ReadonlyMap<string, unknown>>> = {
      building: buildings,
      device: devices,
      point: points,
      gateway: gateways,
    };
    for (const [kind, id] of Object.entries(rule.where)) {
      const known = enrolled[kind];
      if (known !== undefined && !known.has(id))
        throw new LedgerError("alarm.rule", `where.${kind}: nothing enrolled is called ${id}`);
    }
    const channels = this.#outbox.channels().map(({ name }) => name);
    const unknown = rule.channels?.find((name) => !channels.includes(name));
    if (unknown !== undefined)
      throw new LedgerError("alarm.rule", `channels: this node has no channel ${unknown}`);
    return rule;
  }

  #ruleState(id: string): RuleState {
    return this.rules().find(({ rule }) => rule.id === id)!;
  }

  /** This moment, never before what was judged. */
  #now(): number {
    const { clock, readModel } = this.#parts;
    return Math.max(clock.now(), this.#time, readModel.applied().time);
  }

  /** Keeps a mark of life: after a gap nobody is blamed for what was not heard in it. */
  async #listen(): Promise<void> {
    const now = this.#parts.clock.now();
    if (this.#alive !== null && now - this.#alive > deafMsMin) this.#deafUntil = now;
    this.#alive = now;
    // Until the gap is taken account of, the stored mark tells the next start of it.
    if (this.#deafUntil === null) await this.#store.setAlive(now);
  }

  #signal(): void {
    this.#woken = true;
    this.#wake?.();
  }

  async #sleep(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    if (!this.#woken)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, ms);
      });
    clearTimeout(timer);
    this.#wake = null;
    this.#woken = false;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof LedgerError && error.code.startsWith("alarm.");
}

type ReceivedQuestion = Parameters<World["received"]>;

/** Evaluator and cursor as the store has them. */
async function load(
  { readModel, ledger }: AlarmsParts,
  settings: AlarmSettings,
  store: AlarmStore,
): Promise<{ readonly evaluator: Evaluator; readonly next: number }> {
  const world = {
    registry: () => readModel.registry(),
    received: (...question: ReceivedQuestion) => receivedOf(readModel.store, ...question),
  };
  const kept = {
    rules: await store.rules(),
    states: await store.states(),
    known: await store.known(),
  };
  const next = (await store.next()) ?? 0;
  return {
    evaluator: new Evaluator(world, settings.tellWithinSeconds * 1000, kept),
    // A ledger that was restored from an older copy is shorter than what was judged.
    next: Math.min(next, ledger.head().size),
  };
}
