// A time chart (uPlot) that pointer and arrow keys read alike; its values are said in a status line below it.
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import { formatTime } from "../time/zone.ts";

export interface ChartLine {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly tone: "energy" | "energy-soft" | "people" | "people-soft" | "plain" | "plain-soft";
  readonly shape: "area" | "line" | "steps";
}

interface ChartProps {
  readonly label: string;
  readonly zone: string;
  readonly unit: string;
  readonly times: readonly number[]; // unix seconds, start of each step
  readonly lines: readonly ChartLine[];
  readonly readout: (index: number) => string;
  readonly partial?: readonly boolean[]; // steps with readings missing: marked along the foot
  readonly fitted?: boolean; // the axis fits the values instead of starting at nothing
}

const heightPx = 260;
const heightNarrowPx = 210;

/** Draws the lines over time in the building's zone. */
export function Chart(props: ChartProps): ReactNode {
  const { label, zone, unit, times, lines, readout, partial, fitted = false } = props;
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [index, setIndex] = useState<number | null>(null);

  useEffect(() => {
    const target = frame.current;
    if (target === null) return;
    const made = new uPlot(
      options({ zone, unit, lines, partial, fitted, width: target.clientWidth, onIndex: setIndex }),
      [[...times], ...lines.map(({ values }) => [...values])] as uPlot.AlignedData,
      target,
    );
    plot.current = made;
    const resize = new ResizeObserver(() =>
      made.setSize({ width: target.clientWidth, height: heightFor(target.clientWidth) }),
    );
    resize.observe(target);
    document.fonts.ready.then(() => plot.current?.redraw(false)).catch(() => undefined);
    const repaint = (): void => made.redraw(false);
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", repaint);
    window.addEventListener("beforeprint", repaint);
    window.addEventListener("afterprint", repaint);
    return () => {
      resize.disconnect();
      dark.removeEventListener("change", repaint);
      window.removeEventListener("beforeprint", repaint);
      window.removeEventListener("afterprint", repaint);
      made.destroy();
      plot.current = null;
    };
  }, [zone, unit, times, lines, partial, fitted]);

  const last = times.length - 1;
  const shown = index !== null && index <= last ? index : null;
  const go = (to: number): void => {
    const chart = plot.current;
    if (chart === null || last < 0) return;
    const at = Math.max(0, Math.min(last, to));
    const tops = lines.map(({ values }) => values[at] ?? null).filter((value) => value !== null);
    const top = tops.length > 0 ? chart.valToPos(Math.max(...tops), "y") : 0;
    chart.setCursor({ left: chart.valToPos(times[at]!, "x"), top });
    setIndex(at);
  };
  const press = (event: KeyboardEvent): void => {
    const from = shown ?? (event.key === "ArrowLeft" ? last + 1 : -1);
    const day = Math.max(
      1,
      times.findIndex((time) => time >= times[0]! + 86_400),
    );
    const to: Record<string, number> = {
      ArrowLeft: from - 1,
      ArrowRight: from + 1,
      PageUp: from - day,
      PageDown: from + day,
      Home: 0,
      End: last,
    };
    const next = to[event.key];
    if (next === undefined) return;
    event.preventDefault();
    go(next);
  };

  return (
    <div className="chart">
      {/* No element is a chart cursor; as a slider, screen readers let the arrow keys move it. */}
      <div
        ref={frame}
        className="chart__plot"
        role="slider"
        tabIndex={0}
        aria-label={`${label}. Arrow keys move through time.`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, last)}
        aria-valuenow={shown ?? 0}
        aria-valuetext={shown === null ? "no time chosen" : formatTime(times[shown]! * 1_000, zone)}
        onKeyDown={press}
      />
      <p className="chart__readout" role="status">
        {shown === null ? (
          <span className="hint">Point at the chart, or focus it and use ← → to read values.</span>
        ) : (
          readout(shown)
        )}
      </p>
    </div>
  );
}

function heightFor(width: number): number {
  return width < 500 ? heightNarrowPx : heightPx;
}

/** Colours live in the style sheet; the canvas asks for them at each painting, so dark mode and print follow. */
function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--chart-${name}`).trim();
}

interface PlotInput {
  readonly zone: string;
  readonly unit: string;
  readonly lines: readonly ChartLine[];
  readonly partial: readonly boolean[] | undefined;
  readonly fitted: boolean;
  readonly width: number;
  readonly onIndex: (index: number | null) => void;
}

function options({ zone, unit, lines, partial, fitted, width, onIndex }: PlotInput): uPlot.Options {
  const font = '12px "Public Sans", sans-serif';
  const axis = { font, stroke: () => colour("text"), ticks: { show: false } };
  const grid = { stroke: () => colour("grid"), width: 1 };
  const wide = width >= 500;
  return {
    width,
    height: heightFor(width),
    padding: [12, 12, 0, 0],
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), zone),
    legend: { show: false },
    cursor: { drag: { setScale: false, x: false, y: false }, points: { size: 8 }, y: false },
    scales: {
      x: { time: true },
      y: fitted ? {} : { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 28, space: wide ? 80 : 64, values: timeTicks(zone) },
      {
        ...axis,
        grid,
        size: wide ? 56 : 46,
        label: unit,
        labelFont: font,
        labelSize: 18,
        space: 44,
      },
    ],
    series: [{}, ...lines.map(seriesOf)],
    hooks: {
      setCursor: [(chart) => onIndex(chart.cursor.idx ?? null)],
      draw: partial ? [(chart) => markPartial(chart, partial)] : [],
    },
  };
}

function seriesOf(line: ChartLine): uPlot.Series {
  const steps = line.shape === "line" ? undefined : uPlot.paths.stepped!({ align: 1 });
  return {
    label: line.label,
    stroke: () => colour(line.tone),
    width: line.tone.endsWith("soft") ? 1 : 1.5,
    ...(line.tone.endsWith("soft") ? { dash: [5, 3] } : {}),
    points: { show: false },
    spanGaps: false,
    ...(steps ? { paths: steps } : {}),
    ...(line.shape === "area" ? { fill: () => colour(`${line.tone}-fill`) } : {}),
  };
}

/** Days as days and hours as hours, on the building's clock. */
function timeTicks(zone: string): uPlot.Axis.DynamicValues {
  return (_, splits) =>
    splits.map((seconds) => {
      const clock = formatTime(seconds * 1_000, zone, "clock");
      return clock === "00:00"
        ? formatTime(seconds * 1_000, zone, "day").replace(/^\w+, /, "")
        : clock;
    });
}

/** A strip along the foot of the plot where readings are missing. */
function markPartial(chart: uPlot, partial: readonly boolean[]): void {
  const times = chart.data[0];
  const { ctx, bbox } = chart;
  const stripPx = 4 * devicePixelRatio;
  ctx.save();
  ctx.fillStyle = colour("partial");
  partial.forEach((missing, at) => {
    if (!missing) return;
    const start = chart.valToPos(times[at]!, "x", true);
    const next = times[at + 1];
    const end = next === undefined ? bbox.left + bbox.width : chart.valToPos(next, "x", true);
    ctx.fillRect(start, bbox.top + bbox.height - stripPx, Math.max(1, end - start), stripPx);
  });
  ctx.restore();
}
