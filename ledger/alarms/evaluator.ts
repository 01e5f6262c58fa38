// All rules on all their subjects: takes steps of the ledger and ticks of time to the machines and gathers what comes out (house rule 2).
// In memory only: what changed is taken by take() and made durable by its caller, in one write with the cursor.

import { expectedReadings } from "../read-model/measures/completeness.ts";
import type { GatewayRecord, PointRecord, Registry } from "../read-model/registry.ts";
import { type Alarm, acknowledgeAlarm, type Proof } from "./alarm.ts";
import type { CompletenessRule, Rule } from "./rule.ts";
import {
  deviceTarget,
  gatewayTarget,
  isWatched,
  pointTarget,
  targetsOf,
  watchesDevice,
  watchesGateway,
  watchesPoint,
} from "./scope.ts";
import type { Step } from "./step.ts";
import { acknowledgeWatch, endWatch, type Output, type WatchState, wakeAt } from "./watch.ts";
import { boundaryAfter, type Prepared, type StoredRule, stepMsOf, Watching } from "./watching.ts";

export interface StoredState {
  readonly rule: string;
  readonly subject: string;
  readonly state: WatchState;
}

/** Since when a device or gateway is known to the alarms, in ms of ledger time: nothing is missed of it from before. */
export type KnownSince = readonly [id: string, since: number];

/** What the evaluator asks of the world. */
export interface World {
  /** Who is enrolled now: at the step in hand, or later. */
  registry(): Registry;
  /** Intervals of each point, by its number, with a reading in [from, to) that the ledger held before its entry `before`. */
  received(
    points: readonly PointRecord[],
    from: number,
    to: number,
    before: number,
  ): Promise<ReadonlyMap<number, number>>;
}

/** Everything that is kept, or what changed of it. */
export interface Kept {
  readonly rules: readonly StoredRule[];
  readonly states: readonly StoredState[];
  readonly known: readonly KnownSince[];
}

/** Windows judged at one time at most, the newest: after a long gap the older ones say nothing that these do not. */
const windowsMax = 48;

export class Evaluator {
  readonly #world: World;
  readonly #historyMs: number;
  readonly #rules = new Map<string, Watching>();
  readonly #known = new Map<string, number>();
  readonly #changedRules = new Set<Watching>();
  readonly #changedKnown = new Set<string>();
  /** Whether readings of a point are wanted, while the rules stay. */
  #wanted = new WeakMap<PointRecord, boolean>();
  /** What came out of rules that are gone, and of acknowledging what no rule holds any more. */
  #outputs: Output[] = [];

  /** `historyMs`: alarms found later than this after they opened are history. */
  constructor(world: World, historyMs: number, kept: Kept) {
    this.#world = world;
    this.#historyMs = historyMs;
    for (const stored of kept.rules) this.#begin(stored);
    for (const { rule, subject, state } of kept.states)
      this.#rules.get(rule)?.states.set(subject, state);
    for (const [id, since] of kept.known) this.#known.set(id, since);
  }

  /** The rules, by id. */
  rules(): readonly StoredRule[] {
    return this.#inOrder().map(({ stored }) => stored);
  }

  /** How many subjects a rule watches now, and how many readings it could not judge. */
  countsOf(id: string): { readonly subjects: number; readonly late: number } {
    const watching = this.#rules.get(id);
    if (watching === undefined) return { subjects: 0, late: 0 };
    let late = 0;
    for (const state of watching.states.values()) late += state.late;
    return { subjects: [...targetsOf(watching.rule, this.#world.registry())].length, late };
  }

  get size(): number {
    return this.#rules.size;
  }

  has(id: string): boolean {
    return this.#rules.has(id);
  }

  /** Whether single readings of a point are wanted. */
  wants(point: PointRecord): boolean {
    let wanted = this.#wanted.get(point);
    if (wanted === undefined) {
      wanted = [...this.#rules.values()].some(
        ({ rule }) => isLevel(rule) && watchesPoint(rule, point),
      );
      this.#wanted.set(point, wanted);
    }
    return wanted;
  }

  /** A rule begins at ledger time `since` (ms); everything enrolled now is known from then on. */
  add(rule: Rule, since: number): void {
    const registry = this.#world.registry();
    for (const id of [...registry.devices.keys(), ...registry.gateways.keys()])
      this.#learn(id, since);
    const boundary = rule.kind === "completeness" ? boundaryAfter(rule, since) : null;
    this.#changedRules.add(this.#begin({ rule, since, boundary }));
  }

  /** A rule ends: its open alarms are closed. What is stored of it is the caller's to forget. */
  remove(id: string, at: number, because: "rule changed" | "rule removed"): void {
    const watching = this.#rules.get(id);
    if (watching === undefined) return;
    this.#outputs.push(...watching.take().outputs);
    for (const state of watching.states.values())
      this.#outputs.push(...endWatch(state, at, because).outputs);
    this.#rules.delete(id);
    this.#changedRules.delete(watching);
    this.#wanted = new WeakMap();
  }

  /** One ledger entry: time moves on to its block, then what it brought is judged, in the order of the ledger. */
  async step(step: Step): Promise<void> {
    await this.tick(step.time, step.index);
    for (const id of step.enrolled) this.#learn(id, step.time);
    if (step.registry) this.#registryChanged(step.time);
    for (const watching of this.#inOrder()) {
      const { rule } = watching;
      if (rule.kind === "silence") this.#heard(watching, step);
      else if (rule.kind === "gateway-lag" || rule.kind === "quarantine")
        this.#delivered(watching, step);
      else if (isLevel(rule)) this.#read(watching, step);
    }
  }

  /** Time moves on to `at` (ms); the ledger's entries up to `before` have been judged. */
  async tick(at: number, before = Number.MAX_SAFE_INTEGER): Promise<void> {
    for (const watching of this.#inOrder()) {
      if (at >= watching.wakeAt) this.#look(watching, at);
      const { rule } = watching;
      if (rule.kind === "completeness") await this.#judge(watching, rule, at, before);
    }
  }

  /** This node was down until `to` (ms): nothing that was not heard meanwhile is missed. */
  deaf(to: number): void {
    for (const watching of this.#inOrder()) {
      const { rule, stored } = watching;
      if (rule.kind === "completeness")
        this.#setBoundary(watching, Math.max(stored.boundary ?? 0, boundaryAfter(rule, to)));
      for (const subject of this.#subjects(watching))
        this.#apply(watching, subject, { kind: "deaf", to });
    }
  }

  /** Somebody acknowledges an alarm, which may be closed already. */
  acknowledge(alarm: Alarm, by: string, note: string | null, at: number): void {
    const watching = this.#rules.get(alarm.rule);
    const state = watching?.states.get(alarm.subject.id);
    const step = state === undefined ? null : acknowledgeWatch(state, alarm, by, note, at);
    if (watching !== undefined && step !== null) watching.keep(alarm.subject.id, step);
    else
      this.#outputs.push({ event: "acknowledged", alarm: acknowledgeAlarm(alarm, by, note, at) });
  }

  /** What changed since the last call, and what came out, in the order of each rule. */
  take(): Kept & { readonly outputs: readonly Output[] } {
    const states: StoredState[] = [];
    const outputs = [...this.#outputs];
    for (const watching of this.#inOrder()) {
      const taken = watching.take();
      outputs.push(...taken.outputs);
      for (const subject of taken.subjects)
        states.push({
          rule: watching.rule.id,
          subject,
          state: watching.states.get(subject)!,
        });
    }
    const rules = [...this.#changedRules].map(({ stored }) => stored);
    const known = [...this.#changedKnown].map((id): KnownSince => [id, this.#known.get(id)!]);
    this.#changedRules.clear();
    this.#changedKnown.clear();
    this.#outputs = [];
    return { rules, states, known, outputs };
  }

  #begin(stored: StoredRule): Watching {
    const watching = new Watching(stored, () => this.#world.registry(), this.#historyMs);
    this.#rules.set(stored.rule.id, watching);
    this.#wanted = new WeakMap();
    return watching;
  }

  #inOrder(): readonly Watching[] {
    return [...this.#rules.values()].sort((a, b) => (a.rule.id < b.rule.id ? -1 : 1));
  }

  #learn(id: string, since: number): void {
    if (this.#known.has(id)) return;
    this.#known.set(id, since);
    this.#changedKnown.add(id);
  }

  /** Who is new is looked at with the next tick; who is gone rings no more. */
  #registryChanged(at: number): void {
    const registry = this.#world.registry();
    for (const watching of this.#rules.values()) {
      watching.wakeAt = Number.NEGATIVE_INFINITY;
      for (const [id, state] of watching.states) {
        if (state.alarm === null || state.alarm.closedAt !== null) continue;
        if (!isWatched(watching.rule, id, registry))
          watching.keep(id, endWatch(state, at, "no longer watched"));
      }
    }
  }

  #read(watching: Watching, { readings, time: at }: Step): void {
    const registry = this.#world.registry();
    const { rule } = watching;
    for (const { point, t, v, clockless, gateway, index } of readings) {
      if (!watchesPoint(rule, point)) continue;
      const subject = watching.prepare(point, point, () => pointTarget(rule, point, registry));
      const reading = { t, v, applies: subject.hours.at(t) };
      const proof: Proof = { gateway, index, point: point.id, time: t, clockless };
      this.#apply(watching, subject, { kind: "reading", reading, at, proof });
    }
  }

  #heard(watching: Watching, { heard, time: at }: Step): void {
    const registry = this.#world.registry();
    for (const { device: id, gateway, index } of heard) {
      const device = registry.devices.get(id);
      if (device === undefined || !watchesDevice(watching.rule, device, registry)) continue;
      this.#learn(id, at);
      const subject = watching.prepare(device, device, () => deviceTarget(device, registry));
      this.#apply(watching, subject, { kind: "heard", t: at, at, proof: entryOf(gateway, index) });
    }
  }

  #delivered(watching: Watching, { delivered, time: at }: Step): void {
    const registry = this.#world.registry();
    for (const { gateway: id, newest, index, refused, refusedIndex } of delivered) {
      const gateway = registry.gateways.get(id);
      if (gateway === undefined || !watchesGateway(watching.rule, gateway)) continue;
      this.#learn(id, at);
      const subject = this.#gateway(watching, gateway, registry);
      if (watching.rule.kind === "gateway-lag" && newest !== null)
        this.#apply(watching, subject, {
          kind: "heard",
          t: newest,
          at,
          proof: entryOf(id, index),
        });
      else if (watching.rule.kind === "quarantine" && refusedIndex !== null)
        this.#apply(watching, subject, {
          kind: "refused",
          count: refused,
          at,
          proof: entryOf(id, refusedIndex),
        });
    }
  }

  /** Takes a tick to every subject that may change by it. */
  #look(watching: Watching, at: number): void {
    watching.wakeAt = Number.POSITIVE_INFINITY;
    for (const subject of this.#subjects(watching)) {
      const state = watching.state(subject, this.#known.get(subject.watched.subject.id));
      const wake = wakeAt(subject.watched, state);
      if (wake > at) watching.wakeAt = Math.min(watching.wakeAt, wake);
      else {
        const from = state.condition.kind === "quiet" ? state.condition.quiet.at : at;
        this.#apply(watching, subject, { kind: "tick", at, spans: subject.hours.spans(from, at) });
      }
    }
  }

  /** Judges the windows of a completeness rule that have settled. */
  async #judge(
    watching: Watching,
    rule: CompletenessRule,
    at: number,
    before: number,
  ): Promise<void> {
    const stepMs = stepMsOf(rule);
    const last = Math.floor((at - rule.settleSeconds * 1000) / stepMs) * stepMs;
    const first = watching.stored.boundary ?? boundaryAfter(rule, watching.stored.since);
    if (first > last) return;
    const from = Math.max(first, last - (windowsMax - 1) * stepMs);
    for (let boundary = from; boundary <= last; boundary += stepMs)
      await this.#judgeWindow(watching, rule, boundary, at, before);
    this.#setBoundary(watching, last + stepMs);
  }

  async #judgeWindow(
    watching: Watching,
    rule: CompletenessRule,
    to: number,
    at: number,
    before: number,
  ): Promise<void> {
    const from = to - rule.windowSeconds * 1000;
    // A window is judged when it lies wholly after the rule began and after the device was enrolled.
    const isWhole = ({ device }: PointRecord): boolean =>
      from >= Math.max(watching.stored.since, this.#known.get(device) ?? Number.POSITIVE_INFINITY);
    const targets = [...targetsOf(rule, this.#world.registry())]
      .map((target) => ({ ...target, points: target.points.filter(isWhole) }))
      .filter(({ points }) => points.length > 0);
    if (targets.length === 0) return;
    const points = targets.flatMap((target) => target.points);
    const received = await this.#world.received(points, from, to, before);
    const owed = (point: PointRecord): number => expectedReadings(from, to, point.interval) ?? 0;
    for (const target of targets) {
      const expected = target.points.reduce((sum, point) => sum + owed(point), 0);
      if (expected === 0) continue;
      const came = target.points.reduce(
        (sum, point) => sum + Math.min(received.get(point.no) ?? 0, owed(point)),
        0,
      );
      const share = { kind: "share", t: to, share: came / expected, at } as const;
      this.#apply(watching, watching.prepared(target), share);
    }
  }

  #setBoundary(watching: Watching, boundary: number): void {
    watching.setBoundary(boundary);
    this.#changedRules.add(watching);
  }

  /** The devices or gateways that a rule of silence, lag or quarantine watches and that are known by now. */
  *#subjects(watching: Watching): Iterable<Prepared> {
    const registry = this.#world.registry();
    const { rule } = watching;
    if (rule.kind === "silence") {
      for (const device of registry.devices.values())
        if (this.#known.has(device.id) && watchesDevice(rule, device, registry))
          yield watching.prepare(device, device, () => deviceTarget(device, registry));
    } else if (rule.kind === "gateway-lag" || rule.kind === "quarantine") {
      for (const gateway of registry.gateways.values())
        if (this.#known.has(gateway.id) && watchesGateway(rule, gateway))
          yield this.#gateway(watching, gateway, registry);
    }
  }

  /** A gateway's record changes with each batch, but nothing of it that is told here. */
  #gateway(watching: Watching, gateway: GatewayRecord, registry: Registry): Prepared {
    return watching.prepare(gateway, watching, () =>
      gatewayTarget(watching.rule, gateway, registry),
    );
  }

  #apply(watching: Watching, subject: Prepared, input: Parameters<Watching["apply"]>[1]): void {
    const { id, kind } = subject.watched.subject;
    const isKnown = kind === "device" || kind === "gateway";
    watching.apply(subject, input, isKnown ? this.#known.get(id) : undefined);
  }
}

function isLevel({ kind }: Rule): boolean {
  return kind === "above" || kind === "below" || kind === "rate-above" || kind === "rate-below";
}

/** A gateway's entry that is about no single reading. */
function entryOf(gateway: string, index: number): Proof {
  return { gateway, index, point: null, time: null, clockless: false };
}
