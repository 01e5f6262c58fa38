// Follows the read model, judges, keeps and lets messages go: the one loop of the alarms, one thing at a time (decision 12).
//
// Write order: evaluate in memory, then one durable write of cursor, states, alarms and deliveries, then send. If we die before the
// write, the same entries are judged again and come to the same; after it, what waits in the outbox is sent by the next run.

import { LedgerError } from "../errors.ts";
import type { Clock } from "../ports.ts";
import type { ReadModel } from "../read-model/read-model.ts";
import type { LedgerSource } from "../read-model/sources.ts";
import { type Delivery, type DeliveryLimits, type Plan, plan, type Storm } from "./delivery.ts";
import { Evaluator } from "./evaluator.ts";
import type { Outbox } from "./outbox.ts";
import { receivedOf } from "./received.ts";
import { readSteps } from "./step.ts";
import type { AlarmStore } from "./store.ts";
import type { Output } from "./watch.ts";

/** How often time moves on while nothing is committed. */
const tickMs = 5_000;
/** How long to wait after a failure. */
const failureMs = 1_000;
/** A node that was gone for longer than this was deaf meanwhile. */
const deafMsMin = 60_000;

export interface EngineParts {
  readonly readModel: ReadModel;
  readonly ledger: LedgerSource;
  readonly clock: Clock;
  readonly store: AlarmStore;
  readonly outbox: Outbox;
  readonly limits: DeliveryLimits;
  /** Alarms found later than this after they opened are history. */
  readonly historyMs: number;
  /** Told of the first of several failures. */
  readonly onFailure: (error: Error) => void;
}

/** What stands in memory beside the store: read from it at the start and after every failure. */
interface Memory {
  readonly evaluator: Evaluator;
  /** The first ledger entry that was not judged. */
  next: number;
  readonly storms: Map<string, Storm>;
}

type AlarmListener = (output: Output) => void;

export class Engine {
  readonly #parts: EngineParts;
  readonly #listeners = new Set<AlarmListener>();
  readonly #stopListening: () => void;
  readonly #loop: Promise<void>;
  #memory: Memory;
  /** Ledger time up to which was judged, in ms. */
  #time = 0;
  /** When this node was last known to listen, in ms. */
  #alive: number | null;
  /** The end of a time in which this node heard nothing, until it was taken account of. */
  #deafUntil: number | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #failure: Error | null = null;
  #closed = false;
  #wake: (() => void) | null = null;
  #woken = false;

  private constructor(parts: EngineParts, memory: Memory, alive: number | null) {
    this.#parts = parts;
    this.#memory = memory;
    this.#alive = alive;
    this.#stopListening = parts.readModel.onApplied(() => this.#signal());
    this.#loop = this.#run();
  }

  /** Goes on from where the store stands. */
  static async start(parts: EngineParts): Promise<Engine> {
    return new Engine(parts, await load(parts), await parts.store.alive());
  }

  /** The rules; to be changed in a turn only. */
  get evaluator(): Evaluator {
    return this.#memory.evaluator;
  }

  failure(): Error | null {
    return this.#failure;
  }

  /** This moment, never before what was judged. */
  now(): number {
    const { clock, readModel } = this.#parts;
    return Math.max(clock.now(), this.#time, readModel.applied().time);
  }

  onChange(listener: AlarmListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * A change of rules or alarms, after all that came before it was judged, and durable when it resolves. It returns rules to forget.
   * One that refuses with an `alarm.…` error must have changed nothing.
   */
  change(task: () => readonly string[] | Promise<readonly string[]>): Promise<void> {
    return this.#inTurn(async () => {
      await this.#catchUp();
      await this.#commit(await task());
    });
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
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#listen();
        await this.#inTurn(() => this.#catchUp());
        this.#failure = null;
      } catch (error) {
        if (this.#closed) return;
        const before = this.#failure;
        this.#failure = error instanceof Error ? error : new Error(String(error));
        if (before === null) this.#parts.onFailure(this.#failure);
      }
      await this.#sleep(this.#failure === null ? tickMs : failureMs);
    }
  }

  /** What fails leaves memory as the store has it. */
  #inTurn(task: () => Promise<void>): Promise<void> {
    const turn = this.#turn
      .catch(() => undefined)
      .then(async () => {
        if (this.#closed) throw new LedgerError("alarm.closed");
        try {
          await task();
        } catch (error) {
          const isRefusal = error instanceof LedgerError && error.code.startsWith("alarm.");
          if (!isRefusal) await this.#restore();
          throw error;
        }
      });
    this.#turn = turn;
    return turn;
  }

  async #restore(): Promise<void> {
    this.#memory = await load(this.#parts);
    this.#parts.outbox.accept(await this.#parts.store.waiting());
  }

  /** Judges all that the read model shows; then time moves on, unless the read model is behind the ledger. */
  async #catchUp(): Promise<void> {
    const { readModel, ledger } = this.#parts;
    const memory = this.#memory;
    const { evaluator } = memory;
    if (evaluator.size === 0) {
      // Nobody asks about the past: a rule judges what comes after it.
      memory.next = readModel.applied().next;
      this.#deafUntil = null;
      return;
    }
    while (memory.next < readModel.applied().next && !this.#closed) {
      const page = await readSteps(
        { store: readModel.store, registry: readModel.registry(), ledger },
        memory.next,
        readModel.applied().next,
        (point) => evaluator.wants(point),
      );
      for (const step of page.steps) {
        this.#moveOn(step.time);
        await evaluator.step(step);
      }
      memory.next = page.next;
      await this.#commit([], true);
    }
    const isCurrent =
      readModel.failure() === null &&
      memory.next === readModel.applied().next &&
      memory.next === ledger.head().size;
    if (!isCurrent || this.#closed) return;
    const now = this.now();
    this.#moveOn(now);
    await evaluator.tick(now);
    await this.#commit([]);
  }

  #moveOn(time: number): void {
    this.#time = Math.max(this.#time, time);
    if (this.#deafUntil === null || time < this.#deafUntil) return;
    this.#memory.evaluator.deaf(this.#deafUntil);
    this.#deafUntil = null;
  }

  /** Makes what changed durable, and lets what is to be told go out. */
  async #commit(forgotten: readonly string[], moved = false): Promise<void> {
    const { evaluator, next, storms: known } = this.#memory;
    const { outputs, ...kept } = evaluator.take();
    const changes = [kept.rules, kept.states, kept.known, outputs, forgotten];
    if (!moved && changes.every(({ length }) => length === 0)) return;
    const { store, outbox } = this.#parts;
    const { deliveries, storms } = await this.#plan(outputs);
    const alarms = outputs.map(({ alarm }) => alarm);
    outbox.withdraw(deliveries);
    await store.write({ next, ...kept, forgotten, alarms, deliveries, storms });
    for (const storm of storms) known.set(storm.channel, storm);
    outbox.accept(deliveries);
    for (const output of outputs) for (const listener of this.#listeners) listener(output);
  }

  async #plan(outputs: readonly Output[]): Promise<Plan> {
    const { store, outbox, clock, limits } = this.#parts;
    const { evaluator, storms } = this.#memory;
    const before = new Map<string, readonly Delivery[]>();
    for (const { event, alarm } of outputs)
      if (event !== "opened" && !before.has(alarm.id))
        before.set(alarm.id, await store.deliveriesOf(alarm.id));
    const rules = new Map(evaluator.rules().map(({ rule }) => [rule.id, rule]));
    const channels = outbox.channels().map(({ name }) => name);
    return plan(
      outputs.map((output) => ({
        ...output,
        holdOffMs: (rules.get(output.alarm.rule)?.holdOffSeconds ?? 0) * 1000,
      })),
      {
        now: clock.now(),
        limits,
        channels,
        channelsOf: (rule) => {
          const wanted = rules.get(rule)?.channels ?? channels;
          return channels.filter((name) => wanted.includes(name));
        },
        deliveriesOf: (alarm) => before.get(alarm) ?? [],
        isAtRest: (id) => outbox.isAtRest(id),
        waiting: (channel) => outbox.waiting(channel),
        storm: (channel) => storms.get(channel) ?? null,
      },
    );
  }

  /** Keeps a mark of life: after a gap nobody is blamed for what was not heard in it. */
  async #listen(): Promise<void> {
    const { clock, store } = this.#parts;
    const now = clock.now();
    if (this.#alive !== null && now - this.#alive > deafMsMin) this.#deafUntil = now;
    this.#alive = now;
    // Until the gap is taken account of, the stored mark tells the next start of it.
    if (this.#deafUntil === null) await store.setAlive(now);
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

/** Memory as the store has it. */
async function load({ readModel, ledger, store, historyMs }: EngineParts): Promise<Memory> {
  const evaluator = new Evaluator(
    {
      registry: () => readModel.registry(),
      received: (points, from, to, before) => receivedOf(readModel.store, points, from, to, before),
    },
    historyMs,
    { rules: await store.rules(), states: await store.states(), known: await store.known() },
  );
  const storms = new Map((await store.storms()).map((storm) => [storm.channel, storm]));
  // A ledger that was restored from an older copy is shorter than what was judged.
  const next = Math.min((await store.next()) ?? 0, ledger.head().size);
  return { evaluator, next, storms };
}
