// The alarms of a node, as the API and the node see them: rules, alarms, who was told. Node-local settings, no consensus (decision 12).

import { sha256, toHex } from "@muniment/core";
import { LedgerError } from "../errors.ts";
import type { Clock } from "../ports.ts";
import type { ReadModel } from "../read-model/read-model.ts";
import type { LedgerSource } from "../read-model/sources.ts";
import type { Alarm } from "./alarm.ts";
import { openChannels } from "./channels.ts";
import type { Delivery } from "./delivery.ts";
import { Engine } from "./engine.ts";
import { type ChannelState, Outbox } from "./outbox.ts";
import { parseRule, type Rule } from "./rule.ts";
import { AlarmSettings } from "./settings.ts";
import { type AlarmQuery, AlarmStore } from "./store.ts";

const rulesMax = 200;
/** Messages that may wait on one channel. */
const waitingMax = 1_000;
const retryMsMax = 3_600_000;

export interface AlarmsParts {
  readonly readModel: ReadModel;
  readonly ledger: LedgerSource;
  /** Folder of its own. */
  readonly directory: string;
  readonly settings?: AlarmSettings | undefined;
  readonly clock: Clock;
  /** Told when judging begins to fail; it is tried again. */
  readonly onFailure?: (error: Error) => void;
}

/** A rule as it stands. */
export interface RuleState {
  readonly rule: Rule;
  /** When it began, in ms. */
  readonly since: number;
  /** What it watches now. */
  readonly subjects: number;
  /** Its alarms that are not closed. */
  readonly open: number;
  /** Readings it could not judge: they came after later ones. */
  readonly late: number;
}

export class Alarms {
  readonly #registry: ReadModel["registry"];
  readonly #store: AlarmStore;
  readonly #outbox: Outbox;
  readonly #engine: Engine;

  private constructor(
    registry: ReadModel["registry"],
    store: AlarmStore,
    outbox: Outbox,
    engine: Engine,
  ) {
    this.#registry = registry;
    this.#store = store;
    this.#outbox = outbox;
    this.#engine = engine;
  }

  /** Opens what is kept and goes on from there. Errors: `alarm.store`; `config.value` for channels that cannot be used. */
  static async open({
    readModel,
    ledger,
    directory,
    settings = AlarmSettings.parse({}),
    clock,
    onFailure = () => undefined,
  }: AlarmsParts): Promise<Alarms> {
    const channels = await openChannels(settings);
    const store = await AlarmStore.open(directory, toHex(sha256(ledger.genesis())));
    try {
      const { retryMsMin, giveUpSeconds, stormMax, stormWindowSeconds } = settings;
      const outbox = await Outbox.open({
        store,
        channels,
        limits: {
          retryMsMin,
          retryMsMax: Math.max(retryMsMax, retryMsMin),
          giveUpMs: giveUpSeconds * 1000,
        },
        clock,
        random: Math.random,
      });
      const engine = await Engine.start({
        readModel,
        ledger,
        clock,
        store,
        outbox,
        limits: { stormMax, stormWindowMs: stormWindowSeconds * 1000, waitingMax },
        onFailure,
        historyMs: settings.tellWithinSeconds * 1000,
      });
      outbox.start();
      return new Alarms(() => readModel.registry(), store, outbox, engine);
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /** The rules, by id. */
  rules(): readonly RuleState[] {
    const open = this.#store.openAlarms();
    const { evaluator } = this.#engine;
    return evaluator.rules().map(({ rule, since }) => ({
      rule,
      since,
      ...evaluator.countsOf(rule.id),
      open: open.filter((alarm) => alarm.rule === rule.id).length,
    }));
  }

  /** Adds a rule, which judges what comes from now on. Errors: `alarm.rule`, `alarm.rule-exists`. */
  async addRule(body: unknown): Promise<RuleState> {
    const rule = this.#read(body);
    await this.#engine.change(() => {
      const { evaluator } = this.#engine;
      if (evaluator.has(rule.id)) throw new LedgerError("alarm.rule-exists", rule.id);
      if (evaluator.size >= rulesMax)
        throw new LedgerError("alarm.rule", `more than ${rulesMax} rules`);
      evaluator.add(rule, this.#engine.now());
      return [];
    });
    return this.#rule(rule.id);
  }

  /** Replaces a rule: its open alarms are closed and it begins anew. Errors: `alarm.unknown`, `alarm.rule`. */
  async replaceRule(id: string, body: unknown): Promise<RuleState> {
    if (!this.#engine.evaluator.has(id)) throw new LedgerError("alarm.unknown", id);
    const rule = this.#read(body);
    if (rule.id !== id) throw new LedgerError("alarm.rule", `id: expected ${id}, got ${rule.id}`);
    await this.#engine.change(() => {
      const now = this.#engine.now();
      this.#remove(id, now, "rule changed");
      this.#engine.evaluator.add(rule, now);
      return [id];
    });
    return this.#rule(id);
  }

  /** Removes a rule; its open alarms are closed, its history stays. Errors: `alarm.unknown`. */
  removeRule(id: string): Promise<void> {
    return this.#engine.change(() => {
      this.#remove(id, this.#engine.now(), "rule removed");
      return [id];
    });
  }

  /** Alarms, the newest first; `more` is where to go on, null at the end. */
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

  /** Somebody has seen it. A closed alarm can be acknowledged too; each only once. Errors: `alarm.unknown`, `alarm.acknowledged`. */
  async acknowledge(id: string, by: string, note: string | null): Promise<Alarm> {
    await this.#engine.change(async () => {
      const alarm = await this.alarm(id);
      if (alarm.acknowledgedAt !== null)
        throw new LedgerError("alarm.acknowledged", alarm.acknowledgedBy ?? id);
      const { evaluator } = this.#engine;
      evaluator.acknowledge(alarm, by.trim(), note?.trim() || null, this.#engine.now());
      return [];
    });
    return this.alarm(id);
  }

  /** Alarms that are not closed, the newest first. */
  openAlarms(): readonly Alarm[] {
    return this.#store.openAlarms();
  }

  channels(): readonly ChannelState[] {
    return this.#outbox.channels();
  }

  /** Called after each change of an alarm is durable; returns the way to stop it. */
  onChange(listener: Parameters<Engine["onChange"]>[0]): () => void {
    return this.#engine.onChange(listener);
  }

  /** Called after each attempt to tell somebody; returns the way to stop it. */
  onOutcome(listener: Parameters<Outbox["onOutcome"]>[0]): () => void {
    return this.#outbox.onOutcome(listener);
  }

  /** Why judging fails at the moment; null while it does not. */
  failure(): Error | null {
    return this.#engine.failure();
  }

  /** Resolves when everything committed now is judged and kept. */
  caughtUp(): Promise<void> {
    return this.#engine.caughtUp();
  }

  async close(): Promise<void> {
    await this.#engine.close();
    await this.#outbox.close();
    await this.#store.close();
  }

  #remove(id: string, at: number, because: "rule changed" | "rule removed"): void {
    const { evaluator } = this.#engine;
    if (!evaluator.has(id)) throw new LedgerError("alarm.unknown", id);
    evaluator.remove(id, at, because);
  }

  #rule(id: string): RuleState {
    const found = this.rules().find(({ rule }) => rule.id === id);
    if (found === undefined) throw new LedgerError("alarm.unknown", id);
    return found;
  }

  /** A rule whose names mean something here. Errors: `alarm.rule`. */
  #read(body: unknown): Rule {
    const rule = parseRule(body);
    const { buildings, devices, points, gateways } = this.#registry();
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
}
