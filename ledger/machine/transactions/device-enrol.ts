// device.enrol: a device, where it stands, what it measures, and the key it signs with.

import { Body } from "../body.ts";
import { Refusal } from "../codes.ts";
import { type Context, requireRole } from "../context.ts";
import type { DeviceRecord } from "../records.ts";
import { appendToFeed } from "../registry/feed.ts";
import { enrolKey, unusedKid } from "../registry/key-life.ts";
import { POINTS_MAX, readPoints } from "../registry/points.ts";
import { stateKey } from "../state-keys.ts";

const PLACE = /^[a-z0-9-]{1,64}(\/[a-z0-9-]{1,64}){0,7}$/;
const URN = /^urn:[a-z0-9][a-z0-9-]{1,31}:[!-~]{1,200}$/;

export function deviceEnrol(context: Context): void {
  apply(context, check(context));
}

function check(context: Context) {
  requireRole(context, "operator");
  const { state } = context;
  const body = new Body(context.transaction.body);
  const id = body.id("device");
  const building = body.id("building");
  const place = body.pattern("place", PLACE, "1 to 8 segments of a-z, 0-9 and -");
  const urn = body.pattern("urn", URN, "a URN");
  const key = body.publicKey("key");
  const points = readPoints(body.list("points", POINTS_MAX));
  body.end();
  if (place !== building && !place.startsWith(`${building}/`)) {
    throw new Refusal("registry.body", `place: expected one in ${building}, found ${place}`);
  }
  if (state.device(id) !== null) throw new Refusal("registry.exists", `device ${id}`);
  if (state.building(building) === null) throw new Refusal("registry.unknown-building", building);
  const kid = unusedKid(context, key);
  return { id, key, device: { building, place, urn, kid, points } satisfies DeviceRecord };
}

function apply(context: Context, { id, key, device }: ReturnType<typeof check>): void {
  context.state.put(stateKey.device(id), device);
  enrolKey(context, device.kid, { role: "device", subject: id, key, building: device.building });
  appendToFeed(context, id, device, { kid: device.kid, key, status: "active" });
}
