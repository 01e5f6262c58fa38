// What one export is about: a building, points of it, a period, one state of the ledger.

import { iso, type Period } from "../read-model/period.ts";
import type { BuildingRecord, PointRecord, Registry } from "../read-model/registry.ts";
import type { Store } from "../read-model/store.ts";
import { civilTime, offsetsIn } from "./civil-time.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Table } from "./table.ts";

export interface Scope {
  readonly store: Store;
  readonly registry: Registry;
  /** Name of the ledger's log. */
  readonly origin: string;
  readonly building: BuildingRecord;
  /** The points asked for, or all that the format is about, by id. */
  readonly points: readonly PointRecord[];
  readonly period: Period;
  readonly snapshot: Snapshot;
}

/** What every table tells of itself. */
export function frameOf(scope: Scope, rows: string): Pick<Table, "offsetAt" | "facts"> {
  const { building, origin, period, snapshot } = scope;
  const offsetAt = offsetsIn(building.zone, period);
  return {
    offsetAt,
    facts: {
      ledger: origin,
      ledger_entries: String(snapshot.size),
      ledger_time: iso(snapshot.time),
      building: building.id,
      building_name: building.name,
      zone: building.zone,
      from: iso(period.from),
      to: iso(period.to),
      from_local: civilTime(period.from, offsetAt(period.from)),
      to_local: civilTime(period.to, offsetAt(period.to - 1)),
      rows,
    },
  };
}

/** Who vouches for what these points say, as one word or several: levels are never mixed silently (F10). */
export function trustText(points: readonly PointRecord[]): string {
  return [...new Set(points.map(({ trust }) => trust))].sort().join("+");
}
