// The course of one measuring point over the range: mean, lowest and highest of each step, or where the meter stood.
import { type ReactNode, useMemo } from "react";
import { apiPath } from "../data/api-path.ts";
import type { Point, PointStep, PointSteps } from "../data/shapes.ts";
import { useResource } from "../data/use-resource.ts";
import { formatNumber } from "../measure/number.ts";
import { pointLabel } from "../measure/place.ts";
import { type DisplayUnit, displayUnit } from "../measure/unit.ts";
import type { Column } from "../parts/column.ts";
import { Empty, Shown } from "../parts/states.tsx";
import { type StepLine, StepPanel } from "../parts/step-panel.tsx";
import { clocklessWords } from "../parts/vouched.tsx";
import { apiRange, type Range, type Step, stepFor } from "../time/range.ts";

interface PointCourseProps {
  readonly point: Point;
  readonly range: Range;
  readonly zone: string;
}

/** One panel. */
export function PointCourse({ point, range, zone }: PointCourseProps): ReactNode {
  const step = stepFor(range, point.interval ?? 0);
  const steps = useResource<PointSteps>(
    apiPath(["points", point.id, "series"], { ...apiRange(range), step: step.iso }),
  );
  return (
    <Shown of={steps} what={pointLabel(point)} size="panel">
      {({ items, clockless }) =>
        items.some(({ count }) => count > 0) ? (
          <Drawn rows={items} {...{ point, step, zone, clockless }} end={range.to} />
        ) : (
          <Empty>
            <p>No reading of {pointLabel(point)} in the chosen range.</p>
          </Empty>
        )
      }
    </Shown>
  );
}

type Pick = (step: PointStep) => number | null;

const share = (row: PointStep): PointStep => row;

function scaled(pick: Pick, { scale }: DisplayUnit): Pick {
  return (row) => {
    const value = pick(row);
    return value === null ? null : value * scale;
  };
}

function linesOf({ kind }: Point, unit: DisplayUnit): readonly StepLine<PointStep>[] {
  const line = (label: string, pick: Pick, soft = false): StepLine<PointStep> => ({
    label,
    tone: soft ? "plain-soft" : "plain",
    shape: "line",
    value: scaled(pick, unit),
  });
  if (kind === "counter") return [line("Meter reading", ({ last }) => last)];
  if (kind === "interval") return [{ ...line("In the step", ({ sum }) => sum), shape: "steps" }];
  return [
    line("Highest", ({ max }) => max, true),
    line("Lowest", ({ min }) => min, true),
    line("Mean", ({ mean }) => mean),
  ];
}

interface DrawnProps {
  readonly rows: readonly PointStep[];
  readonly point: Point;
  readonly step: Step;
  readonly zone: string;
  readonly end: number;
  readonly clockless: number;
}

function Drawn({ rows, point, step, zone, end, clockless }: DrawnProps): ReactNode {
  const unit = displayUnit(point.unit, point.brick);
  const digits = Math.max(1, unit.digits);
  const lines = useMemo(() => linesOf(point, unit), [point, unit]);
  const column = (title: string, pick: Pick): Column<PointStep> => ({
    title: unit.label === "" ? title : `${title}, ${unit.label}`,
    numeric: true,
    value: scaled(pick, unit),
    show: (row) => formatNumber(scaled(pick, unit)(row), digits),
  });
  const columns = [
    ...(point.kind === "interval" ? [column("Sum", ({ sum }) => sum)] : []),
    column("Lowest", ({ min }) => min),
    column("Mean", ({ mean }) => mean),
    column("Highest", ({ max }) => max),
    column("Last", ({ last }) => last),
  ];
  const words = (pick: Pick, row: PointStep): string =>
    `${formatNumber(scaled(pick, unit)(row), digits)} ${unit.label}`.trimEnd();
  const say = (row: PointStep): string =>
    point.kind === "counter"
      ? `meter at ${words(({ last }) => last, row)}`
      : point.kind === "interval"
        ? `${words(({ sum }) => sum, row)} in the step`
        : `${words(({ mean }) => mean, row)} on average, ${words(({ min }) => min, row)} to ${words(({ max }) => max, row)}`;
  return (
    <StepPanel
      title={`${pointLabel(point)} by ${step.name}`}
      file={`${point.id}-series`}
      unit={unit.label}
      fitted={point.kind !== "interval"}
      note={clockless > 0 ? `${clocklessWords(clockless)}.` : null}
      {...{ zone, end, rows, lines, columns, say, share }}
    />
  );
}
