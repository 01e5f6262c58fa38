// Cursors of paged lists: opaque to clients, a few whole numbers or a name to us.

import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from "@muniment/core";
import { QueryError } from "../../read-model/errors.ts";
import { limitDefault } from "./answers.ts";

/** The cursor that stands for these parts. */
export function formatCursor(parts: readonly (string | number)[]): string {
  return toBase64Url(utf8(JSON.stringify(parts)));
}

/** Reads a cursor of `count` whole numbers, each of 0 or more; null when none is given. Errors: `query.cursor`. */
export function numbersOf(cursor: string | undefined, count: number): readonly number[] | null {
  if (cursor === undefined) return null;
  const parts = parse(cursor);
  if (
    parts.length !== count ||
    !parts.every((part) => Number.isSafeInteger(part) && Number(part) >= 0)
  )
    throw new QueryError("query.cursor");
  return parts.map(Number);
}

/** Reads a cursor of one name; null when none is given. Errors: `query.cursor`. */
export function textOf(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const [text, ...more] = parse(cursor);
  if (typeof text !== "string" || more.length > 0) throw new QueryError("query.cursor");
  return text;
}

/** A page of a list that is sorted by id, after the cursor. Errors: `query.cursor`. */
export function pageById<Item extends { readonly id: string }>(
  items: Iterable<Item>,
  { limit = limitDefault, cursor }: { readonly limit?: number; readonly cursor?: string },
): { readonly items: readonly Item[]; readonly next: string | null } {
  const [after = null] = cursor === undefined ? [] : parse(cursor);
  if (after !== null && typeof after !== "string") throw new QueryError("query.cursor");
  const later = [...items]
    .filter(({ id }) => after === null || id > after)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    items: later.slice(0, limit),
    next: later.length > limit ? formatCursor([later[limit - 1]!.id]) : null,
  };
}

function parse(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(fromUtf8(fromBase64Url(cursor)));
    if (Array.isArray(parts)) return parts;
  } catch {
    // Falls through: whatever is wrong with it, it is not ours.
  }
  throw new QueryError("query.cursor");
}
