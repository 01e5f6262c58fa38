// The shapes that several answers of /api/v1 share, as JSON Schema (TypeBox), so that OpenAPI tells them all.

import { type Static, type TSchema, Type } from "typebox";

/** Items of a list in one answer. */
export const limitDefault = 100;
const limitMax = 1_000;

export const Instant = Type.String({ format: "date-time", description: "RFC 3339, UTC" });
export const Id = Type.String({ pattern: "^[a-z0-9-]{1,64}$" });
export const PointId = Type.String({
  pattern: "^[a-z0-9-]{1,64}\\.[A-Za-z0-9][A-Za-z0-9_-]{0,127}$",
  description: "<device>.<point name>",
});

/** A value that may be missing; missing is said, not guessed. */
export function Nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

export const Count = Type.Integer({ minimum: 0 });

export const Completeness = {
  received: Type.Integer({
    minimum: 0,
    description: "Readings that came, one per declared interval",
  }),
  expected: Type.Integer({ minimum: 0, description: "Readings owed up to the ledger's time" }),
};

export const Trust = Type.Object(
  { device: Count, observed: Count, manual: Count },
  {
    description:
      "Readings by who vouches for them: signed by the device, observed by a bridge, entered by hand",
  },
);
export type Trust = Static<typeof Trust>;

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
