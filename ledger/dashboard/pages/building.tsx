// One building: its facts, its views as tabs, and the time range that they share.
import type { ReactNode } from "react";
import type { BuildingDetail } from "../data/shapes.ts";
import { useBuilding } from "../data/use-building.ts";
import { type BuildingView, buildingHref } from "../location/route.ts";
import { formatNumber } from "../measure/number.ts";
import { Facts } from "../parts/facts.tsx";
import { Page } from "../parts/page.tsx";
import { RangePicker } from "../parts/range-picker.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { useRange } from "../time/use-range.ts";
import { formatTime, zoneName } from "../time/zone.ts";
import { BuildingEnergy } from "./building-energy.tsx";
import { BuildingOccupancy } from "./building-occupancy.tsx";
import { BuildingOverview } from "./building-overview.tsx";
import { BuildingPoints } from "./building-points.tsx";
import { BuildingRooms } from "./building-rooms.tsx";
import type { BuildingViewProps } from "./building-view.ts";
import { OutsideData } from "./outside-data.tsx";

const views: readonly {
  readonly view: BuildingView;
  readonly name: string;
  readonly shows: (props: BuildingViewProps) => ReactNode;
}[] = [
  { view: "overview", name: "Overview", shows: BuildingOverview },
  { view: "occupancy", name: "Occupancy", shows: BuildingOccupancy },
  { view: "rooms", name: "Rooms", shows: BuildingRooms },
  { view: "energy", name: "Energy", shows: BuildingEnergy },
  { view: "points", name: "Points", shows: BuildingPoints },
];

interface BuildingPageProps {
  readonly id: string;
  readonly view: BuildingView;
}

/** Mount it with the building's id as key; its views share what is known of it. */
export function BuildingPage({ id, view }: BuildingPageProps): ReactNode {
  const { value, problem, retry } = useBuilding(id);
  const { name, shows: View } = views.find((one) => one.view === view)!;
  const trail = [{ name: "Buildings", href: "/" }];
  const title = value?.name ?? `Building ${id}`;
  return (
    <Page
      title={title}
      {...(view === "overview" ? {} : { view: name })}
      trail={trail}
      lead={<Facts facts={value === null ? null : factsOf(value)} count={4} />}
    >
      <Tabs
        label={`Views of ${title}`}
        tabs={views.map((one) => ({ name: one.name, href: buildingHref(id, one.view) }))}
      />
      {problem ? <Failed what="the building" problem={problem} retry={retry} /> : null}
      {value !== null ? (
        <Ranged building={value} View={View} />
      ) : problem ? null : (
        <Loading what="the building" size="panel" />
      )}
    </Page>
  );
}

interface RangedProps {
  readonly building: BuildingDetail;
  readonly View: (props: BuildingViewProps) => ReactNode;
}

function Ranged({ building, View }: RangedProps): ReactNode {
  const range = useRange(building.zone);
  return (
    <>
      <RangePicker range={range} zone={building.zone} />
      <OutsideData building={building} range={range} />
      <View building={building} range={range} />
    </>
  );
}

function factsOf(building: BuildingDetail): readonly string[] {
  const { zone, grossFt2, address, devices, gateways, lastReadingAt } = building;
  return [
    address ?? "no address registered",
    grossFt2 === null ? "no area registered" : `${formatNumber(grossFt2)} ft² gross`,
    `${formatNumber(devices)} devices through ${formatNumber(gateways)} ${gateways === 1 ? "gateway" : "gateways"}`,
    lastReadingAt === null
      ? "no reading yet"
      : `last reading ${formatTime(lastReadingAt, zone)} ${zoneName(zone, Date.parse(lastReadingAt))}`,
  ];
}
