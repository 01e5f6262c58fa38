// One building: its energy, its people, its points, over the time range of the URL.
import { type ReactNode, useMemo } from "react";
import type { BuildingDetail } from "../data/shapes.ts";
import { useResource } from "../data/use-resource.ts";
import { useLocation } from "../location/location.ts";
import { buildingHref } from "../location/route.ts";
import { formatNumber } from "../measure/number.ts";
import { Page } from "../parts/page.tsx";
import { RangePicker } from "../parts/range-picker.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { rangeOf } from "../time/range.ts";
import { formatTime, zoneName } from "../time/zone.ts";
import { BuildingEnergy } from "./building-energy.tsx";
import { BuildingOccupancy } from "./building-occupancy.tsx";
import { BuildingPoints } from "./building-points.tsx";
import { OutsideData } from "./outside-data.tsx";

/** Mount it with the building's id as key. */
export function BuildingPage({ id }: { readonly id: string }): ReactNode {
  const { value, problem, retry } = useResource<BuildingDetail>(
    `/api/v1/buildings/${encodeURIComponent(id)}`,
  );
  const trail = [{ name: "Buildings", href: "/" }];
  if (value === null)
    return (
      <Page title={`Building ${id}`} trail={trail}>
        {problem ? (
          <Failed what="the building" problem={problem} retry={retry} />
        ) : (
          <Loading what="the building" tall />
        )}
      </Page>
    );
  return (
    <Page title={value.name} trail={trail} lead={<Facts building={value} />}>
      {problem ? <Failed what="the newest facts" problem={problem} retry={retry} /> : null}
      <Ranged building={value} />
    </Page>
  );
}

function Ranged({ building }: { readonly building: BuildingDetail }): ReactNode {
  const { search } = useLocation();
  const hour = Math.ceil(Date.now() / 3_600_000) * 3_600_000;
  const range = useMemo(
    () => rangeOf(new URLSearchParams(search), building.zone, hour),
    [search, building.zone, hour],
  );
  const href = (query: string): string => buildingHref(building.id, query);
  return (
    <>
      <RangePicker range={range} zone={building.zone} href={href} />
      <OutsideData building={building} range={range} href={href} />
      <BuildingEnergy building={building} range={range} />
      <BuildingOccupancy building={building} range={range} />
      <BuildingPoints building={building} range={range} />
    </>
  );
}

function Facts({ building }: { readonly building: BuildingDetail }): ReactNode {
  const { zone, grossFt2, address, devices, gateways, lastReadingAt } = building;
  const facts = [
    address ?? null,
    grossFt2 === null ? null : `${formatNumber(grossFt2)} ft² gross`,
    `${formatNumber(devices)} devices through ${formatNumber(gateways)} ${gateways === 1 ? "gateway" : "gateways"}`,
    lastReadingAt === null
      ? "no reading yet"
      : `last reading ${formatTime(lastReadingAt, zone)} ${zoneName(zone, Date.parse(lastReadingAt))}`,
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
