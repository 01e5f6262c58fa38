// device.enrol: a device, where it stands, what it measures, and the key it signs with.

import { Body } from "../body.ts";
import { Refusal } from "../codes.ts";
import { type Context, requireRole } from "../context.ts";
import type { DeviceRecord } from "../records.ts";
import { appendToFeed } from "../registry/feed.ts";
import { enrolKey, unusedKid } from "../registry/key-life.ts";
import { POINTS_MAX, readPoints } from "../registry/points.ts";
import { stateKey } from "../state-keys.ts";

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
  const place = body.place("place", building);
  const urn = body.pattern("urn", URN, "a URN");
  const key = body.publicKey("key");
  const points = readPoints(body.list("points", POINTS_MAX));
  const bound = body.optional("bridge", (name) => body.id(name));
  const vouched = body.optional("trust", (name) =>
    body.pattern(name, /^(device|observed|manual)$/, "device, observed or manual"),
  ) as Pick<DeviceRecord, "trust">;
  body.end();
  if (state.device(id) !== null) throw new Refusal("registry.exists", `device ${id}`);
  if (state.building(building) === null) throw new Refusal("registry.unknown-building", building);
  if (bound.bridge !== undefined && state.device(bound.bridge)?.building !== building)
    throw new Refusal("registry.unknown-bridge", bound.bridge);
  const kid = unusedKid(context, key);
  const device: DeviceRecord = { building, place, urn, kid, points, ...bound, ...vouched };
  return { id, key, device };
}

function apply(context: Context, { id, key, device }: ReturnType<typeof check>): void {
  context.state.put(stateKey.device(id), device);
  enrolKey(context, device.kid, { role: "device", subject: id, key, building: device.building });
  appendToFeed(context, id, device, { kid: device.kid, key, status: "active" });
}
