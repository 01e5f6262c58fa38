// A rule of the alarms: what is watched, when it rings, who is told; parsed strictly, once, at the door (house rule 10, decision 12).

import { type Static, type TObject, Type } from "typebox";
import { Value } from "typebox/value";
import { LedgerError } from "../errors.ts";

/** Seconds a rule may look back or wait; the longest is four weeks. */
const secondsMax = 28 * 86_400;

const Id = Type.String({ pattern: "^[a-z0-9-]{1,64}$" });
const Place = Type.String({ pattern: "^[a-z0-9-]{1,64}(/[a-z0-9-]{1,64}){0,7}$" });
const PointId = Type.String({ pattern: "^[a-z0-9-]{1,64}\\.[A-Za-z0-9][A-Za-z0-9_-]{0,127}$" });
const PointName = Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$" });
const Seconds = Type.Integer({ minimum: 0, maximum: secondsMax });
const closed = { additionalProperties: false } as const;

export const SEVERITIES = ["info", "warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];
export const SeverityName = Type.Unsafe<Severity>({ type: "string", enum: [...SEVERITIES] });

export type During = "always" | "open" | "closed";
const DuringName = Type.Unsafe<During>({
  type: "string",
  enum: ["always", "open", "closed"],
  description:
    "Hours of the building in which the rule holds; without registered hours it is always open",
});

const Named = {
  id: Id,
  title: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 120,
      pattern: "^[^\\u0000-\\u001f\\u007f]+$",
      description: "What people read; the rule's id by default",
    }),
  ),
  severity: Type.Optional(SeverityName),
  channels: Type.Optional(
    Type.Union([Type.Array(Id, { maxItems: 16, uniqueItems: true }), Type.Null()], {
      description: "Channels that are told; null: all of this node, []: none",
    }),
  ),
  holdOffSeconds: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 86_400,
      description: "An alarm that rings again so soon after it cleared is the same alarm",
    }),
  ),
};

/** Points that are watched: those that satisfy everything named; nothing named is every point. */
const Points = Type.Object(
  {
    building: Type.Optional(Id),
    place: Type.Optional(Place),
    device: Type.Optional(Id),
    point: Type.Optional(PointId),
    name: Type.Optional(PointName),
    brick: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  },
  closed,
);
const Devices = Type.Object(
  { building: Type.Optional(Id), place: Type.Optional(Place), device: Type.Optional(Id) },
  closed,
);
const Gateways = Type.Object({ building: Type.Optional(Id), gateway: Type.Optional(Id) }, closed);

const LevelBody = Type.Object(
  {
    ...Named,
    kind: Type.Unsafe<"above" | "below" | "rate-above" | "rate-below">({
      type: "string",
      enum: ["above", "below", "rate-above", "rate-below"],
    }),
    where: Type.Optional(Points),
    limit: Type.Number({ description: "In the point's unit; of a rate, units per `perSeconds`" }),
    clear: Type.Optional(Type.Number({ description: "The limit at which it clears" })),
    deadband: Type.Optional(
      Type.Number({ minimum: 0, description: "Instead of `clear`: how far inside the limit" }),
    ),
    forSeconds: Type.Optional(Seconds),
    clearForSeconds: Type.Optional(Seconds),
    perSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: secondsMax })),
    during: Type.Optional(DuringName),
  },
  { ...closed, description: "A point's reading, or how fast it changes, beyond a limit" },
);

const CompletenessBody = Type.Object(
  {
    ...Named,
    kind: Type.Literal("completeness"),
    of: Type.Optional(
      Type.Unsafe<"point" | "building">({ type: "string", enum: ["point", "building"] }),
    ),
    where: Type.Optional(Points),
    limit: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: "Readings received over readings expected: rings below",
    }),
    clear: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
    windowSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: secondsMax })),
    settleSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: secondsMax,
        description: "How long after a window it is judged, so that readings can arrive",
      }),
    ),
  },
  { ...closed, description: "Too few of the declared readings came" },
);

const SilenceBody = Type.Object(
  {
    ...Named,
    kind: Type.Literal("silence"),
    where: Type.Optional(Devices),
    intervals: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000,
        description: "Declared intervals, of the device's quickest point, without a statement",
      }),
    ),
    atLeastSeconds: Type.Optional(Seconds),
    during: Type.Optional(DuringName),
  },
  { ...closed, description: "Nothing of a device reaches the ledger" },
);

const LagBody = Type.Object(
  {
    ...Named,
    kind: Type.Literal("gateway-lag"),
    where: Type.Optional(Gateways),
    limitSeconds: Type.Integer({
      minimum: 1,
      maximum: secondsMax,
      description: "Age of the newest statement that the gateway delivered",
    }),
    clearSeconds: Type.Optional(Seconds),
  },
  { ...closed, description: "A gateway delivers late, or nothing" },
);

const QuarantineBody = Type.Object(
  {
    ...Named,
    kind: Type.Literal("quarantine"),
    where: Type.Optional(Gateways),
    limit: Type.Integer({
      minimum: 0,
      maximum: 1_000_000_000,
      description: "Entries that do not count: rings when a window holds more",
    }),
    clear: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000 })),
    windowSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: secondsMax })),
  },
  { ...closed, description: "Entries of a gateway that do not count grow" },
);

/** A rule as it is given: whatever is optional has a default. */
export const RuleBody = Type.Union([
  LevelBody,
  CompletenessBody,
  SilenceBody,
  LagBody,
  QuarantineBody,
]);

type Whole<Body extends TObject> = Readonly<Required<Omit<Static<Body>, "deadband">>>;
export type LevelRule = Whole<typeof LevelBody>;
export type CompletenessRule = Whole<typeof CompletenessBody>;
export type SilenceRule = Whole<typeof SilenceBody>;
export type LagRule = Whole<typeof LagBody>;
export type QuarantineRule = Whole<typeof QuarantineBody>;
/** A rule with all its defaults. */
export type Rule = LevelRule | CompletenessRule | SilenceRule | LagRule | QuarantineRule;

const NAMED = { severity: "warning", channels: null, holdOffSeconds: 600, where: {} } as const;

/** Reads a rule. Errors: `alarm.rule`, naming the member and what is expected of it. */
export function parseRule(body: unknown): Rule {
  const kind = isObject(body) ? body.kind : undefined;
  switch (kind) {
    case "above":
    case "below":
    case "rate-above":
    case "rate-below":
      return levelRule(read(LevelBody, body));
    case "completeness": {
      const given = read(CompletenessBody, body);
      const rule = {
        ...NAMED,
        of: "point" as const,
        clear: given.limit,
        windowSeconds: 86_400,
        settleSeconds: 900,
        ...given,
        title: given.title ?? given.id,
      };
      inside(rule.clear >= rule.limit, "clear", `at least the limit of ${rule.limit}`);
      return rule;
    }
    case "silence": {
      const given = read(SilenceBody, body);
      return {
        ...NAMED,
        intervals: 3,
        atLeastSeconds: 900,
        during: "always",
        ...given,
        title: given.title ?? given.id,
      };
    }
    case "gateway-lag": {
      const given = read(LagBody, body);
      const rule = {
        ...NAMED,
        clearSeconds: given.limitSeconds,
        ...given,
        title: given.title ?? given.id,
      };
      inside(
        rule.clearSeconds <= rule.limitSeconds,
        "clearSeconds",
        `at most the limit of ${rule.limitSeconds}`,
      );
      return rule;
    }
    case "quarantine": {
      const given = read(QuarantineBody, body);
      const rule = {
        ...NAMED,
        clear: given.limit,
        windowSeconds: 3_600,
        ...given,
        title: given.title ?? given.id,
      };
      inside(rule.clear <= rule.limit, "clear", `at most the limit of ${rule.limit}`);
      return rule;
    }
    default:
      throw new LedgerError(
        "alarm.rule",
        `kind: expected above, below, rate-above, rate-below, completeness, silence, gateway-lag or quarantine, got ${JSON.stringify(kind)}`,
      );
  }
}

function levelRule(body: Static<typeof LevelBody>): LevelRule {
  const { deadband, ...given } = body;
  inside(
    deadband === undefined || given.clear === undefined,
    "deadband",
    "either `clear` or `deadband`",
  );
  const sign = given.kind === "above" || given.kind === "rate-above" ? 1 : -1;
  const rule: LevelRule = {
    ...NAMED,
    clear: given.limit - sign * (deadband ?? 0),
    forSeconds: 0,
    clearForSeconds: 0,
    perSeconds: 3_600,
    during: "always",
    ...given,
    title: given.title ?? given.id,
  };
  inside(
    sign * rule.clear <= sign * rule.limit,
    "clear",
    `${sign > 0 ? "at most" : "at least"} the limit of ${rule.limit}`,
  );
  return rule;
}

function read<Body extends TObject>(schema: Body, body: unknown): Static<Body> {
  if (Value.Check(schema, body)) return body;
  const errors = [...Value.Errors(schema, body)];
  // An unknown member is told twice: first as "schema is false", then by name.
  const error = errors.find(({ keyword }) => keyword !== "boolean");
  const where = error?.instancePath.slice(1).replaceAll("/", ".") ?? "";
  throw new LedgerError(
    "alarm.rule",
    `${where === "" ? "" : `${where}: `}${error?.message ?? "not a rule"}${namesOf(error)}`,
  );
}

/** Which members are meant, where the message itself does not say. */
function namesOf(error: { readonly params?: unknown } | undefined): string {
  const params = isObject(error?.params) ? error.params : {};
  const names = params.additionalProperties ?? params.allowedValues;
  return Array.isArray(names) ? `: ${names.join(", ")}` : "";
}

function inside(holds: boolean, member: string, expected: string): void {
  if (!holds) throw new LedgerError("alarm.rule", `${member}: expected ${expected}`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
