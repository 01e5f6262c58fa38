// An alarm and its life: open, acknowledged, closed; one that rings again within the hold-off of its rule goes on (ANSI/ISA-18.2: suppress chatter). Pure.

import { sha256, toHex, utf8 } from "@muniment/core";
import type { Change } from "./change.ts";
import type { Severity } from "./rule.ts";

/** The entry of a gateway's log that proves what the alarm says; `/evidence/<gateway>/<index>` shows it. */
export interface Proof {
  readonly gateway: string;
  readonly index: number;
  /** The point whose reading it is; null where it is about no single point. */
  readonly point: string | null;
  /** The reading's own time, in ms. */
  readonly time: number | null;
  /** Whether the device had no clock: the time is counted from when the ledger had it. */
  readonly clockless: boolean;
}

/** What a rule watches: a point, device, gateway or building. */
export interface Subject {
  readonly id: string;
  readonly kind: "point" | "device" | "gateway" | "building";
  readonly building: string;
  readonly place: string | null;
  /** Of the measured value: the point's unit, `s`, `1` for a share, or `entries`. */
  readonly unit: string;
  /** Brick class of the point; null where none is known, and of other subjects. */
  readonly brick: string | null;
  /** IANA zone of the building. */
  readonly zone: string;
}

/** Times in ms since 1970, on the clock of what is watched: the readings' own, or the ledger's. */
export interface Alarm {
  readonly id: string;
  readonly rule: string;
  readonly subject: Subject;
  readonly severity: Severity;
  readonly title: string;
  readonly says: string;
  readonly value: number;
  readonly worst: number;
  readonly since: number;
  readonly openedAt: number;
  /** Ledger time at which this node found it. */
  readonly foundAt: number;
  readonly proof: Proof | null;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
  readonly note: string | null;
  readonly closedAt: number | null;
  readonly closedBecause: "cleared" | "rule changed" | "rule removed" | "no longer watched" | null;
  /** How often it cleared and rang again within the hold-off. */
  readonly reopened: number;
  /** Found so long after it opened that nobody is told: history. */
  readonly historic: boolean;
}

export type AlarmStatus = "open" | "acknowledged" | "closed";

/** Rings again within the hold-off from which an alarm counts as flapping: the limit or its dead band wants a look. */
export const flapsMin = 3;

export function statusOf(alarm: Alarm): AlarmStatus {
  if (alarm.closedAt !== null) return "closed";
  return alarm.acknowledgedAt === null ? "open" : "acknowledged";
}

export function isFlapping(alarm: Alarm): boolean {
  return alarm.reopened >= flapsMin;
}

const idTimeDigits = 9;
const idHashDigits = 12;

/**
 * The id of an alarm: time of opening (ms, base 36), then a hash of rule, rule's start and subject. The same readings give
 * the same id, so an alarm cannot be opened twice, and the order of ids is the order of time. It holds no full stop,
 * which Standard Webhooks keeps for itself.
 */
export function alarmId(
  rule: string,
  ruleSince: number,
  subject: string,
  openedAt: number,
): string {
  const time = Math.max(0, openedAt).toString(36).padStart(idTimeDigits, "0");
  const hash = toHex(sha256(utf8(JSON.stringify([rule, ruleSince, subject, openedAt]))));
  return `${time}-${hash.slice(0, idHashDigits)}`;
}

/** The alarm that a raised condition opens. */
export function openAlarm(
  facts: Pick<Alarm, "rule" | "subject" | "severity" | "title" | "says" | "proof" | "foundAt"> & {
    readonly ruleSince: number;
    /** Age in ms from which nobody is told. */
    readonly historyMs: number;
  },
  change: Change,
): Alarm {
  const { ruleSince, historyMs, ...rest } = facts;
  return {
    ...rest,
    id: alarmId(facts.rule, ruleSince, facts.subject.id, change.at),
    value: change.value,
    worst: change.worst,
    since: change.since,
    openedAt: change.at,
    acknowledgedAt: null,
    acknowledgedBy: null,
    note: null,
    closedAt: null,
    closedBecause: null,
    reopened: 0,
    historic: facts.foundAt - change.at > historyMs,
  };
}

/** Whether a change that raises the condition again continues the closed alarm. */
export function continues(alarm: Alarm | null, change: Change, holdOffMs: number): alarm is Alarm {
  return alarm !== null && alarm.closedAt !== null && change.at - alarm.closedAt <= holdOffMs;
}

export function reopenAlarm(alarm: Alarm): Alarm {
  return { ...alarm, closedAt: null, closedBecause: null, reopened: alarm.reopened + 1 };
}

/** Closes at `at`, never before it opened. */
export function closeAlarm(
  alarm: Alarm,
  at: number,
  because: NonNullable<Alarm["closedBecause"]>,
  worst = alarm.worst,
): Alarm {
  return { ...alarm, closedAt: Math.max(at, alarm.openedAt), closedBecause: because, worst };
}

export function acknowledgeAlarm(alarm: Alarm, by: string, note: string | null, at: number): Alarm {
  return { ...alarm, acknowledgedAt: at, acknowledgedBy: by, note };
}
