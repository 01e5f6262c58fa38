// A whole list of the API, page after page, for views that count or look through all of it.

import { getJson } from "./request.ts";
import type { Page } from "./shapes.ts";
import { type Resource, useResource } from "./use-resource.ts";

const pageItems = 1_000;
const pagesMax = 10;

export interface Items<Item> {
  readonly items: readonly Item[];
  readonly more: boolean; // the list goes on beyond what is read here
}

async function readAll<Item>(path: string, signal: AbortSignal): Promise<Items<Item>> {
  const items: Item[] = [];
  let next: string | null = null;
  for (let page = 0; page < pagesMax; page++) {
    const query: string = `limit=${pageItems}${next === null ? "" : `&cursor=${encodeURIComponent(next)}`}`;
    const address = `${path}${path.includes("?") ? "&" : "?"}${query}`;
    const answer: Page<Item> = await getJson<Page<Item>>(address, signal);
    items.push(...answer.items);
    next = answer.next;
    if (next === null) break;
  }
  return { items, more: next !== null };
}

/** At most ten thousand items; `more` says when there are others. */
export function useItems<Item>(path: string | null): Resource<Items<Item>> {
  return useResource<Items<Item>>(path, { read: readAll<Item> });
}
