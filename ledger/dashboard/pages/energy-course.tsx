// The load profile of a building: mean demand over time.
import { type ReactNode, useMemo } from "react";
import type { Energy } from "../data/energy-shapes.ts";
import type { BuildingDetail } from "../data/shapes.ts";
import { type DemandStep, withMeanDemand } from "../measure/mean-demand.ts";
import { formatNumber } from "../measure/number.ts";
import type { Column } from "../parts/column.ts";
import { type StepLine, StepPanel } from "../parts/step-panel.tsx";
import type { Step } from "../time/range.ts";

const lines: readonly StepLine<DemandStep>[] = [
  { label: "Mean demand", tone: "energy", shape: "area", value: ({ meanKw }) => meanKw },
];

const columns: readonly Column<DemandStep>[] = [
  {
    title: "Energy, kWh",
    numeric: true,
    value: ({ kwh }) => kwh,
    show: ({ kwh }) => formatNumber(kwh, 2),
  },
  {
    title: "Mean demand, kW",
    numeric: true,
    value: ({ meanKw }) => meanKw,
    show: ({ meanKw }) => formatNumber(meanKw, 1),
  },
  {
    title: "Peak demand, kW",
    numeric: true,
    value: ({ peakKw }) => peakKw,
    show: ({ peakKw }) => formatNumber(peakKw, 1),
  },
];

const say = ({ kwh, meanKw }: DemandStep): string =>
  `${formatNumber(meanKw, 1)} kW on average, ${formatNumber(kwh, 2)} kWh`;
const share = (row: DemandStep): DemandStep => row;

/** The load profile is no finer than the slowest of the building's own energy meters. */
export function coarsestMeterSeconds({ id, points }: BuildingDetail): number {
  const energy = points.filter(({ unit, kind }) => unit === "J" && kind !== "gauge");
  const main = energy.filter(({ brick }) => brick === "Building_Electrical_Meter");
  const meters = main.length > 0 ? main : energy.filter(({ place }) => place === id);
  return Math.max(0, ...meters.map(({ interval }) => interval ?? 0));
}

interface EnergyCourseProps {
  readonly building: BuildingDetail;
  readonly energy: Energy;
  readonly step: Step;
}

/** Mean demand by step; a step without readings is a gap. */
export function EnergyCourse({ building, energy, step }: EnergyCourseProps): ReactNode {
  const { series, to, zone, meters } = energy;
  const end = Date.parse(to);
  const counters = building.points.filter(
    ({ id, kind }) => kind === "counter" && meters.includes(id),
  ).length;
  const rows = useMemo(() => withMeanDemand(series, { end, counters }), [series, end, counters]);
  return (
    <StepPanel
      title={`Load profile by ${step.name}`}
      label={`Load profile by ${step.name}, in kilowatts`}
      file={`${building.id}-energy`}
      zone={zone}
      unit="kW"
      {...{ end, rows, lines, columns, say, share }}
    />
  );
}
