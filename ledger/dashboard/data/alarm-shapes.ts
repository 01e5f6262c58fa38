// What /api/v1/alarms, alarm-rules and alarm-channels answer.
import type { AlarmRule } from "../measure/alarm-rule.ts";

export type AlarmStatus = "open" | "acknowledged" | "closed";

export interface Alarm {
  readonly id: string;
  readonly rule: string;
  readonly building: string;
  readonly subject: string; // id of what rings
  readonly subjectKind: "point" | "device" | "gateway" | "building";
  readonly place: string | null;
  readonly severity: string;
  readonly title: string;
  readonly says: string;
  readonly value: number; // at the opening
  readonly worst: number; // farthest beyond the limit
  readonly unit: string;
  readonly openedAt: string;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedBy: string | null;
  readonly note: string | null;
  readonly closedAt: string | null;
  readonly closedBecause: string | null;
  readonly reopened: number;
  readonly flapping: boolean;
  readonly historic: boolean; // found so late that nobody was told
  readonly status: AlarmStatus;
  readonly evidence: { readonly gateway: string; readonly index: number } | null;
  readonly deliveries: readonly {
    readonly channel: string;
    readonly event: string;
    readonly state: string;
    readonly at: string;
    readonly error: string | null;
  }[];
}

export interface RuleState {
  readonly rule: AlarmRule;
  readonly since: string;
  readonly subjects: number; // what it watches now
  readonly open: number; // its alarms that are not closed
}

export interface AlarmChannel {
  readonly name: string;
  readonly kind: "webhook" | "smtp";
  readonly waiting: number;
  readonly deliveredAt: string | null;
  readonly error: string | null;
}
