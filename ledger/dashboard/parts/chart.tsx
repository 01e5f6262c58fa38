// A chart (uPlot) that pointer and arrow keys read alike; its values are said in a status line below it.
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import { type Axis, heightFor, type Level, type Line, plotOptions } from "./chart-plot.ts";

interface ChartProps {
  readonly label: string;
  readonly unit: string;
  readonly axis: Axis;
  readonly xs: readonly number[]; // unix seconds where steps start, or shares 0..1
  readonly lines: readonly Line[];
  readonly readout: (index: number) => string;
  readonly place: (index: number) => string; // where the cursor stands, in words
  readonly partial?: readonly boolean[]; // steps with readings missing: marked along the foot
  readonly levels?: readonly Level[];
  readonly fitted?: boolean; // the axis fits the values instead of starting at nothing
}

const none: readonly never[] = [];

/** Draws the lines. New values are put into the plot that stands; only another kind of plot is made anew. */
export function Chart(props: ChartProps): ReactNode {
  const { label, unit, axis, xs, lines, readout, place, fitted = false } = props;
  const { partial = none, levels = none } = props;
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const marks = useRef({ partial, levels });
  const [index, setIndex] = useState<number | null>(null);
  const kind = JSON.stringify([unit, axis, fitted, lines.map(({ tone, shape }) => [tone, shape])]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: values reach the plot by the effect below
  useEffect(() => {
    const target = frame.current;
    if (target === null) return;
    const width = target.clientWidth;
    const made = new uPlot(
      plotOptions({
        unit,
        axis,
        lines,
        fitted,
        width,
        marks: () => marks.current,
        onIndex: setIndex,
      }),
      dataOf(xs, lines),
      target,
    );
    plot.current = made;
    const resize = new ResizeObserver(() =>
      made.setSize({ width: target.clientWidth, height: heightFor(target.clientWidth) }),
    );
    resize.observe(target);
    const repaint = (): void => made.redraw(false);
    document.fonts.ready.then(() => plot.current?.redraw(false)).catch(() => undefined);
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
  }, [kind]);

  useEffect(() => {
    marks.current = { partial, levels };
    const chart = plot.current;
    if (chart === null) return;
    const { left = -1, top = -1 } = chart.cursor;
    chart.setData(dataOf(xs, lines));
    if (left >= 0) chart.setCursor({ left, top });
  }, [xs, lines, partial, levels]);

  const last = xs.length - 1;
  const shown = index !== null && index <= last ? index : null;
  const go = (to: number): void => {
    const chart = plot.current;
    if (chart === null || last < 0) return;
    const at = Math.max(0, Math.min(last, to));
    const tops = lines.map(({ values }) => values[at] ?? null).filter((value) => value !== null);
    const top = tops.length > 0 ? chart.valToPos(Math.max(...tops), "y") : 0;
    chart.setCursor({ left: chart.valToPos(xs[at]!, "x"), top });
    setIndex(at);
  };
  const press = (event: KeyboardEvent): void => {
    const from = shown ?? (event.key === "ArrowLeft" ? last + 1 : -1);
    const stride = axis.kind === "time" ? 86_400 : 0.1;
    const leap = Math.max(
      1,
      xs.findIndex((x) => x >= xs[0]! + stride),
    );
    const to: Record<string, number> = {
      ArrowLeft: from - 1,
      ArrowRight: from + 1,
      PageUp: from - leap,
      PageDown: from + leap,
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
        aria-label={`${label}. Arrow keys move along it.`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, last)}
        aria-valuenow={shown ?? 0}
        aria-valuetext={shown === null ? "nothing chosen" : place(shown)}
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

function dataOf(xs: readonly number[], lines: readonly Line[]): uPlot.AlignedData {
  return [[...xs], ...lines.map(({ values }) => [...values])] as uPlot.AlignedData;
}
