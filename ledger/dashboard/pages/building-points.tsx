// The building's measuring points, and its data to take along.
import type { ReactNode } from "react";
import { formatNumber } from "../measure/number.ts";
import { Empty } from "../parts/states.tsx";
import { BuildingExports } from "./building-exports.tsx";
import type { BuildingViewProps } from "./building-view.ts";
import { PointTable } from "./point-table.tsx";

/** The view "Points". */
export function BuildingPoints({ building, range }: BuildingViewProps): ReactNode {
  const { id, points } = building;
  const places = new Set(points.map(({ place }) => place)).size;
  return (
    <>
      <section className="part" aria-labelledby="exports-title">
        <h2 id="exports-title">Take the data along</h2>
        <BuildingExports building={building} range={range} />
      </section>
      <section className="part" aria-labelledby="points-title">
        <h2 id="points-title">Places and points</h2>
        {points.length === 0 ? (
          <Empty>
            <p>No device is enrolled in this building yet.</p>
          </Empty>
        ) : (
          <PointTable
            building={building}
            points={points}
            file={`${id}-points`}
            title={`${formatNumber(points.length)} points in ${formatNumber(places)} places`}
          />
        )}
      </section>
    </>
  );
}
