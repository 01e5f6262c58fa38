// One device: how it does, what it said at birth against the registry, and its points.
import type { ReactNode } from "react";
import { apiPath } from "../data/api-path.ts";
import type { BirthPoint, DeviceDetail } from "../data/health-shapes.ts";
import type { BuildingDetail } from "../data/shapes.ts";
import { useResource } from "../data/use-resource.ts";
import { Link } from "../location/link.tsx";
import { buildingHref, deviceHref, evidenceHref, placeHref } from "../location/route.ts";
import { birthWords, clockWords } from "../measure/device-health.ts";
import { formatAge, formatNumber } from "../measure/number.ts";
import { placePath } from "../measure/place.ts";
import type { Column } from "../parts/column.ts";
import { CsvButton } from "../parts/csv-button.tsx";
import { DataTable } from "../parts/data-table.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { utcText } from "../parts/utc-time.tsx";
import { DeviceHealth } from "./device-health.tsx";
import { PointTable } from "./point-table.tsx";

/** Mount it with the device's id as key. */
export function DevicePage({ id }: { readonly id: string }): ReactNode {
  const { value, problem, retry } = useResource<DeviceDetail>(apiPath(["devices", id]));
  const building = useResource<BuildingDetail>(
    value === null ? null : apiPath(["buildings", value.building]),
  );
  const points = building.value?.points.filter(({ device }) => device === id) ?? [];
  return (
    <Page title={id} trail={[{ name: "Devices", href: "/devices" }]}>
      {problem ? <Failed what="the device" problem={problem} retry={retry} /> : null}
      {value !== null ? (
        <Told device={value} />
      ) : problem ? null : (
        <Loading what="the device" size="panel" />
      )}
      {building.value !== null && points.length > 0 ? (
        <PointTable
          building={building.value}
          points={points}
          file={`${id}-points`}
          title={`${formatNumber(points.length)} enrolled ${points.length === 1 ? "point" : "points"}`}
        />
      ) : null}
    </Page>
  );
}

type Pair = readonly [name: string, value: ReactNode];

function Told({ device }: { readonly device: DeviceDetail }): ReactNode {
  const { building, place, urn, kid, status, bridge, received, says } = device;
  const health: readonly Pair[] = [
    ["Health", <DeviceHealth key="health" device={device} />],
    ["Last statement", <SaidAt key="at" said={says.statement} at={device.lastStatementAt} />],
    ["Readings", formatNumber(received)],
    ["State", <Said key="state" said={says.state} />],
    ["Clock", <Said key="clock" said={says.clock} words={clockWords} />],
    [
      "Running for",
      <Said key="uptime" said={says.uptime} words={(seconds) => formatAge(seconds * 1_000)} />,
    ],
    ["Battery", <Said key="battery" said={says.battery} words={(share) => `${share} %`} />],
    ["Starts", <Said key="resets" said={says.resets} words={formatNumber} />],
  ];
  const registry: readonly Pair[] = [
    [
      "Building",
      <Link key="b" href={buildingHref(building)}>
        {building}
      </Link>,
    ],
    [
      "Place",
      <Link key="p" href={placeHref(place)}>
        {placePath(place, building)}
      </Link>,
    ],
    [
      "Bridge",
      bridge === null ? (
        "none: it speaks for itself"
      ) : (
        <Link key="bridge" href={deviceHref(bridge)}>
          {bridge}
        </Link>
      ),
    ],
    ["Key", `${status}, ${kid}`],
    ["Name in statements", urn],
  ];
  return (
    <>
      <div className="pair">
        <Pairs title="How it does" pairs={health} />
        <Pairs title="What was enrolled" pairs={registry} />
      </div>
      <Birth device={device} />
    </>
  );
}

function Pairs({
  title,
  pairs,
}: {
  readonly title: string;
  readonly pairs: readonly Pair[];
}): ReactNode {
  return (
    <section className="panel" aria-label={title}>
      <header className="panel__head">
        <h2>{title}</h2>
      </header>
      <dl className="pairs">
        {pairs.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="breakable">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

interface SaidProps<Value> {
  readonly said: {
    readonly value: Value;
    readonly at: string;
    readonly gateway: string;
    readonly index: number;
  } | null;
  readonly words?: (value: Value) => string;
}

/** What a device said last, with the entry that shows it. */
function Said<Value extends string | number>({ said, words }: SaidProps<Value>): ReactNode {
  if (said === null) return "not said";
  const { value, at, gateway, index } = said;
  return (
    <>
      {words ? words(value) : value}{" "}
      <span className="hint">
        said {utcText(at)} <Verify gateway={gateway} index={index} />
      </span>
    </>
  );
}

function SaidAt({
  said,
  at,
}: {
  readonly said: DeviceDetail["says"]["statement"];
  readonly at: string | null;
}): ReactNode {
  if (at === null) return "never";
  return (
    <>
      {utcText(at)} {said === null ? null : <Verify gateway={said.gateway} index={said.index} />}
    </>
  );
}

function Verify({
  gateway,
  index,
}: {
  readonly gateway: string;
  readonly index: number;
}): ReactNode {
  return (
    <Link href={evidenceHref(gateway, index)}>
      verify
      <span className="usa-sr-only">
        {" "}
        entry {index} of {gateway}
      </span>
    </Link>
  );
}

const columns: readonly Column<BirthPoint>[] = [
  { title: "Point", value: ({ name }) => name },
  { title: "Unit", value: ({ unit }) => unit },
  { title: "Brick class", value: ({ brick }) => brick },
  {
    title: "Registry",
    value: registryWords,
    show: (point) => (
      <span className={`state state--${point.agrees ? "active" : "suspended"}`}>
        {registryWords(point)}
      </span>
    ),
  },
];

function registryWords({ agrees, differs }: BirthPoint): string {
  if (agrees) return "agrees";
  return differs.includes("point") ? "not enrolled" : `has another ${differs.join(" and ")}`;
}

function Birth({ device: { id, birth } }: { readonly device: DeviceDetail }): ReactNode {
  return (
    <section className="panel" aria-labelledby="birth-title">
      <header className="panel__head">
        <h2 id="birth-title">What it declared at birth</h2>
        {birth === null ? null : (
          <>
            <p className="panel__note">
              {utcText(birth.at)} <Verify gateway={birth.gateway} index={birth.index} />
            </p>
            <CsvButton
              name={`${id}-birth`}
              what="the birth"
              columns={columns}
              rows={birth.points}
            />
          </>
        )}
      </header>
      {birth === null ? (
        <Empty>
          <p>It has declared nothing; what is known of it is what was enrolled.</p>
        </Empty>
      ) : (
        <>
          <p className="method">
            With the registry it {birthWords(birth)}; where they differ, the registry holds.
            {birth.boot === null ? "" : ` Start: ${birth.boot}.`}
            {birth.missing.length === 0 ? "" : ` Not declared: ${birth.missing.join(", ")}.`}
          </p>
          <DataTable
            caption="Points as the device declares them"
            captionHidden
            stacked
            columns={columns}
            rows={birth.points}
            rowKey={({ name }) => name}
          />
        </>
      )}
    </section>
  );
}
