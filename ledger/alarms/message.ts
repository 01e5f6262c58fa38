// What a delivery says: as JSON for programs (Standard Webhooks 1.0: type, timestamp, data), as text and HTML for people.

import { type Alarm, isFlapping, statusOf } from "./alarm.ts";
import type { Delivery, Summary } from "./delivery.ts";
import { amount, duration } from "./wording.ts";

/** An alarm as programs see it: in webhooks, and in answers of the API. Times in RFC 3339, UTC. */
export interface AlarmFacts {
  readonly id: string;
  readonly rule: string;
  readonly building: string;
  readonly subject: string;
  readonly subjectKind: Alarm["subject"]["kind"];
  readonly place: string | null;
  readonly severity: Alarm["severity"];
  readonly title: string;
  readonly says: string;
  readonly value: number;
  readonly worst: number;
  readonly unit: string;
  readonly since: string;
  readonly openedAt: string;
  readonly foundAt: string;
  readonly acknowledgedAt: string | null;
  readonly closedAt: string | null;
  readonly closedBecause: Alarm["closedBecause"];
  readonly reopened: number;
  readonly flapping: boolean;
  readonly historic: boolean;
  readonly status: ReturnType<typeof statusOf>;
  readonly evidence: {
    readonly gateway: string;
    readonly index: number;
    readonly point: string | null;
    readonly time: string | null;
    readonly clockless: boolean;
  } | null;
}

/** The facts of an alarm; who acknowledged it is left out, for that is nobody's business outside. */
export function factsOf(alarm: Alarm): AlarmFacts {
  const { id, rule, subject, severity, title, says, value, worst, proof } = alarm;
  return {
    id,
    rule,
    building: subject.building,
    subject: subject.id,
    subjectKind: subject.kind,
    place: subject.place,
    severity,
    title,
    says,
    value,
    worst,
    unit: subject.unit,
    since: isoOf(alarm.since),
    openedAt: isoOf(alarm.openedAt),
    foundAt: isoOf(alarm.foundAt),
    acknowledgedAt: isoOrNull(alarm.acknowledgedAt),
    closedAt: isoOrNull(alarm.closedAt),
    closedBecause: alarm.closedBecause,
    reopened: alarm.reopened,
    flapping: isFlapping(alarm),
    historic: alarm.historic,
    status: statusOf(alarm),
    evidence: proof === null ? null : { ...proof, time: isoOrNull(proof.time) },
  };
}

/** The body of a webhook: the same bytes however often it is sent. */
export function jsonOf({ event, content }: Delivery): string {
  if (content === null) throw new Error("a delivery that is done says nothing");
  if (content.kind === "summary") {
    const { from, ...data } = content.summary;
    return JSON.stringify({
      type: "alarm.summary",
      timestamp: isoOf(from),
      data: { from: isoOf(from), ...data },
    });
  }
  const { alarm } = content;
  const at = event === "closed" ? alarm.closedAt : alarm.openedAt;
  return JSON.stringify({
    type: `alarm.${event}`,
    timestamp: isoOf(at ?? alarm.openedAt),
    data: factsOf(alarm),
  });
}

/** A letter: subject, plain text, and the same as minimal HTML. */
export interface Letter {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export function letterOf({ event, content }: Delivery, pageUrl: string | null): Letter {
  if (content === null) throw new Error("a delivery that is done says nothing");
  const { subject, lead, rows } =
    content.kind === "summary" ? summaryLetter(content.summary) : alarmLetter(event, content.alarm);
  const more = pageUrl === null ? [] : [pageUrl];
  const text = [
    lead,
    "",
    ...rows.map(([name, value]) => `${name}: ${value}`),
    ...(more.length === 0 ? [] : ["", ...more]),
    "",
    FOOTER,
    "",
  ].join("\n");
  const cells = rows.map(
    ([name, value]) =>
      `<tr><th align="left" valign="top">${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
  );
  const html = [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<title>${escaped(subject)}</title></head><body>`,
    `<p>${escaped(lead)}</p><table>${cells.join("")}</table>`,
    ...more.map((url) => `<p><a href="${escaped(url)}">${escaped(url)}</a></p>`),
    `<p><small>${escaped(FOOTER)}</small></p></body></html>`,
  ].join("\n");
  return { subject, text, html };
}

const FOOTER =
  "Sent by a Muniment ledger node. Acknowledge alarms on its page; answers are not read.";

interface Draft {
  readonly subject: string;
  readonly lead: string;
  readonly rows: readonly (readonly [name: string, value: string])[];
}

function alarmLetter(event: Delivery["event"], alarm: Alarm): Draft {
  const { subject, severity, title, says, proof } = alarm;
  const local = (ms: number): string => localTime(ms, subject.zone);
  const closed = event === "closed" && alarm.closedAt !== null;
  const state = closed ? "closed" : event === "reopened" ? `${severity}, again` : severity;
  return {
    subject: `[${state}] ${title}: ${subject.id}`,
    lead: closed ? `Over: ${says}.` : `${says}.`,
    rows: [
      ["Building", subject.building],
      ...(subject.place === null ? [] : [["Place", subject.place] as const]),
      ["Opened", local(alarm.openedAt)],
      ...(alarm.closedAt === null
        ? []
        : [
            [
              "Closed",
              `${local(alarm.closedAt)}, after ${duration((alarm.closedAt - alarm.openedAt) / 1000)}${alarm.closedBecause === "cleared" ? "" : ` (${alarm.closedBecause})`}`,
            ] as const,
            ["Worst", amount(alarm.worst, subject)] as const,
          ]),
      ...(isFlapping(alarm)
        ? [["Flapping", `cleared and rang again ${alarm.reopened} times`] as const]
        : []),
      ...(proof === null
        ? []
        : [
            [
              "Evidence",
              `entry ${proof.index} of gateway ${proof.gateway}${proof.point === null ? "" : `, ${proof.point}`}${proof.clockless ? " (a device without a clock)" : ""}`,
            ] as const,
          ]),
      ["Rule", alarm.rule],
      ["Alarm", alarm.id],
    ],
  };
}

function summaryLetter({ count, severities, rules, says, from }: Summary): Draft {
  return {
    subject: `[storm] ${count} more alarms`,
    lead: `${count} more alarms opened than are told one by one.`,
    rows: [
      ["Since", isoOf(from)],
      ["By severity", listOf(severities)],
      ["By rule", listOf(rules)],
      ...says.map((text) => ["Such as", text] as const),
    ],
  };
}

function listOf(counts: Readonly<Record<string, number | undefined>>): string {
  return Object.entries(counts)
    .map(([name, n]) => `${name} ${n}`)
    .join(", ");
}

/** Civil time of the building with its zone, and UTC beside it. */
function localTime(ms: number, zone: string): string {
  const local = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "medium",
    hourCycle: "h23",
  }).format(ms);
  return `${local} ${zone} (${isoOf(ms)})`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** RFC 3339 in UTC; a device may claim any time, so what no calendar holds becomes the end of it. */
export function isoOf(ms: number): string {
  return new Date(Math.min(Math.max(ms, 0), 253_402_300_799_999)).toISOString();
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : isoOf(ms);
}
