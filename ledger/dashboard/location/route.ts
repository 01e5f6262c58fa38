// Which page an address names: the table of the site's URLs, read and written.

export type BuildingView = "overview" | "occupancy" | "rooms" | "energy" | "points";

export type Route =
  | { readonly page: "portfolio" }
  | { readonly page: "building"; readonly building: string; readonly view: BuildingView }
  | { readonly page: "place"; readonly building: string; readonly place: string }
  | { readonly page: "point"; readonly building: string; readonly point: string }
  | { readonly page: "evidence"; readonly gateway: string; readonly index: number }
  | { readonly page: "alarms" }
  | { readonly page: "alarm-rules" }
  | { readonly page: "devices" }
  | { readonly page: "device"; readonly device: string }
  | { readonly page: "gateways" }
  | { readonly page: "quarantine" }
  | { readonly page: "ledger" }
  | { readonly page: "public"; readonly building: string | null }
  | { readonly page: "nowhere" };

const nowhere: Route = { page: "nowhere" };

/** The views of a building besides its overview, in the order of its tabs. */
const buildingViews = ["occupancy", "rooms", "energy", "points"] as const;

/** Reads a path such as `/buildings/b1/points/meter-1.energy`. Anything unknown is `nowhere`. */
export function routeOf(pathname: string): Route {
  const [first, ...rest] = segments(pathname);
  const [second, third, ...more] = rest;
  switch (first) {
    case undefined:
      return { page: "portfolio" };
    case "buildings":
      return second === undefined ? nowhere : buildingRouteOf(second, rest.slice(1));
    case "verify":
      return second !== undefined && /^\d+$/.test(third ?? "") && more.length === 0
        ? { page: "evidence", gateway: second, index: Number(third) }
        : nowhere;
    case "alarms":
      if (second === undefined) return { page: "alarms" };
      return second === "rules" && third === undefined ? { page: "alarm-rules" } : nowhere;
    case "devices":
      if (third !== undefined) return nowhere;
      return second === undefined ? { page: "devices" } : { page: "device", device: second };
    case "public":
      return third === undefined ? { page: "public", building: second ?? null } : nowhere;
    case "gateways":
    case "quarantine":
    case "ledger":
      return second === undefined ? { page: first } : nowhere;
    default:
      return nowhere;
  }
}

function buildingRouteOf(building: string, rest: readonly string[]): Route {
  const [kind, name] = rest;
  if (kind === undefined) return { page: "building", building, view: "overview" };
  if (kind === "points" && name !== undefined)
    return rest.length === 2 ? { page: "point", building, point: name } : nowhere;
  if (kind === "places" && name !== undefined)
    return { page: "place", building, place: [building, ...rest.slice(1)].join("/") };
  const view = buildingViews.find((one) => one === kind);
  return view !== undefined && rest.length === 1 ? { page: "building", building, view } : nowhere;
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

/** The building's page, or another of its views. */
export function buildingHref(building: string, view: BuildingView = "overview"): string {
  return pathOf("buildings", building, ...(view === "overview" ? [] : [view]));
}

/** A floor or room by its place path, such as `b1/floor-1/room-101`; the building's own path is its page. */
export function placeHref(place: string): string {
  const [building = "", ...rest] = place.split("/");
  return rest.length === 0
    ? buildingHref(building)
    : pathOf("buildings", building, "places", ...rest);
}

/** One point's page within its building. */
export function pointHref(building: string, point: string): string {
  return pathOf("buildings", building, "points", point);
}

/** One device's page. */
export function deviceHref(device: string): string {
  return pathOf("devices", device);
}

/** The page that checks the evidence of one entry of a gateway's log. */
export function evidenceHref(gateway: string, index: number): string {
  return pathOf("verify", gateway, String(index));
}

/** What the public sees of a building. */
export function publicHref(building: string): string {
  return pathOf("public", building);
}

function pathOf(...parts: readonly string[]): string {
  return `/${parts.map(encodeURIComponent).join("/")}`;
}
