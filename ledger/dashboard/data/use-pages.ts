// A long list of the API, one page on view; the pages before it are kept as the cursors that led here.
import { useState } from "react";
import type { Page } from "./shapes.ts";
import { type Resource, useResource } from "./use-resource.ts";

export interface Pages<Item> {
  readonly page: Resource<Page<Item>>;
  readonly number: number;
  readonly previous: (() => void) | null;
  readonly next: (() => void) | null;
}

/** `path` must have its limit in its query. Only the first page is asked again on every pulse: later ones would shift. */
export function usePages<Item>(path: string): Pages<Item> {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const page = useResource<Page<Item>>(
    cursor === undefined ? path : `${path}&cursor=${encodeURIComponent(cursor)}`,
    { still: cursors.length > 0 },
  );
  const next = page.value?.next ?? null;
  return {
    page,
    number: cursors.length + 1,
    previous: cursors.length === 0 ? null : () => setCursors(cursors.slice(0, -1)),
    next: next === null ? null : () => setCursors([...cursors, next]),
  };
}
