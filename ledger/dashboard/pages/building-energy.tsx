// Energy of a building: totals, load profile, and the same numbers as a table.
import { type ReactNode, useMemo } from "react";
import type { BuildingDetail, Energy, EnergyStep } from "../data/shapes.ts";
import { useResource } from "../data/use-resource.ts";
import { formatNumber } from "../measure/number.ts";
import { Chart, type ChartLine } from "../parts/chart.tsx";
import { ChartPanel } from "../parts/chart-panel.tsx";
import type { Column } from "../parts/column.ts";
import { Completeness, describeCompleteness } from "../parts/completeness.tsx";
import { Figure, Figures } from "../parts/figures.tsx";
import { Empty, Shown } from "../parts/states.tsx";
import { apiQuery, type Range, type Step, stepFor } from "../time/range.ts";
import { formatTime } from "../time/zone.ts";
import { TrustLevel, trustNote } from "../trust/trust-level.tsx";

interface BuildingEnergyProps {
  readonly building: BuildingDetail;
  readonly range: Range;
}

/** The section "Energy". */
export function BuildingEnergy({ building, range }: BuildingEnergyProps): ReactNode {
  const step = stepFor(range, coarsestMeterSeconds(building));
  const energy = useResource<Energy>(
    `/api/v1/buildings/${encodeURIComponent(building.id)}/energy?${apiQuery(range, step)}`,
  );
  return (
    <section className="part" aria-labelledby="energy-title">
      <h2 id="energy-title">Energy</h2>
      <Shown of={energy} what="the energy" tall>
        {(value) =>
          value.meters.length === 0 ? (
            <Empty>
              <p>This building has no main meter.</p>
            </Empty>
          ) : (
            <Measured energy={value} step={step} />
          )
        }
      </Shown>
    </section>
  );
}

/** The load profile is no finer than the slowest of the building's own energy meters. */
function coarsestMeterSeconds({ id, points }: BuildingDetail): number {
  const energy = points.filter(({ unit, kind }) => unit === "J" && kind !== "gauge");
  const main = energy.filter(({ brick }) => brick === "Building_Electrical_Meter");
  const meters = main.length > 0 ? main : energy.filter(({ place }) => place === id);
  return Math.max(0, ...meters.map(({ interval }) => interval ?? 0));
}

function Measured({ energy, step }: { readonly energy: Energy; readonly step: Step }): ReactNode {
  const { series, total, zone, trust } = energy;
  const perHour = 3_600 / step.seconds;
  const times = useMemo(() => series.map(({ start }) => Date.parse(start) / 1_000), [series]);
  const partial = useMemo(
    () => series.map(({ received, expected }) => received < expected),
    [series],
  );
  const lines = useMemo<readonly ChartLine[]>(
    () => [
      {
        label: "Demand",
        tone: "energy",
        shape: "area",
        values: series.map(({ kwh, received }) =>
          kwh === null || received === 0 ? null : kwh * perHour,
        ),
      },
    ],
    [series, perHour],
  );
  const columns: readonly Column<EnergyStep>[] = [
    { title: "Start", value: ({ start }) => start, show: ({ start }) => formatTime(start, zone) },
    {
      title: "Energy, kWh",
      numeric: true,
      value: ({ kwh }) => kwh,
      show: ({ kwh }) => formatNumber(kwh, 2),
    },
    {
      title: "Peak demand, kW",
      numeric: true,
      value: ({ peakKw }) => peakKw,
      show: ({ peakKw }) => formatNumber(peakKw, 1),
    },
    { title: "Readings", numeric: true, value: ({ received }) => received },
    { title: "Expected", numeric: true, value: ({ expected }) => expected },
  ];
  const readout = (index: number): string => {
    const at = series[index];
    if (!at) return "";
    const when = formatTime(at.start, zone);
    if (at.kwh === null || at.received === 0) return `${when}: no readings`;
    const missing = at.received < at.expected ? `, ${describeCompleteness(at)}` : "";
    return `${when}: ${formatNumber(at.kwh * perHour, 1)} kW on average, ${formatNumber(at.kwh, 2)} kWh${missing}`;
  };
  return (
    <>
      <Figures>
        <Figure
          name="Energy"
          value={formatNumber(total.kwh)}
          unit="kWh"
          note={energyNote(energy.meters.length, total)}
        />
        <Figure
          name="Peak demand"
          value={formatNumber(total.peakKw, 1)}
          unit="kW"
          note={total.peakAt === null ? "no peak yet" : formatTime(total.peakAt, zone)}
        />
        <Figure
          name="Load factor"
          value={formatNumber(total.loadFactor, 2)}
          note="mean demand over peak demand"
        />
        <Figure
          name="Completeness"
          value={<Completeness share={total} />}
          note={describeCompleteness(total)}
        />
        <Figure name="Trust" value={<TrustLevel trust={trust} />} note={trustNote(trust)} />
      </Figures>
      <ChartPanel
        title={`Load profile by ${step.name}`}
        file={`${energy.building}-energy`}
        columns={columns}
        rows={series}
        rowKey={({ start }) => start}
        legend={[
          { tone: "energy", text: "Mean demand" },
          ...(partial.includes(true) ? [{ tone: "partial", text: "Readings missing" }] : []),
        ]}
      >
        <Chart
          label={`Load profile by ${step.name}, in kilowatts`}
          zone={zone}
          unit="kW"
          times={times}
          lines={lines}
          readout={readout}
          partial={partial}
        />
      </ChartPanel>
    </>
  );
}

/** What a reader must know about the sum: how many meters, and what the counters hide. */
function energyNote(meters: number, { gaps, resets }: Energy["total"]): string {
  const notes = [
    meters === 1 ? "main meter" : `${meters} main meters`,
    gaps > 0
      ? `${formatNumber(gaps)} ${gaps === 1 ? "gap" : "gaps"}, counted where they start`
      : null,
    resets > 0 ? `${formatNumber(resets)} counter ${resets === 1 ? "reset" : "resets"}` : null,
  ];
  return notes.filter((note) => note !== null).join("; ");
}
