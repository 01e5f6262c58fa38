// Which subjects a rule watches: everything in the registry that satisfies all that its `where` names.

import type { DeviceRecord, GatewayRecord, PointRecord, Registry } from "../read-model/registry.ts";
import type { Subject } from "./alarm.ts";
import { groupBy } from "./grouping.ts";
import type { Rule } from "./rule.ts";

/** A subject, and what the machine must know of it. */
export interface Target {
  readonly subject: Subject;
  readonly interval: number | null;
  readonly counter: boolean;
  /** Points whose readings are counted for it; of a completeness rule. */
  readonly points: readonly PointRecord[];
}

/** Whether readings of the point are for this rule, as they are or as part of a count. */
export function watchesPoint(rule: Rule, point: PointRecord): boolean {
  if (rule.kind === "silence" || rule.kind === "gateway-lag" || rule.kind === "quarantine")
    return false;
  const { building, place, device, point: id, name, brick } = rule.where;
  return (
    is(building, point.building) &&
    within(place, point.place) &&
    is(device, point.device) &&
    is(id, point.id) &&
    is(name, point.name) &&
    is(brick, point.brick)
  );
}

/** Whether silence of the device is for this rule. One that declares no interval may be silent; one whose key ended must be. */
export function watchesDevice(rule: Rule, device: DeviceRecord, registry: Registry): boolean {
  return (
    rule.kind === "silence" &&
    is(rule.where.building, device.building) &&
    within(rule.where.place, device.place) &&
    is(rule.where.device, device.id) &&
    quickest(device) !== null &&
    isActive(device, registry)
  );
}

export function watchesGateway(rule: Rule, gateway: GatewayRecord): boolean {
  return (
    (rule.kind === "gateway-lag" || rule.kind === "quarantine") &&
    is(rule.where.building, gateway.building) &&
    is(rule.where.gateway, gateway.id)
  );
}

/** Every subject of a rule, as the registry is now. */
export function* targetsOf(rule: Rule, registry: Registry): Iterable<Target> {
  switch (rule.kind) {
    case "silence":
      for (const device of registry.devices.values())
        if (watchesDevice(rule, device, registry)) yield deviceTarget(device, registry);
      return;
    case "gateway-lag":
    case "quarantine":
      for (const gateway of registry.gateways.values())
        if (watchesGateway(rule, gateway)) yield gatewayTarget(rule, gateway, registry);
      return;
    case "completeness": {
      const points = [...registry.points.values()].filter(
        (point) => (point.interval ?? 0) > 0 && watchesPoint(rule, point) && lives(point, registry),
      );
      if (rule.of === "point") {
        for (const point of points)
          yield { ...pointTarget(rule, point, registry), points: [point] };
        return;
      }
      for (const [building, own] of groupBy(points, (point) => point.building))
        yield buildingTarget(building, own, registry);
      return;
    }
    default:
      for (const point of registry.points.values())
        if (watchesPoint(rule, point) && lives(point, registry))
          yield pointTarget(rule, point, registry);
  }
}

/** Whether a rule still watches the subject of this id. */
export function isWatched(rule: Rule, id: string, registry: Registry): boolean {
  if (rule.kind === "silence") {
    const device = registry.devices.get(id);
    return device !== undefined && watchesDevice(rule, device, registry);
  }
  if (rule.kind === "gateway-lag" || rule.kind === "quarantine") {
    const gateway = registry.gateways.get(id);
    return gateway !== undefined && watchesGateway(rule, gateway);
  }
  if (rule.kind === "completeness" && rule.of === "building") return registry.buildings.has(id);
  const point = registry.points.get(id);
  return point !== undefined && watchesPoint(rule, point) && lives(point, registry);
}

export function pointTarget(rule: Rule, point: PointRecord, registry: Registry): Target {
  const { id, building, place, interval, kind } = point;
  const unit = rule.kind === "completeness" ? "1" : point.unit;
  return {
    subject: {
      id,
      kind: "point",
      building,
      place,
      unit,
      brick: point.brick,
      zone: zoneOf(building, registry),
    },
    interval,
    counter: kind === "counter",
    points: [],
  };
}

export function deviceTarget(device: DeviceRecord, registry: Registry): Target {
  const { id, building, place } = device;
  return {
    subject: {
      id,
      kind: "device",
      building,
      place,
      unit: "s",
      brick: null,
      zone: zoneOf(building, registry),
    },
    interval: quickest(device),
    counter: false,
    points: [],
  };
}

export function gatewayTarget(rule: Rule, gateway: GatewayRecord, registry: Registry): Target {
  const { id, building } = gateway;
  const unit = rule.kind === "quarantine" ? "entries" : "s";
  const zone = zoneOf(building, registry);
  return {
    subject: { id, kind: "gateway", building, place: null, unit, brick: null, zone },
    interval: null,
    counter: false,
    points: [],
  };
}

function buildingTarget(
  building: string,
  points: readonly PointRecord[],
  registry: Registry,
): Target {
  const zone = zoneOf(building, registry);
  return {
    subject: {
      id: building,
      kind: "building",
      building,
      place: null,
      unit: "1",
      brick: null,
      zone,
    },
    interval: null,
    counter: false,
    points,
  };
}

/** The shortest interval that a point of the device declares: each of its statements ends a silence. */
function quickest(device: DeviceRecord): number | null {
  const declared = device.points.flatMap(({ interval }) => (interval === null ? [] : [interval]));
  return declared.length === 0 ? null : Math.min(...declared);
}

function lives(point: PointRecord, registry: Registry): boolean {
  const device = registry.devices.get(point.device);
  // A device that was enrolled anew may have lost the point.
  return device?.points.includes(point) === true && isActive(device, registry);
}

function isActive(device: DeviceRecord, registry: Registry): boolean {
  return registry.keys.get(device.kid)?.status === "active";
}

function zoneOf(building: string, registry: Registry): string {
  return registry.buildings.get(building)?.zone ?? "UTC";
}

function is(wanted: string | undefined, found: string | null): boolean {
  return wanted === undefined || wanted === found;
}

function within(wanted: string | undefined, found: string): boolean {
  return wanted === undefined || found === wanted || found.startsWith(`${wanted}/`);
}
