// People in a building: totals, by hour, and by weekday and hour. Counts only; nobody is identified (D8).
import { type ReactNode, useMemo } from "react";
import type { BuildingDetail, Occupancy, OccupancyStep } from "../data/shapes.ts";
import { useResource } from "../data/use-resource.ts";
import { formatNumber } from "../measure/number.ts";
import { weekGrid } from "../measure/week-grid.ts";
import { Chart, type ChartLine } from "../parts/chart.tsx";
import { ChartPanel } from "../parts/chart-panel.tsx";
import type { Column } from "../parts/column.ts";
import { Completeness, describeCompleteness } from "../parts/completeness.tsx";
import { Figure, Figures } from "../parts/figures.tsx";
import { Empty, Shown } from "../parts/states.tsx";
import { WeekMap } from "../parts/week-map.tsx";
import { apiQuery, hourlyStepFor, type Range, type Step } from "../time/range.ts";
import { formatTime } from "../time/zone.ts";
import { TrustLevel, trustNote } from "../trust/trust-level.tsx";

interface BuildingOccupancyProps {
  readonly building: BuildingDetail;
  readonly range: Range;
}

/** The section "Occupancy". */
export function BuildingOccupancy({ building, range }: BuildingOccupancyProps): ReactNode {
  const step = hourlyStepFor(range);
  const occupancy = useResource<Occupancy>(
    `/api/v1/buildings/${encodeURIComponent(building.id)}/occupancy?${apiQuery(range, step)}`,
  );
  return (
    <section className="part" aria-labelledby="occupancy-title">
      <h2 id="occupancy-title">Occupancy</h2>
      <Shown of={occupancy} what="the occupancy" tall>
        {(value) =>
          value.total.expected === 0 && value.total.received === 0 ? (
            <Empty>
              <p>No occupancy counter reported in this range.</p>
            </Empty>
          ) : (
            <Counted occupancy={value} step={step} />
          )
        }
      </Shown>
    </section>
  );
}

function Counted({
  occupancy,
  step,
}: {
  readonly occupancy: Occupancy;
  readonly step: Step;
}): ReactNode {
  const { series, total, zone, trust, method, building } = occupancy;
  const times = useMemo(() => series.map(({ start }) => Date.parse(start) / 1_000), [series]);
  const partial = useMemo(
    () => series.map(({ received, expected }) => received < expected),
    [series],
  );
  const lines = useMemo<readonly ChartLine[]>(
    () => [
      { label: "Mean", tone: "people", shape: "area", values: series.map(({ mean }) => mean) },
      {
        label: "Peak",
        tone: "people-soft",
        shape: "steps",
        values: series.map(({ peak }) => peak),
      },
    ],
    [series],
  );
  const grid = useMemo(
    () => (step.seconds === 3_600 ? weekGrid(series, zone) : null),
    [series, zone, step.seconds],
  );
  const columns: readonly Column<OccupancyStep>[] = [
    { title: "Start", value: ({ start }) => start, show: ({ start }) => formatTime(start, zone) },
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
    { title: "Readings", numeric: true, value: ({ received }) => received },
    { title: "Expected", numeric: true, value: ({ expected }) => expected },
  ];
  const readout = (index: number): string => {
    const at = series[index];
    if (!at) return "";
    const when = formatTime(at.start, zone);
    if (at.mean === null) return `${when}: no readings`;
    const missing = at.received < at.expected ? `, ${describeCompleteness(at)}` : "";
    return `${when}: ${formatNumber(at.mean, 1)} persons on average, peak ${formatNumber(at.peak)}${missing}`;
  };
  return (
    <>
      <Figures>
        <Figure
          name="Peak"
          value={formatNumber(total.peak)}
          unit="persons"
          note={total.peakAt === null ? "no peak yet" : formatTime(total.peakAt, zone)}
        />
        <Figure
          name="Mean"
          value={formatNumber(total.mean, 1)}
          unit="persons"
          note="over all hours of the range"
        />
        <Figure
          name="Completeness"
          value={<Completeness share={total} />}
          note={describeCompleteness(total)}
        />
        <Figure name="Trust" value={<TrustLevel trust={trust} />} note={trustNote(trust)} />
      </Figures>
      <p className="method">Method: {method}</p>
      <ChartPanel
        title={`Persons by ${step.name}`}
        file={`${building}-occupancy`}
        columns={columns}
        rows={series}
        rowKey={({ start }) => start}
        legend={[
          { tone: "people", text: "Mean" },
          { tone: "people-soft", text: "Peak" },
          ...(partial.includes(true) ? [{ tone: "partial", text: "Readings missing" }] : []),
        ]}
      >
        <Chart
          label={`Persons by ${step.name}`}
          zone={zone}
          unit="persons"
          times={times}
          lines={lines}
          readout={readout}
          partial={partial}
        />
      </ChartPanel>
      {grid ? (
        <WeekMap grid={grid} file={`${building}-week`} />
      ) : (
        <Empty>
          <p>Choose at most two months to see the pattern by weekday and hour.</p>
        </Empty>
      )}
    </>
  );
}
