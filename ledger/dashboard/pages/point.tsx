// One measuring point: its course over the range, then the readings themselves, each a click from its evidence.
import { type ReactNode, useMemo } from "react";
import type { BuildingDetail, Page as Items, Point, PointStep } from "../data/shapes.ts";
import { useResource } from "../data/use-resource.ts";
import { useLocation } from "../location/location.ts";
import { buildingHref, pointHref } from "../location/route.ts";
import { formatNumber } from "../measure/number.ts";
import { displayUnit } from "../measure/unit.ts";
import { Chart, type ChartLine } from "../parts/chart.tsx";
import { ChartPanel } from "../parts/chart-panel.tsx";
import type { Column } from "../parts/column.ts";
import { Page } from "../parts/page.tsx";
import { RangePicker } from "../parts/range-picker.tsx";
import { Empty, Failed, Loading, Shown } from "../parts/states.tsx";
import { apiQuery, type Range, rangeOf, type Step, stepFor } from "../time/range.ts";
import { formatTime } from "../time/zone.ts";
import { placeName, pointName } from "./building-points.tsx";
import { OutsideData } from "./outside-data.tsx";
import { PointReadings } from "./point-readings.tsx";

interface PointPageProps {
  readonly building: string;
  readonly id: string;
}

/** Mount it with the point's id as key. */
export function PointPage({ building: buildingId, id }: PointPageProps): ReactNode {
  const building = useResource<BuildingDetail>(
    `/api/v1/buildings/${encodeURIComponent(buildingId)}`,
  );
  const point = building.value?.points.find((one) => one.id === id);
  const trail = [
    { name: "Buildings", href: "/" },
    { name: building.value?.name ?? buildingId, href: buildingHref(buildingId) },
  ];
  if (building.value === null || point === undefined)
    return (
      <Page title={id} trail={trail}>
        {building.problem ? (
          <Failed what="the point" problem={building.problem} retry={building.retry} />
        ) : building.value === null ? (
          <Loading what="the point" tall />
        ) : (
          <Empty>
            <p>This building has no point {id}.</p>
          </Empty>
        )}
      </Page>
    );
  return (
    <Page
      title={pointName(point)}
      trail={trail}
      lead={<Facts point={point} building={buildingId} />}
    >
      <Ranged building={building.value} point={point} />
    </Page>
  );
}

function Facts({
  point,
  building,
}: {
  readonly point: Point;
  readonly building: string;
}): ReactNode {
  const facts = [
    placeName(point.place, building),
    `device ${point.device}`,
    point.interval === null ? point.kind : `${point.kind}, every ${formatNumber(point.interval)} s`,
    `sent in ${point.unit}`,
    point.brick === null ? null : `Brick ${point.brick}`,
  ];
  return (
    <ul className="facts">
      {facts
        .filter((fact) => fact !== null)
        .map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
    </ul>
  );
}

function Ranged({
  building,
  point,
}: {
  readonly building: BuildingDetail;
  readonly point: Point;
}): ReactNode {
  const { search } = useLocation();
  const hour = Math.ceil(Date.now() / 3_600_000) * 3_600_000;
  const range = useMemo(
    () => rangeOf(new URLSearchParams(search), building.zone, hour),
    [search, building.zone, hour],
  );
  const href = (query: string): string => pointHref(building.id, point.id, query);
  return (
    <>
      <RangePicker range={range} zone={building.zone} href={href} />
      <OutsideData building={building} range={range} href={href} />
      <Course point={point} range={range} zone={building.zone} />
      <PointReadings key={range.query} point={point} range={range} zone={building.zone} />
    </>
  );
}

interface CourseProps {
  readonly point: Point;
  readonly range: Range;
  readonly zone: string;
}

function Course({ point, range, zone }: CourseProps): ReactNode {
  const step = stepFor(range, point.interval ?? 0);
  const steps = useResource<Items<PointStep>>(
    `/api/v1/points/${encodeURIComponent(point.id)}/series?${apiQuery(range, step)}`,
  );
  return (
    <section className="part" aria-labelledby="course-title">
      <h2 id="course-title">Course</h2>
      <Shown of={steps} what="the series" tall>
        {({ items }) => <Drawn items={items} point={point} step={step} zone={zone} />}
      </Shown>
    </section>
  );
}

interface DrawnProps {
  readonly items: readonly PointStep[];
  readonly point: Point;
  readonly step: Step;
  readonly zone: string;
}

function Drawn({ items, point, step, zone }: DrawnProps): ReactNode {
  const unit = displayUnit(point.unit, point.brick);
  const digits = Math.max(1, unit.digits);
  const times = useMemo(() => items.map(({ start }) => Date.parse(start) / 1_000), [items]);
  const partial = useMemo(
    () => items.map(({ count, expected }) => expected !== null && count < expected),
    [items],
  );
  const lines = useMemo<readonly ChartLine[]>(() => {
    const values = (pick: (step: PointStep) => number | null) =>
      items.map((item) => {
        const value = pick(item);
        return value === null ? null : value * unit.scale;
      });
    if (point.kind === "counter")
      return [{ label: "Meter", tone: "plain", shape: "line", values: values(({ last }) => last) }];
    return [
      { label: "Highest", tone: "plain-soft", shape: "line", values: values(({ max }) => max) },
      { label: "Lowest", tone: "plain-soft", shape: "line", values: values(({ min }) => min) },
      { label: "Mean", tone: "plain", shape: "line", values: values(({ mean }) => mean) },
    ];
  }, [items, point.kind, unit.scale]);
  if (!items.some(({ count }) => count > 0))
    return (
      <Empty>
        <p>No reading of this point in the chosen range.</p>
      </Empty>
    );
  const scaled = (value: number | null): number | null =>
    value === null ? null : value * unit.scale;
  const column = (title: string, pick: (step: PointStep) => number | null): Column<PointStep> => ({
    title: unit.label === "" ? title : `${title}, ${unit.label}`,
    numeric: true,
    value: (row) => scaled(pick(row)),
    show: (row) => formatNumber(scaled(pick(row)), digits),
  });
  const columns: readonly Column<PointStep>[] = [
    { title: "Start", value: ({ start }) => start, show: ({ start }) => formatTime(start, zone) },
    column("Lowest", ({ min }) => min),
    column("Mean", ({ mean }) => mean),
    column("Highest", ({ max }) => max),
    column("Last", ({ last }) => last),
    { title: "Readings", numeric: true, value: ({ count }) => count },
    { title: "Expected", numeric: true, value: ({ expected }) => expected },
  ];
  const readout = (index: number): string => {
    const at = items[index];
    if (!at) return "";
    const when = formatTime(at.start, zone);
    const say = (value: number | null): string =>
      `${formatNumber(scaled(value), digits)} ${unit.label}`.trimEnd();
    if (at.count === 0) return `${when}: no readings`;
    if (point.kind === "counter") return `${when}: meter at ${say(at.last)}`;
    return `${when}: ${say(at.mean)} on average, ${say(at.min)} to ${say(at.max)}`;
  };
  const title = `${pointName(point)} by ${step.name}`;
  return (
    <ChartPanel
      title={title}
      file={`${point.id}-series`}
      columns={columns}
      rows={items}
      rowKey={({ start }) => start}
      legend={[
        ...(point.kind === "counter"
          ? [{ tone: "plain", text: "Meter reading" }]
          : [
              { tone: "plain", text: "Mean" },
              { tone: "plain-soft", text: "Lowest and highest" },
            ]),
        ...(partial.includes(true) ? [{ tone: "partial", text: "Readings missing" }] : []),
      ]}
    >
      <Chart
        label={title}
        zone={zone}
        unit={unit.label}
        times={times}
        lines={lines}
        readout={readout}
        partial={partial}
        fitted={point.kind !== "interval"}
      />
    </ChartPanel>
  );
}
