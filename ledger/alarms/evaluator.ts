// All rules on all their subjects: takes steps of the ledger and ticks of time to the machines and gathers what comes out (house rule 2).
// In memory only: what changed is taken by take() and made durable by its caller, in one write with the cursor.

import { expectedReadings } from "../read-model/measures/completeness.ts";
import type {
  BuildingRecord,
  GatewayRecord,
  PointRecord,
  Registry,
} from "../read-model/registry.ts";
import { type Alarm, acknowledgeAlarm, type Proof } from "./alarm.ts";
import { Hours, scheduleOf } from "./hours.ts";
import type { CompletenessRule, Rule } from "./rule.ts";
import {
  deviceTarget,
  gatewayTarget,
  isWatched,
  pointTarget,
  type Target,
  targetsOf,
  watchesDevice,
  watchesGateway,
  watchesPoint,
} from "./scope.ts";
import type { Step } from "./step.ts";
import {
  acknowledgeWatch,
  beginWatch,
  endWatch,
  type Input,
  type Output,
  type Watched,
  type WatchState,
  type WatchStep,
  wakeAt,
  watch,
} from "./watch.ts";

/** A rule as it is kept. */
export interface StoredRule {
  readonly rule: Rule;
  /** When it began, in ms of ledger time. */
  readonly since: number;
  /** End of the next window to be judged, in ms; of a completeness rule. */
  readonly boundary: number | null;
}

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

/** A rule at work. */
interface Watching {
  stored: StoredRule;
  readonly states: Map<string, WatchState>;
  readonly subjects: Map<string, Prepared>;
  /** No tick before this ledger time changes anything. */
  wakeAt: number;
}

/** What the machine must know of a subject, while the records it was made from stand. */
interface Prepared {
  readonly record: object;
  readonly building: BuildingRecord | undefined;
  readonly watched: Watched;
  readonly hours: Hours;
}

const completenessStepMsMax = 3_600_000;
/** Windows judged at one time at most, the newest: after a long gap the older ones say nothing that these do not. */
const windowsMax = 48;

export class Evaluator {
  readonly #world: World;
  readonly #historyMs: number;
  readonly #rules = new Map<string, Watching>();
  readonly #known = new Map<string, number>();
  readonly #changedRules = new Set<Watching>();
  readonly #changedStates = new Map<Watching, Set<string>>();
  readonly #changedKnown = new Set<string>();
  #outputs: Output[] = [];

  /** `historyMs`: alarms found later than this after they opened are history. */
  constructor(world: World, historyMs: number, kept: Kept) {
    this.#world = world;
    this.#historyMs = historyMs;
    for (const stored of kept.rules) this.#rules.set(stored.rule.id, beginWatching(stored));
    for (const { rule, subject, state } of kept.states)
      this.#rules.get(rule)?.states.set(subject, state);
    for (const [id, since] of kept.known) this.#known.set(id, since);
  }

  /** The rules, by id; each with how many subjects it watches now, and how many readings it could not judge. */
  rules(): readonly (StoredRule & { readonly subjects: number; readonly late: number })[] {
    const registry = this.#world.registry();
    return this.#inOrder().map(({ stored, states }) => ({
      ...stored,
      subjects: [...targetsOf(stored.rule, registry)].length,
      late: [...states.values()].reduce((sum, { late }) => sum + late, 0),
    }));
  }

  stored(): readonly StoredRule[] {
    return this.#inOrder().map(({ stored }) => stored);
  }

  get size(): number {
    return this.#rules.size;
  }

  has(id: string): boolean {
    return this.#rules.has(id);
  }

  /** Whether single readings of a point are wanted. */
  wants(point: PointRecord): boolean {
    for (const { stored } of this.#rules.values())
      if (isLevel(stored.rule) && watchesPoint(stored.rule, point)) return true;
    return false;
  }

  /** A rule begins at ledger time `since` (ms); everything enrolled now is known from then on. */
  add(rule: Rule, since: number): void {
    const registry = this.#world.registry();
    for (const id of [...registry.devices.keys(), ...registry.gateways.keys()])
      this.#learn(id, since);
    const boundary = rule.kind === "completeness" ? boundaryAfter(rule, since) : null;
    const watching = beginWatching({ rule, since, boundary });
    this.#rules.set(rule.id, watching);
    this.#changedRules.add(watching);
  }

  /** A rule ends: its open alarms are closed. What is stored of it is the caller's to forget. */
  remove(id: string, at: number, because: "rule changed" | "rule removed"): void {
    const watching = this.#rules.get(id);
    if (watching === undefined) return;
    for (const state of watching.states.values())
      this.#outputs.push(...endWatch(state, at, because).outputs);
    this.#rules.delete(id);
    this.#changedRules.delete(watching);
    this.#changedStates.delete(watching);
  }

  /** One ledger entry: time moves on to its block, then what it brought is judged, in the order of the ledger. */
  async step(step: Step): Promise<void> {
    await this.tick(step.time, step.index);
    for (const id of step.enrolled) this.#learn(id, step.time);
    if (step.registry) this.#registryChanged(step.time);
    const { time: at } = step;
    for (const watching of this.#inOrder()) {
      const { rule } = watching.stored;
      if (rule.kind === "silence") this.#heard(watching, step);
      else if (rule.kind === "gateway-lag" || rule.kind === "quarantine")
        this.#delivered(watching, step);
      else if (isLevel(rule)) {
        for (const { point, t, v, gateway, index } of step.readings) {
          if (!watchesPoint(rule, point)) continue;
          const subject = this.#point(watching, point);
          const reading = { t, v, applies: subject.hours.at(t) };
          const proof = { gateway, index, point: point.id, time: t };
          this.#apply(watching, subject, { kind: "reading", reading, at, proof });
        }
      }
    }
  }

  /** Time moves on to `at` (ms); the ledger's entries up to `before` have been judged. */
  async tick(at: number, before = Number.MAX_SAFE_INTEGER): Promise<void> {
    for (const watching of this.#inOrder()) {
      if (at >= watching.wakeAt) this.#look(watching, at);
      const { rule } = watching.stored;
      if (rule.kind === "completeness") await this.#judge(watching, rule, at, before);
    }
  }

  /** This node was down until `to` (ms): nothing that was not heard meanwhile is missed. */
  deaf(to: number): void {
    for (const watching of this.#inOrder()) {
      const { rule, boundary } = watching.stored;
      if (rule.kind === "completeness") {
        this.#setBoundary(watching, Math.max(boundary ?? 0, boundaryAfter(rule, to)));
        continue;
      }
      for (const subject of this.#subjects(watching))
        this.#apply(watching, subject, { kind: "deaf", to });
    }
  }

  /** Somebody acknowledges an alarm, which may be closed already. */
  acknowledge(alarm: Alarm, by: string, note: string | null, at: number): void {
    const watching = this.#rules.get(alarm.rule);
    const state = watching?.states.get(alarm.subject.id);
    const step = state === undefined ? null : acknowledgeWatch(state, alarm, by, note, at);
    if (watching !== undefined && step !== null) this.#keep(watching, alarm.subject.id, step);
    else
      this.#outputs.push({ event: "acknowledged", alarm: acknowledgeAlarm(alarm, by, note, at) });
  }

  /** What changed since the last call, and what came out, in order. */
  take(): Kept & { readonly outputs: readonly Output[] } {
    const taken = {
      rules: [...this.#changedRules].map(({ stored }) => stored),
      states: [...this.#changedStates].flatMap(([{ stored, states }, subjects]) =>
        [...subjects].map((subject) => ({
          rule: stored.rule.id,
          subject,
          state: states.get(subject)!,
        })),
      ),
      known: [...this.#changedKnown].map((id): KnownSince => [id, this.#known.get(id)!]),
      outputs: this.#outputs,
    };
    this.#changedRules.clear();
    this.#changedStates.clear();
    this.#changedKnown.clear();
    this.#outputs = [];
    return taken;
  }

  #inOrder(): readonly Watching[] {
    return [...this.#rules.values()].sort((a, b) => (a.stored.rule.id < b.stored.rule.id ? -1 : 1));
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
        if (isWatched(watching.stored.rule, id, registry)) continue;
        this.#keep(watching, id, endWatch(state, at, "no longer watched"));
      }
    }
  }

  #heard(watching: Watching, { heard, time: at }: Step): void {
    const registry = this.#world.registry();
    for (const { device: id, gateway, index } of heard) {
      const device = registry.devices.get(id);
      if (device === undefined || !watchesDevice(watching.stored.rule, device, registry)) continue;
      this.#learn(id, at);
      const subject = this.#prepare(watching, device, device, () => deviceTarget(device, registry));
      const proof: Proof = { gateway, index, point: null, time: null };
      this.#apply(watching, subject, { kind: "heard", t: at, at, proof });
    }
  }

  #delivered(watching: Watching, { delivered, time: at }: Step): void {
    const registry = this.#world.registry();
    const { rule } = watching.stored;
    for (const { gateway: id, newest, index, refused, refusedIndex } of delivered) {
      const gateway = registry.gateways.get(id);
      if (gateway === undefined || !watchesGateway(rule, gateway)) continue;
      this.#learn(id, at);
      const subject = this.#gateway(watching, gateway, registry);
      const proof = (entry: number): Proof => ({
        gateway: id,
        index: entry,
        point: null,
        time: null,
      });
      if (rule.kind === "quarantine" && refusedIndex !== null)
        this.#apply(watching, subject, {
          kind: "refused",
          count: refused,
          at,
          proof: proof(refusedIndex),
        });
      if (rule.kind === "gateway-lag" && newest !== null)
        this.#apply(watching, subject, { kind: "heard", t: newest, at, proof: proof(index) });
    }
  }

  /** Takes a tick to every subject that may change by it. */
  #look(watching: Watching, at: number): void {
    watching.wakeAt = Number.POSITIVE_INFINITY;
    for (const subject of this.#subjects(watching)) {
      const state = this.#state(watching, subject);
      const wake = wakeAt(subject.watched, state);
      if (wake > at) watching.wakeAt = Math.min(watching.wakeAt, wake);
      else {
        const from = state.condition.kind === "quiet" ? state.condition.quiet.at : at;
        const spans = subject.hours.spans(from, at);
        this.#apply(watching, subject, { kind: "tick", at, spans });
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
    const registry = this.#world.registry();
    const from = to - rule.windowSeconds * 1000;
    // A window is judged when it lies wholly after the rule began and after the device was enrolled.
    const isWhole = ({ device }: PointRecord): boolean =>
      from >= Math.max(watching.stored.since, this.#known.get(device) ?? Number.POSITIVE_INFINITY);
    const targets = [...targetsOf(rule, registry)]
      .map((target) => ({ ...target, points: target.points.filter(isWhole) }))
      .filter(({ points }) => points.length > 0);
    if (targets.length === 0) return;
    const points = targets.flatMap((target) => target.points);
    const received = await this.#world.received(points, from, to, before);
    for (const target of targets) {
      const owed = (point: PointRecord): number => expectedReadings(from, to, point.interval) ?? 0;
      const expected = target.points.reduce((sum, point) => sum + owed(point), 0);
      if (expected === 0) continue;
      const came = target.points.reduce(
        (sum, point) => sum + Math.min(received.get(point.no) ?? 0, owed(point)),
        0,
      );
      const subject = this.#prepared(watching, target, target);
      this.#apply(watching, subject, { kind: "share", t: to, share: came / expected, at });
    }
  }

  #setBoundary(watching: Watching, boundary: number): void {
    watching.stored = { ...watching.stored, boundary };
    this.#changedRules.add(watching);
  }

  /** The devices or gateways that a rule of silence, lag or quarantine watches and that are known by now. */
  *#subjects(watching: Watching): Iterable<Prepared> {
    const registry = this.#world.registry();
    const { rule } = watching.stored;
    if (rule.kind === "silence") {
      for (const device of registry.devices.values())
        if (this.#known.has(device.id) && watchesDevice(rule, device, registry))
          yield this.#prepare(watching, device, device, () => deviceTarget(device, registry));
    } else if (rule.kind === "gateway-lag" || rule.kind === "quarantine") {
      for (const gateway of registry.gateways.values())
        if (this.#known.has(gateway.id) && watchesGateway(rule, gateway))
          yield this.#gateway(watching, gateway, registry);
    }
  }

  #point(watching: Watching, point: PointRecord): Prepared {
    return this.#prepare(watching, point, point, () =>
      pointTarget(watching.stored.rule, point, this.#world.registry()),
    );
  }

  /** A gateway's record changes with each batch, but nothing of it that is told here. */
  #gateway(watching: Watching, gateway: GatewayRecord, registry: Registry): Prepared {
    const { rule } = watching.stored;
    return this.#prepare(watching, gateway, watching, () => gatewayTarget(rule, gateway, registry));
  }

  #prepare(
    watching: Watching,
    { id, building }: { readonly id: string; readonly building: string },
    record: object,
    target: () => Target,
  ): Prepared {
    const kept = watching.subjects.get(id);
    const registered = this.#world.registry().buildings.get(building);
    if (kept?.record === record && kept.building === registered) return kept;
    const made = this.#prepared(watching, target(), record);
    watching.subjects.set(id, made);
    return made;
  }

  #prepared(
    { stored: { rule, since: ruleSince } }: Watching,
    { subject, interval, counter }: Target,
    record: object,
  ): Prepared {
    const building = this.#world.registry().buildings.get(subject.building);
    const during = "during" in rule ? rule.during : "always";
    return {
      record,
      building,
      watched: { rule, ruleSince, subject, interval, counter, historyMs: this.#historyMs },
      hours: new Hours(scheduleOf(building), during),
    };
  }

  #state(watching: Watching, { watched }: Prepared): WatchState {
    const { id, kind } = watched.subject;
    const known = kind === "device" || kind === "gateway" ? this.#known.get(id) : undefined;
    return (
      watching.states.get(id) ??
      beginWatch(watched, Math.max(watching.stored.since, known ?? watching.stored.since))
    );
  }

  #apply(watching: Watching, subject: Prepared, input: Input): void {
    const { watched } = subject;
    const step = watch(watched, this.#state(watching, subject), input);
    this.#keep(watching, watched.subject.id, step);
    watching.wakeAt = Math.min(watching.wakeAt, wakeAt(watched, step.state));
  }

  #keep(watching: Watching, subject: string, { state, outputs }: WatchStep): void {
    watching.states.set(subject, state);
    this.#outputs.push(...outputs);
    const changed = this.#changedStates.get(watching);
    if (changed === undefined) this.#changedStates.set(watching, new Set([subject]));
    else changed.add(subject);
  }
}

function beginWatching(stored: StoredRule): Watching {
  return {
    stored,
    states: new Map(),
    subjects: new Map(),
    wakeAt: Number.NEGATIVE_INFINITY,
  };
}

function isLevel({ kind }: Rule): boolean {
  return kind === "above" || kind === "below" || kind === "rate-above" || kind === "rate-below";
}

function stepMsOf({ windowSeconds }: CompletenessRule): number {
  return Math.min(windowSeconds * 1000, completenessStepMsMax);
}

/** The first end of a window after `at`: windows end at multiples of their step since 1970. */
function boundaryAfter(rule: CompletenessRule, at: number): number {
  const stepMs = stepMsOf(rule);
  return (Math.floor(at / stepMs) + 1) * stepMs;
}
