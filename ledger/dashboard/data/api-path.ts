// Addresses of the API: path segments encoded, the query only with what is said.
import { withQuery } from "../location/query.ts";

/** `/api/v1/buildings/b1/energy?from=…`; null members of the query are left out. */
export function apiPath(
  segments: readonly string[],
  query: Readonly<Record<string, string | null>> = {},
): string {
  return withQuery(`/api/v1/${segments.map(encodeURIComponent).join("/")}`, query);
}
