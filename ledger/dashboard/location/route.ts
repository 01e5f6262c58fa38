// Which page an address names: the table of the site's URLs.

export type Route =
  | { readonly page: "portfolio" }
  | { readonly page: "building"; readonly building: string }
  | { readonly page: "point"; readonly building: string; readonly point: string }
  | { readonly page: "evidence"; readonly gateway: string; readonly index: number }
  | { readonly page: "ledger" }
  | { readonly page: "nowhere" };

/** Reads a path such as `/buildings/b1/points/meter-1.energy`. Anything unknown is `nowhere`. */
export function routeOf(pathname: string): Route {
  const [first, second, third, fourth, ...more] = segments(pathname);
  if (more.length > 0) return { page: "nowhere" };
  if (first === undefined) return { page: "portfolio" };
  if (first === "ledger" && second === undefined) return { page: "ledger" };
  if (first === "buildings" && second !== undefined) {
    if (third === undefined) return { page: "building", building: second };
    if (third === "points" && fourth !== undefined)
      return { page: "point", building: second, point: fourth };
  }
  if (
    first === "verify" &&
    second !== undefined &&
    fourth === undefined &&
    /^\d+$/.test(third ?? "")
  )
    return { page: "evidence", gateway: second, index: Number(third) };
  return { page: "nowhere" };
}

function segments(pathname: string): string[] {
  try {
    return pathname
      .split("/")
      .filter((part) => part !== "")
      .map(decodeURIComponent);
  } catch {
    return ["%"];
  }
}

/** The building's page, with a query such as `range=7d` when there is one. */
export function buildingHref(building: string, query = ""): string {
  return withQuery(`/buildings/${encodeURIComponent(building)}`, query);
}

/** One point's page within its building. */
export function pointHref(building: string, point: string, query = ""): string {
  return withQuery(`${buildingHref(building)}/points/${encodeURIComponent(point)}`, query);
}

/** The page that checks the evidence of one entry of a gateway's log. */
export function evidenceHref(gateway: string, index: number): string {
  return `/verify/${encodeURIComponent(gateway)}/${index}`;
}

function withQuery(path: string, query: string): string {
  return query === "" ? path : `${path}?${query}`;
}
