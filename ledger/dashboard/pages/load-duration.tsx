// The load duration curve: in which share of the time at least which load was drawn, with base and peak load.
import { type ReactNode, useMemo } from "react";
import type { EnergyProfile, LoadShare } from "../data/energy-shapes.ts";
import { formatNumber, formatShare } from "../measure/number.ts";
import { Chart } from "../parts/chart.tsx";
import { ChartPanel } from "../parts/chart-panel.tsx";
import type { Level, Line } from "../parts/chart-plot.ts";
import type { Column } from "../parts/column.ts";
import { Empty } from "../parts/states.tsx";

const axis = { kind: "share" } as const;

const columns: readonly Column<LoadShare>[] = [
  {
    title: "Share of the time",
    value: ({ share }) => share,
    show: ({ share }) => formatShare(share, 1),
  },
  {
    title: "Load, kW",
    numeric: true,
    value: ({ kw }) => kw,
    show: ({ kw }) => formatNumber(kw, 2),
  },
];

/** Read from left to right: the greatest loads, then what is drawn nearly always. */
export function LoadDuration({ profile }: { readonly profile: EnergyProfile }): ReactNode {
  const { loadDuration: rows, baseKw, peakLoadKw, building } = profile;
  const xs = useMemo(() => rows.map(({ share }) => share), [rows]);
  const lines = useMemo<readonly Line[]>(
    () => [{ label: "Load", tone: "energy", shape: "line", values: rows.map(({ kw }) => kw) }],
    [rows],
  );
  const levels = useMemo<readonly Level[]>(
    () => [
      ...(peakLoadKw === null ? [] : [{ value: peakLoadKw, text: "peak load" }]),
      ...(baseKw === null ? [] : [{ value: baseKw, text: "base load" }]),
    ],
    [baseKw, peakLoadKw],
  );
  const minutes = Math.round(profile.demandIntervalMs / 60_000);
  const readout = (index: number): string => {
    const at = rows[index];
    return at === undefined
      ? ""
      : `at least ${formatNumber(at.kw, 2)} kW in ${formatShare(at.share, 1)} of the time`;
  };
  const title = "Load duration";
  if (rows.length === 0)
    return (
      <Empty>
        <p>No demand is known in this range.</p>
      </Empty>
    );
  return (
    <ChartPanel
      title={title}
      file={`${building}-load-duration`}
      note={`Demand over ${minutes} minutes. Base load ${formatNumber(baseKw, 1)} kW, peak load ${formatNumber(peakLoadKw, 1)} kW.`}
      columns={columns}
      rows={rows}
      rowKey={({ share }) => String(share)}
    >
      <Chart
        label="Load duration, in kilowatts"
        unit="kW"
        place={(index) => formatShare(rows[index]?.share ?? 0, 1)}
        {...{ axis, xs, lines, levels, readout }}
      />
    </ChartPanel>
  );
}
