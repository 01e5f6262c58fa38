// Whether the building uses more than the weather explains: a degree-day baseline, actual against predicted, and their running sum.
import { type FormEvent, type ReactNode, useMemo } from "react";
import { apiPath } from "../data/api-path.ts";
import type { BaselineDay, EnergyBaseline } from "../data/energy-shapes.ts";
import { useResource } from "../data/use-resource.ts";
import { navigate, useLocation } from "../location/location.ts";
import { withRange } from "../location/range-carried.ts";
import { formatNumber } from "../measure/number.ts";
import type { Column } from "../parts/column.ts";
import { Figure, Figures } from "../parts/figures.tsx";
import { Methods } from "../parts/methods.tsx";
import { Empty, Shown } from "../parts/states.tsx";
import { type StepLine, StepPanel } from "../parts/step-panel.tsx";
import { apiRange, type Range } from "../time/range.ts";
import { dayAfter, formatTime, startOfDay, wallClock } from "../time/zone.ts";
import type { BuildingViewProps } from "./building-view.ts";

/** The section "Against the weather"; the baseline's days are in the address. */
export function EnergyBaselinePanel({ building, range }: BuildingViewProps): ReactNode {
  const { id, zone } = building;
  const { pathname, search } = useLocation();
  const { first, last } = baselineDays(new URLSearchParams(search), range, zone);
  const baseline = useResource<EnergyBaseline>(
    apiPath(["buildings", id, "energy", "baseline"], {
      ...apiRange(range),
      baselineFrom: new Date(startOfDay(first, zone)!).toISOString(),
      baselineTo: new Date(startOfDay(dayAfter(last), zone)!).toISOString(),
    }),
  );
  const choose = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const [from, to] = [String(fields.get("baseline")), String(fields.get("baseline-to"))].sort();
    const said = new URLSearchParams({ baseline: from!, "baseline-to": to! });
    navigate(withRange(`${pathname}?${said.toString()}`, search));
  };
  return (
    <section className="part" aria-labelledby="baseline-title">
      <h2 id="baseline-title">Against the weather</h2>
      <form className="range__days choice" onSubmit={choose} key={`${first} ${last}`}>
        <label htmlFor="baseline-from">Baseline from</label>
        <input
          className="usa-input"
          id="baseline-from"
          name="baseline"
          type="date"
          defaultValue={first}
          required
        />
        <label htmlFor="baseline-to">to</label>
        <input
          className="usa-input"
          id="baseline-to"
          name="baseline-to"
          type="date"
          defaultValue={last}
          required
        />
        <button type="submit" className="usa-button usa-button--outline tool">
          Compare
        </button>
      </form>
      <Shown of={baseline} what="the baseline">
        {(value) => <Compared baseline={value} />}
      </Shown>
    </section>
  );
}

/** What the address says, else the year before the range. */
function baselineDays(
  query: URLSearchParams,
  range: Range,
  zone: string,
): { readonly first: string; readonly last: string } {
  const [first, last] = [query.get("baseline") ?? "", query.get("baseline-to") ?? ""];
  if (startOfDay(first, zone) !== null && startOfDay(last, zone) !== null && first <= last)
    return { first, last };
  const before = dayAfter(wallClock(range.from, zone).day, -1);
  return { first: dayAfter(before, -364), last: before };
}

interface DayRow extends BaselineDay {
  readonly start: string;
}

const lines: readonly StepLine<DayRow>[] = [
  { label: "Actual", tone: "energy", shape: "steps", value: ({ actualKwh }) => actualKwh },
  {
    label: "Predicted",
    tone: "energy-soft",
    shape: "steps",
    value: ({ predictedKwh }) => predictedKwh,
  },
];
const sumLines: readonly StepLine<DayRow>[] = [
  { label: "Running sum", tone: "plain", shape: "line", value: ({ cusumKwh }) => cusumKwh },
];
const columns: readonly Column<DayRow>[] = [
  kwhColumn("Actual, kWh", ({ actualKwh }) => actualKwh),
  kwhColumn("Predicted, kWh", ({ predictedKwh }) => predictedKwh),
  kwhColumn("Running sum, kWh", ({ cusumKwh }) => cusumKwh),
  {
    title: "Outdoors, °C",
    numeric: true,
    value: ({ celsius }) => celsius,
    show: ({ celsius }) => formatNumber(celsius, 1),
  },
];
const say = ({ actualKwh, predictedKwh }: DayRow): string =>
  `${formatNumber(actualKwh, 1)} kWh, predicted ${formatNumber(predictedKwh, 1)} kWh`;
const saySum = ({ cusumKwh }: DayRow): string => `${formatNumber(cusumKwh, 1)} kWh so far`;
const share = (row: DayRow): DayRow => row;

function kwhColumn(title: string, pick: (row: DayRow) => number | null): Column<DayRow> {
  return { title, numeric: true, value: pick, show: (row) => formatNumber(pick(row), 1) };
}

function Compared({ baseline }: { readonly baseline: EnergyBaseline }): ReactNode {
  const { model, total, days, zone, to, building, weather } = baseline;
  const rows = useMemo<readonly DayRow[]>(
    () =>
      days.map((day) => ({ ...day, start: new Date(startOfDay(day.date, zone)!).toISOString() })),
    [days, zone],
  );
  if (weather.length === 0)
    return (
      <Empty>
        <p>No outdoor temperature sensor is enrolled, so the weather’s part is unknown.</p>
      </Empty>
    );
  if (model === null)
    return (
      <Empty>
        <p>
          Too few complete days in this baseline to fit a model: {baseline.baseline.days} can be
          used, {baseline.baseline.leftOut} lack readings. Choose other days above.
        </p>
      </Empty>
    );
  const more = total.savingsKwh !== null && total.savingsKwh < 0;
  const shared = { zone, end: Date.parse(to), rows, columns, share, daily: true };
  return (
    <>
      <Figures>
        <Figure
          name={more ? "More than predicted" : "Less than predicted"}
          value={formatNumber(total.savingsKwh === null ? null : Math.abs(total.savingsKwh), 1)}
          unit="kWh"
          note={`over ${formatNumber(total.days)} complete days`}
        />
        <Figure
          name="Fit of the baseline"
          value={formatNumber(model.r2, 2)}
          note={`R²; CV(RMSE) ${formatNumber(model.cvRmse === null ? null : model.cvRmse * 100, 1)} %`}
        />
        <Figure
          name="Baseline"
          value={formatNumber(baseline.baseline.days)}
          unit="days"
          note={`${formatTime(baseline.baseline.from, zone, "full")} on; ${formatNumber(baseline.baseline.leftOut)} left out${baseline.baseline.twelveMonths ? "" : "; twelve months are the practice"}`}
        />
        <Figure
          name="Model"
          value={formatNumber(model.interceptKwh, 1)}
          unit="kWh a day"
          note={modelWords(model)}
        />
      </Figures>
      <StepPanel
        title="Actual and predicted energy by day"
        file={`${building}-baseline`}
        unit="kWh"
        {...shared}
        {...{ lines, say }}
      />
      <StepPanel
        title="Running sum of actual less predicted"
        file={`${building}-cusum`}
        unit="kWh"
        fitted
        {...shared}
        lines={sumLines}
        say={saySum}
      />
      <Methods what="the baseline" of={["baseline"]} said={baseline.method} />
    </>
  );
}

function modelWords(model: NonNullable<EnergyBaseline["model"]>): string {
  const { heatingKwhPerDegreeDay: heating, coolingKwhPerDegreeDay: cooling } = model;
  const parts = [
    heating === null
      ? null
      : `${formatNumber(heating, 2)} per heating degree day below ${formatNumber(model.heatingBaseCelsius, 1)} °C`,
    cooling === null
      ? null
      : `${formatNumber(cooling, 2)} per cooling degree day above ${formatNumber(model.coolingBaseCelsius, 1)} °C`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? "the weather has no part in it" : `and ${parts.join(", ")}`;
}
