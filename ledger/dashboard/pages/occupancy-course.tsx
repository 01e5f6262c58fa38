// Persons over time in a building, on a floor or in a room. Counts only; nobody is identified (D8).
import type { ReactNode } from "react";
import type { Occupancy, OccupancyStep } from "../data/occupancy-shapes.ts";
import { formatNumber } from "../measure/number.ts";
import type { Column } from "../parts/column.ts";
import { type StepLine, StepPanel } from "../parts/step-panel.tsx";
import type { Step } from "../time/range.ts";

const lines: readonly StepLine<OccupancyStep>[] = [
  { label: "Mean", tone: "people", shape: "area", value: ({ mean }) => mean },
  { label: "Peak", tone: "people-soft", shape: "steps", value: ({ peak }) => peak },
];

const columns: readonly Column<OccupancyStep>[] = [
  {
    title: "Mean persons",
    numeric: true,
    value: ({ mean }) => mean,
    show: ({ mean }) => formatNumber(mean, 1),
  },
  {
    title: "Peak persons",
    numeric: true,
    value: ({ peak }) => peak,
    show: ({ peak }) => formatNumber(peak),
  },
];

const say = ({ mean, peak }: OccupancyStep): string =>
  `${formatNumber(mean, 1)} persons on average, peak ${formatNumber(peak)}`;
const share = (row: OccupancyStep): OccupancyStep => row;

interface OccupancyCourseProps {
  readonly occupancy: Occupancy;
  readonly step: Step;
  readonly file: string;
}

/** Mean and peak by step. */
export function OccupancyCourse({ occupancy, step, file }: OccupancyCourseProps): ReactNode {
  return (
    <StepPanel
      title={`Persons by ${step.name}`}
      file={file}
      zone={occupancy.zone}
      unit="persons"
      end={Date.parse(occupancy.to)}
      rows={occupancy.series}
      {...{ lines, columns, say, share }}
    />
  );
}
