// Persons by day and the utilization they amount to, against 60 % of capacity.
import { type ReactNode, useMemo } from "react";
import type {
  DaySource,
  OccupancyDay,
  OccupancyDays,
  Utilization,
} from "../data/occupancy-shapes.ts";
import { formatNumber } from "../measure/number.ts";
import type { Column } from "../parts/column.ts";
import { Figure, Figures } from "../parts/figures.tsx";
import { ShareBar } from "../parts/share-bar.tsx";
import { type StepLine, StepPanel } from "../parts/step-panel.tsx";
import { Vouched } from "../parts/vouched.tsx";
import { startOfDay } from "../time/zone.ts";

/** Below this share of capacity a building counts as little used (USE IT Act). */
export const usedShareMin = 0.6;

const sources: Readonly<Record<DaySource, string>> = {
  badges: "badges",
  counters: "people counters",
  disposition: "kept when the badges were deleted",
};

interface DayRow extends OccupancyDay {
  readonly start: string;
}

const lines: readonly StepLine<DayRow>[] = [
  { label: "Persons", tone: "people", shape: "bars", value: ({ persons }) => persons },
];

const columns: readonly Column<DayRow>[] = [
  {
    title: "Persons",
    numeric: true,
    value: ({ persons }) => persons,
    show: ({ persons }) => (persons === null ? "no figure" : formatNumber(persons)),
  },
  {
    title: "Known from",
    value: ({ source }) => source,
    show: ({ source }) => (source === null ? "–" : sources[source]),
  },
  {
    title: "Greatest count at one time",
    numeric: true,
    value: ({ counterPeak }) => counterPeak,
    show: ({ counterPeak }) => formatNumber(counterPeak),
  },
  {
    title: "Counts for utilization",
    value: ({ reporting, whole }) => (reporting && whole ? "yes" : "no"),
    show: ({ reporting, whole }) =>
      !reporting ? "no, weekend" : whole ? "yes" : "no, day not whole",
  },
];

const say = ({ persons, source }: DayRow): string =>
  `${formatNumber(persons)} persons${source === null ? "" : `, from ${sources[source]}`}`;
const share = (row: DayRow): DayRow => row;

/** Figures and one bar a day; the level drawn across is 60 % of capacity. */
export function OccupancyDaily({ days }: { readonly days: OccupancyDays }): ReactNode {
  const { utilization, zone, building, to } = days;
  const rows = useMemo<readonly DayRow[]>(
    () =>
      days.days.map((day) => ({
        ...day,
        start: new Date(startOfDay(day.date, zone)!).toISOString(),
      })),
    [days.days, zone],
  );
  const { capacity } = utilization;
  const levels = useMemo(
    () => (capacity === null ? [] : [{ value: capacity * usedShareMin, text: "60 % of capacity" }]),
    [capacity],
  );
  const total = {
    received: rows.reduce((sum, { received }) => sum + received, 0),
    expected: rows.reduce((sum, { expected }) => sum + expected, 0),
  };
  return (
    <>
      <Figures>
        <UtilizationFigure utilization={utilization} />
        <Figure
          name="Persons a day"
          value={formatNumber(utilization.meanPersons, 1)}
          note={daysNote(utilization)}
        />
        <Figure
          name="Capacity"
          value={formatNumber(capacity)}
          unit="persons"
          note={
            utilization.usableFt2 === null
              ? "no usable area is registered"
              : `${formatNumber(utilization.usableFt2)} usable ft² at 150 ft² a person`
          }
        />
        <Vouched share={total} by={days} />
      </Figures>
      <StepPanel
        title="Persons by day"
        file={`${building}-days`}
        zone={zone}
        unit="persons"
        end={endOfLastDay(rows, Date.parse(to))}
        daily
        {...{ rows, lines, columns, say, share, levels }}
      />
    </>
  );
}

/** The bar of the last day is as wide as the others. */
function endOfLastDay(rows: readonly DayRow[], to: number): number {
  const last = rows.at(-1);
  return last === undefined ? to : Math.max(to, Date.parse(last.start) + 86_400_000);
}

/** The share of capacity in use, and on which side of 60 % it is, in words. */
export function UtilizationFigure({
  utilization,
}: {
  readonly utilization: Utilization;
}): ReactNode {
  const { rate, below60 } = utilization;
  return (
    <Figure
      name="Utilization"
      value={
        <ShareBar share={rate} mark={usedShareMin} tone={below60 === true ? "poor" : "good"} />
      }
      note={
        below60 === null
          ? "not known: needs area and persons"
          : below60
            ? "below 60 % of capacity"
            : "60 % of capacity or more"
      }
    />
  );
}

function daysNote({ days, missingDays }: Utilization): string {
  const counted = `mean of ${formatNumber(days)} reporting ${days === 1 ? "day" : "days"}`;
  return missingDays > 0 ? `${counted}; ${formatNumber(missingDays)} without a figure` : counted;
}
