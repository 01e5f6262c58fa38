// How a chart is drawn: axes, lines, levels and the marks of missing readings, in colours of the style sheet.
import uPlot from "uplot";
import { formatTime } from "../time/zone.ts";

/** What runs from left to right: steps of time up to `end` (unix seconds), or a share of it, 0..1. */
export type Axis =
  | { readonly kind: "time"; readonly zone: string; readonly end: number; readonly daily: boolean }
  | { readonly kind: "share" };

export interface Line {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly tone: "energy" | "energy-soft" | "people" | "people-soft" | "plain" | "plain-soft";
  readonly shape: "area" | "line" | "steps" | "bars";
}

/** A value to measure the lines by, drawn across and named. */
export interface Level {
  readonly value: number;
  readonly text: string;
}

interface Marks {
  readonly partial: readonly boolean[];
  readonly levels: readonly Level[];
}

interface PlotInput {
  readonly unit: string;
  readonly axis: Axis;
  readonly lines: readonly Line[];
  readonly fitted: boolean;
  readonly width: number;
  readonly marks: () => Marks;
  readonly onIndex: (index: number | null) => void;
}

const heightPx = 260;
const heightNarrowPx = 210;
const widthNarrowPx = 500;
const font = '12px "Public Sans", sans-serif';

/** Height of a plot of this width, both in CSS pixels. */
export function heightFor(width: number): number {
  return width < widthNarrowPx ? heightNarrowPx : heightPx;
}

/** Options for uPlot. */
export function plotOptions(input: PlotInput): uPlot.Options {
  const { unit, axis, lines, fitted, width, marks, onIndex } = input;
  const shared = { font, stroke: () => colour("text"), ticks: { show: false } };
  const wide = width >= widthNarrowPx;
  return {
    width,
    height: heightFor(width),
    padding: [12, 20, 0, 0],
    legend: { show: false },
    cursor: { drag: { setScale: false, x: false, y: false }, points: { size: 8 }, y: false },
    ...(axis.kind === "time"
      ? { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1_000), axis.zone) }
      : {}),
    scales: {
      // The last step is as wide as the others.
      x:
        axis.kind === "time"
          ? { time: true, range: (_, min, max) => [min, Math.max(max, axis.end)] }
          : { time: false, range: [0, 1] },
      y: fitted
        ? {}
        : {
            range: (_, __, max) => {
              const top = Math.max(max, ...marks().levels.map(({ value }) => value));
              return [0, top > 0 ? top * 1.1 : 1];
            },
          },
    },
    axes: [
      {
        ...shared,
        grid: { show: false },
        size: 28,
        space: wide ? 80 : 64,
        values: axis.kind === "time" ? timeTicks(axis.zone) : shareTicks,
        ...(axis.kind === "time" && axis.daily ? { incrs: dayIncrements } : {}),
      },
      {
        ...shared,
        grid: { stroke: () => colour("grid"), width: 1 },
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
      draw: [
        (chart) => markPartial(chart, marks().partial),
        (chart) => markLevels(chart, marks().levels),
      ],
    },
  };
}

/** Colours live in the style sheet; the canvas asks for them at each painting, so dark mode and print follow. */
function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--chart-${name}`).trim();
}

function seriesOf({ label, tone, shape }: Line): uPlot.Series {
  const soft = tone.endsWith("soft");
  const filled = shape === "area" || shape === "bars";
  return {
    label,
    stroke: () => colour(tone),
    width: soft ? 1 : 1.5,
    ...(soft ? { dash: [5, 3] } : {}),
    points: { show: false },
    spanGaps: false,
    ...(shape === "line" ? {} : { paths: pathsOf(shape) }),
    ...(filled ? { fill: () => colour(`${tone}-fill`) } : {}),
  };
}

function pathsOf(shape: "area" | "steps" | "bars"): uPlot.Series.PathBuilder {
  return shape === "bars"
    ? uPlot.paths.bars!({ size: [0.8, 110], align: 1 })
    : uPlot.paths.stepped!({ align: 1, extend: true });
}

/** Days, weeks, months and years, for series that are no finer than a day. */
const dayIncrements = [1, 2, 7, 14, 30, 91, 365].map((days) => days * 86_400);

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

const shareTicks: uPlot.Axis.DynamicValues = (_, splits) =>
  splits.map((share) => `${Math.round(share * 100)} %`);

/** A strip along the foot of the plot where readings are missing. */
function markPartial(chart: uPlot, partial: readonly boolean[]): void {
  if (!partial.includes(true)) return;
  const times = chart.data[0];
  const { ctx, bbox } = chart;
  const stripPx = 4 * devicePixelRatio;
  const right = bbox.left + bbox.width;
  ctx.save();
  ctx.fillStyle = colour("partial");
  partial.forEach((missing, at) => {
    const time = times[at];
    if (!missing || time === undefined) return;
    const start = chart.valToPos(time, "x", true);
    const next = times[at + 1];
    const end = next === undefined ? right : chart.valToPos(next, "x", true);
    ctx.fillRect(start, bbox.top + bbox.height - stripPx, Math.max(1, end - start), stripPx);
  });
  ctx.restore();
}

/** Dashed lines across the plot, each with its name at the right. */
function markLevels(chart: uPlot, levels: readonly Level[]): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.font = font.replace(/^\d+/, (px) => String(Number(px) * devicePixelRatio));
  ctx.textAlign = "right";
  ctx.textBaseline = "bottom";
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.strokeStyle = colour("level");
  ctx.fillStyle = colour("level");
  for (const { value, text } of levels) {
    const y = Math.round(chart.valToPos(value, "y", true));
    if (!(y >= bbox.top && y <= bbox.top + bbox.height)) continue;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.fillText(text, bbox.left + bbox.width - 4 * devicePixelRatio, y - 2 * devicePixelRatio);
  }
  ctx.restore();
}
