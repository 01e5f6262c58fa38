// The meters of a Green Button file: those asked for by name, else what the building takes and what it gives.

import { QueryError } from "../read-model/errors.ts";
import { metersOf } from "../read-model/queries/energy.ts";
import type { PointRecord } from "../read-model/registry.ts";
import type { Scope } from "./scope.ts";

export interface ExportedMeters {
  readonly meters: readonly PointRecord[];
  /** Whether a meter measures what the building gives: what it generates, or what goes to the grid. */
  isReverse(meter: PointRecord): boolean;
}

/** Errors: `query.format` when a point that was asked for counts no energy. */
export function exportedMeters({ building, points }: Scope, named: boolean): ExportedMeters {
  const { main, sub, generation, gridImport, gridExport } = metersOf(building.id, points);
  const all = [...main, ...sub, ...generation, ...gridImport, ...gridExport];
  const others = points.filter((point) => !all.includes(point));
  if (named && others.length > 0) {
    throw new QueryError(
      "query.format",
      `${others.map(({ id }) => id).join(", ")}: expected meters that count joules`,
    );
  }
  return {
    meters: named ? points : [...main, ...generation],
    isReverse: (meter) => generation.includes(meter) || gridExport.includes(meter),
  };
}
