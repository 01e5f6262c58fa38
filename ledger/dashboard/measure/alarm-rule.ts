// Rules of the alarms in words, and what a form says as a rule.

export const ruleKinds = [
  { kind: "above", name: "A reading is above a limit" },
  { kind: "below", name: "A reading is below a limit" },
  { kind: "rate-above", name: "A reading rises too fast" },
  { kind: "rate-below", name: "A reading falls too fast" },
  { kind: "silence", name: "A device is silent" },
  { kind: "completeness", name: "Too few readings arrive" },
  { kind: "gateway-lag", name: "A gateway delivers late" },
  { kind: "quarantine", name: "Refused messages grow" },
] as const;

export type RuleKind = (typeof ruleKinds)[number]["kind"];

/** A rule as the node gives it, defaults included; members depend on its kind. */
export interface AlarmRule {
  readonly id: string;
  readonly title: string;
  readonly severity: string;
  readonly kind: RuleKind;
  readonly where: {
    readonly building?: string;
    readonly place?: string;
    readonly device?: string;
    readonly point?: string;
    readonly name?: string;
    readonly brick?: string;
    readonly gateway?: string;
  };
  readonly limit?: number;
  readonly clear?: number;
  readonly forSeconds?: number;
  readonly perSeconds?: number;
  readonly during?: "always" | "open" | "closed";
  readonly of?: "point" | "building";
  readonly windowSeconds?: number;
  readonly intervals?: number;
  readonly atLeastSeconds?: number;
  readonly limitSeconds?: number;
}

const steps = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
] as const;

/** `15 minutes`, `1 day`: the largest unit that holds the seconds whole. */
export function durationWords(seconds: number): string {
  const [length, name] = steps.find(([unit]) => seconds >= unit && seconds % unit === 0) ?? [
    1,
    "second",
  ];
  const count = seconds / length;
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

/** What a rule watches, in words. */
export function whereWords({ kind, where }: AlarmRule): string {
  const { building, place, device, point, name, brick, gateway } = where;
  const what =
    point ??
    brick ??
    name ??
    gateway ??
    device ??
    (kind === "quarantine" || kind === "gateway-lag"
      ? "every gateway"
      : kind === "silence"
        ? "every device"
        : "every point");
  const at = place ?? building;
  return at === undefined ? `${what}, all buildings` : `${what} in ${at}`;
}

/** When a rule rings, in words; `amount` says a value of the rule in the unit that people read. */
export function ruleWords(rule: AlarmRule, amount: (value: number) => string): string {
  const { limit = 0, clear, forSeconds = 0, perSeconds = 3_600, during = "always" } = rule;
  const lasting = forSeconds > 0 ? ` for ${durationWords(forSeconds)}` : "";
  const hours =
    during === "always" ? "" : during === "open" ? ", in opening hours" : ", outside opening hours";
  const clears = clear === undefined || clear === limit ? "" : `; clears at ${amount(clear)}`;
  switch (rule.kind) {
    case "above":
    case "below":
      return `${rule.kind} ${amount(limit)}${lasting}${hours}${clears}`;
    case "rate-above":
      return `rises by more than ${amount(limit)} in ${durationWords(perSeconds)}${lasting}${hours}${clears}`;
    case "rate-below":
      return `changes by less than ${amount(limit)} in ${durationWords(perSeconds)}${lasting}${hours}${clears}`;
    case "silence":
      return `nothing for ${rule.intervals ?? 3} of its intervals, at least ${durationWords(rule.atLeastSeconds ?? 900)}${hours}`;
    case "completeness":
      return `fewer than ${percent(limit)} of the readings expected in ${durationWords(rule.windowSeconds ?? 86_400)}${clear === undefined || clear === limit ? "" : `; clears at ${percent(clear)}`}`;
    case "gateway-lag":
      return `newest statement older than ${durationWords(rule.limitSeconds ?? 0)}`;
    case "quarantine":
      return `more than ${limit} entries that do not count in ${durationWords(rule.windowSeconds ?? 3_600)}`;
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(4))} %`;
}

/** What the form holds, all as text; `scale` turns the shown unit into the sent one (sent = shown ÷ scale). */
export interface RuleForm {
  readonly kind: RuleKind;
  readonly title: string;
  readonly severity: string;
  readonly building: string; // empty: all
  readonly brick: string;
  readonly limit: string;
  readonly clear: string;
  readonly minutes: string;
  readonly during: string;
  readonly scale: number;
}

/** The rule that a form says. An id is made from the title; empty fields are left to the node's defaults. */
export function ruleOf(form: RuleForm): Readonly<Record<string, unknown>> {
  const { kind, title, severity, building, brick, during, scale } = form;
  const number = (text: string, by = 1): number | undefined =>
    text.trim() === "" ? undefined : Number(text) / by;
  const seconds = (text: string): number | undefined => {
    const minutes = number(text);
    return minutes === undefined ? undefined : Math.round(minutes * 60);
  };
  const named = { id: ruleId(title), title, severity, kind };
  const where = said({ building: building === "" ? undefined : building });
  switch (kind) {
    case "above":
    case "below":
    case "rate-above":
    case "rate-below":
      return said({
        ...named,
        where: { ...where, ...said({ brick: brick === "" ? undefined : brick }) },
        limit: number(form.limit, scale),
        clear: number(form.clear, scale),
        forSeconds: seconds(form.minutes),
        during,
      });
    case "silence":
      return said({ ...named, where, atLeastSeconds: seconds(form.minutes), during });
    case "completeness":
      return said({
        ...named,
        where,
        limit: number(form.limit, 100),
        clear: number(form.clear, 100),
        windowSeconds: seconds(form.minutes),
      });
    case "gateway-lag":
      return said({ ...named, where, limitSeconds: seconds(form.minutes) });
    case "quarantine":
      return said({
        ...named,
        where,
        limit: number(form.limit),
        windowSeconds: seconds(form.minutes),
      });
  }
}

/** `CO₂ too high!` as `co-too-high`: what an id may hold, at most 64 characters. */
function ruleId(title: string): string {
  const id = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 64)
    .replace(/^-+|-+$/g, "");
  return id === "" ? "rule" : id;
}

function said(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
