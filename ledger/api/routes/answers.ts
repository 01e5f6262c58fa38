// The shapes that several answers of /api/v1 share, as JSON Schema (TypeBox), so that OpenAPI tells them all.

import { type TSchema, Type } from "typebox";
import { TRUST_LEVELS } from "../../read-model/registry.ts";

/** Items of a list in one answer. */
export const limitDefault = 100;
const limitMax = 1_000;

export const Instant = Type.String({ format: "date-time", description: "RFC 3339, UTC" });
export const Id = Type.String({ pattern: "^[a-z0-9-]{1,64}$" });
export const PointId = Type.String({
  pattern: "^[a-z0-9-]{1,64}\\.[A-Za-z0-9][A-Za-z0-9_-]{0,127}$",
  description: "<device>.<point name>",
});

export const PlacePath = Type.String({
  pattern: "^[a-z0-9-]{1,64}(/[a-z0-9-]{1,64}){0,7}$",
  description: "Path from the building down: <building>/<floor>/<room>",
});
/** A day of the building's own calendar. */
export const LocalDate = Type.String({ format: "date", description: "YYYY-MM-DD in its zone" });
export const Weekday = Type.Integer({ minimum: 0, maximum: 6, description: "0 is Sunday" });
export const HourOfDay = Type.Integer({
  minimum: 0,
  maximum: 23,
  description:
    "Local civil hour; it occurs twice on the day clocks go back, and not at all in spring",
});

/** A value that may be missing; missing is said, not guessed. */
export function Nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

export const Count = Type.Integer({ minimum: 0 });

export const Completeness = {
  received: Type.Integer({
    minimum: 0,
    description:
      "Owed readings that came: a reading answers for the multiple of its point's interval nearest to it",
  }),
  expected: Type.Integer({
    minimum: 0,
    description:
      "Readings owed up to the ledger's time: one at each multiple of a point's declared interval",
  }),
};

export const TrustLevel = Type.Unsafe<(typeof TRUST_LEVELS)[number]>({
  type: "string",
  enum: [...TRUST_LEVELS],
  description: "Who vouches for its readings: itself, a bridge that observed them, or a person",
});
export const Trust = Type.Object(
  { device: Count, observed: Count, manual: Count },
  {
    description:
      "Readings by who vouches for them: signed by the device, observed by a bridge, entered by hand",
  },
);

/** Who vouches for the readings of a figure. */
export const Vouched = {
  trust: Trust,
  clockless: Type.Integer({
    minimum: 0,
    description:
      "Readings among them whose device had no clock: their times are counted from when they were anchored",
  }),
};

/** What every figure of a building opens with. */
export const PeriodAnswer = {
  building: Id,
  zone: Type.String({
    description: "IANA time zone; civil days, weekdays and hours are those there",
  }),
  from: Instant,
  to: Instant,
};

/** One page of a list; `next` is the cursor of the page after, null on the last. */
export function Page<T extends TSchema>(item: T) {
  return Type.Object({ items: Type.Array(item), next: Nullable(Type.String()) });
}

export const Paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limitMax, default: limitDefault })),
  cursor: Type.Optional(Type.String({ maxLength: 256, description: "`next` of the page before" })),
};

const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: "Stable; meant for programs" }),
  },
  { description: "RFC 9457" },
);

/** Answers besides 200 that a question may get. */
export const refusals = { 400: Problem, 404: Problem, 422: Problem };
