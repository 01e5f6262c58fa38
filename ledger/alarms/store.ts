// What the alarms keep, in a LevelDB folder of their own: it outlives the read model, which is disposable (D10, decision 12).

import { Level } from "level";
import { LedgerError } from "../errors.ts";
import { type Alarm, type AlarmStatus, statusOf } from "./alarm.ts";
import type { Delivery, Storm } from "./delivery.ts";
import type { KnownSince, StoredState } from "./evaluator.ts";
import type { StoredRule } from "./watching.ts";

/** Closed alarms that are kept, with their deliveries; the oldest go first. */
const closedAlarmsMax = 50_000;
/** Alarms looked at for one page of a list that is narrowed. */
const lookedAtMax = 20_000;

/** What one durable write changes: all of it or nothing. */
export interface Write {
  /** The first ledger entry that was not judged. */
  readonly next?: number;
  readonly rules?: readonly StoredRule[];
  /** Rules that are forgotten, with all their states. */
  readonly forgotten?: readonly string[];
  readonly states?: readonly StoredState[];
  readonly known?: readonly KnownSince[];
  readonly alarms?: readonly Alarm[];
  readonly deliveries?: readonly Delivery[];
  readonly storms?: readonly Storm[];
}

export interface AlarmQuery {
  readonly status?: AlarmStatus | undefined;
  readonly building?: string | undefined;
  /** Alarms with a lower id: those that opened before it. */
  readonly before?: string | undefined;
  readonly limit: number;
}

type Value =
  | StoredRule
  | StoredState["state"]
  | Alarm
  | Delivery
  | Storm
  | string
  | number
  | { readonly next: number; readonly genesis: string };

/** Above every key that begins with the prefix: keys are ASCII. */
const LAST = "\uffff";
const CURSOR = "cursor";
const ALIVE = "alive";
const NO_ALARM = "summary";

export class AlarmStore {
  readonly #db: Level<string, Value>;
  readonly #genesis: string;
  readonly #open = new Map<string, Alarm>();
  #closed = 0;

  private constructor(db: Level<string, Value>, genesis: string) {
    this.#db = db;
    this.#genesis = genesis;
  }

  /** Opens the folder, which is made when it is not there; `genesis` names the ledger. Errors: `alarm.store`. */
  static async open(directory: string, genesis: string): Promise<AlarmStore> {
    const db = new Level<string, Value>(directory, { valueEncoding: "json" });
    await db.open();
    const store = new AlarmStore(db, genesis);
    const cursor = (await db.get(CURSOR)) as { readonly genesis: string } | undefined;
    if (cursor !== undefined && cursor.genesis !== genesis) {
      await db.close();
      throw new LedgerError("alarm.store", directory);
    }
    for await (const [, alarm] of store.#range<Alarm>("alarm/")) store.#count(undefined, alarm);
    return store;
  }

  /** The first ledger entry that was not judged; null when none ever was. */
  async next(): Promise<number | null> {
    const cursor = (await this.#db.get(CURSOR)) as { readonly next: number } | undefined;
    return cursor?.next ?? null;
  }

  /** When this node was last known to listen, in ms; null before the first time. */
  async alive(): Promise<number | null> {
    return ((await this.#db.get(ALIVE)) as number | undefined) ?? null;
  }

  /** Not synced: after a power cut it may be a little older. */
  async setAlive(at: number): Promise<void> {
    await this.#db.put(ALIVE, at);
  }

  rules(): Promise<readonly StoredRule[]> {
    return this.#values<StoredRule>("rule/");
  }

  async states(): Promise<readonly StoredState[]> {
    const states: StoredState[] = [];
    for await (const [key, state] of this.#range<StoredState["state"]>("state/")) {
      const at = key.indexOf("/");
      states.push({ rule: key.slice(0, at), subject: key.slice(at + 1), state });
    }
    return states;
  }

  async known(): Promise<readonly KnownSince[]> {
    const known: KnownSince[] = [];
    for await (const entry of this.#range<number>("known/")) known.push(entry);
    return known;
  }

  storms(): Promise<readonly Storm[]> {
    return this.#values<Storm>("storm/");
  }

  async waiting(): Promise<readonly Delivery[]> {
    const waiting: Delivery[] = [];
    for await (const [, key] of this.#range<string>("waiting/")) {
      const delivery = (await this.#db.get(key)) as Delivery | undefined;
      if (delivery !== undefined) waiting.push(delivery);
    }
    return waiting;
  }

  /** Alarms that are not closed, the newest first. */
  openAlarms(): readonly Alarm[] {
    return [...this.#open.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  async alarm(id: string): Promise<Alarm | null> {
    return ((await this.#db.get(`alarm/${id}`)) as Alarm | undefined) ?? null;
  }

  /** Alarms, the newest first; `more` is where to go on, null at the end. A page may be short of `limit` and yet have more. */
  async alarms(
    query: AlarmQuery,
  ): Promise<{ readonly alarms: readonly Alarm[]; readonly more: string | null }> {
    const { status, building, before, limit } = query;
    const fits = (alarm: Alarm): boolean =>
      (status === undefined || statusOf(alarm) === status) &&
      (building === undefined || alarm.subject.building === building);
    if (status === "open" || status === "acknowledged") {
      const left = this.openAlarms().filter(
        (alarm) => fits(alarm) && (before === undefined || alarm.id < before),
      );
      const alarms = left.slice(0, limit);
      return { alarms, more: left.length > limit ? alarms.at(-1)!.id : null };
    }
    const found: Alarm[] = [];
    let looked = 0;
    let last: string | null = null;
    const range = { gt: "alarm/", lt: `alarm/${before ?? LAST}`, reverse: true };
    for await (const [key, value] of this.#db.iterator(range)) {
      if (found.length === limit || looked === lookedAtMax) return { alarms: found, more: last };
      looked += 1;
      last = key.slice("alarm/".length);
      if (fits(value as Alarm)) found.push(value as Alarm);
    }
    return { alarms: found, more: null };
  }

  /** The deliveries of an alarm, in the order of their making. */
  async deliveriesOf(alarm: string): Promise<readonly Delivery[]> {
    const deliveries = await this.#values<Delivery>(`delivery/${alarm}/`);
    return [...deliveries].sort((a, b) => a.createdAt - b.createdAt);
  }

  /** Durable when it resolves. If we die before, nothing of it happened; after it, all of it did. */
  async write(write: Write): Promise<void> {
    const batch = this.#db.batch();
    if (write.next !== undefined) batch.put(CURSOR, { next: write.next, genesis: this.#genesis });
    for (const id of write.forgotten ?? []) {
      batch.del(`rule/${id}`);
      for await (const key of this.#db.keys(under(`state/${id}/`))) batch.del(key);
    }
    for (const stored of write.rules ?? []) batch.put(`rule/${stored.rule.id}`, stored);
    for (const { rule, subject, state } of write.states ?? [])
      batch.put(`state/${rule}/${subject}`, state);
    for (const [id, since] of write.known ?? []) batch.put(`known/${id}`, since);
    for (const alarm of write.alarms ?? []) batch.put(`alarm/${alarm.id}`, alarm);
    for (const delivery of write.deliveries ?? []) {
      const key = `delivery/${delivery.alarm ?? NO_ALARM}/${delivery.id}`;
      // A summary that was delivered belongs to no alarm: nobody would look for it.
      if (delivery.alarm === null && delivery.state === "delivered") batch.del(key);
      else batch.put(key, delivery);
      if (delivery.state === "waiting") batch.put(`waiting/${delivery.id}`, key);
      else batch.del(`waiting/${delivery.id}`);
    }
    for (const storm of write.storms ?? []) batch.put(`storm/${storm.channel}`, storm);
    const before = new Map<string, Alarm | undefined>();
    for (const { id } of write.alarms ?? [])
      if (!before.has(id)) before.set(id, (await this.alarm(id)) ?? undefined);
    await batch.write({ sync: true });
    for (const alarm of write.alarms ?? []) {
      this.#count(before.get(alarm.id), alarm);
      before.set(alarm.id, alarm);
    }
    if (this.#closed > closedAlarmsMax) await this.#prune();
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  #count(before: Alarm | undefined, alarm: Alarm): void {
    if (before !== undefined && before.closedAt !== null) this.#closed -= 1;
    if (alarm.closedAt === null) this.#open.set(alarm.id, alarm);
    else {
      this.#open.delete(alarm.id);
      this.#closed += 1;
    }
  }

  /** Forgets the oldest closed alarms, a tenth at a time. */
  async #prune(): Promise<void> {
    const batch = this.#db.batch();
    let pruned = 0;
    for await (const [id, alarm] of this.#range<Alarm>("alarm/")) {
      if (pruned >= closedAlarmsMax / 10) break;
      if (alarm.closedAt === null) continue;
      pruned += 1;
      batch.del(`alarm/${id}`);
      for await (const key of this.#db.keys(under(`delivery/${id}/`))) batch.del(key);
    }
    await batch.write();
    this.#closed -= pruned;
  }

  async #values<T extends Value>(prefix: string): Promise<readonly T[]> {
    const values: T[] = [];
    for await (const [, value] of this.#range<T>(prefix)) values.push(value);
    return values;
  }

  /** What lies under a prefix, by the rest of its key. */
  async *#range<T extends Value>(prefix: string): AsyncIterable<readonly [string, T]> {
    for await (const [key, value] of this.#db.iterator(under(prefix)))
      yield [key.slice(prefix.length), value as T];
  }
}

function under(prefix: string): { readonly gt: string; readonly lt: string } {
  return { gt: prefix, lt: prefix + LAST };
}
