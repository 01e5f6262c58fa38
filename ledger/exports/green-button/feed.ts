// Interval energy as a Green Button file: an Atom feed of ESPI resources (NAESB REQ.21 ESPI 4.0, RFC 4287), streamed.

import { iso, stepsOf } from "../../read-model/period.ts";
import { energyOf } from "../../read-model/queries/energy.ts";
import type { PointRecord } from "../../read-model/registry.ts";
import type { ExportedMeters } from "../meters.ts";
import type { Scope } from "../scope.ts";
import { uuidOf } from "../uuid.ts";
import { localTime } from "./dst-rule.ts";
import { type IntervalReading, intervalReadings } from "./interval-readings.ts";
import { wattHours } from "./watt-hours.ts";
import { element, type Markup } from "./xml.ts";

const ATOM = "http://www.w3.org/2005/Atom";
const ESPI = "http://naesb.org/espi";
/** Of what ESPI has no element for: who vouches for a meter, and what is missing. */
const OWN = "https://muniment.example/ns/green-button";
const ROOT = "/espi/1_1/resource";

/** Codes of the schema: ServiceKind, AccumulationKind, CommodityKind and so on. */
const CODE = {
  electricity: 0,
  deltaData: 4,
  electricitySecondaryMetered: 1,
  normal: 12,
  forward: 1,
  reverse: 19,
  energy: 12,
  wattHours: 72,
} as const;

/** QualityOfReading. */
const QUALITY = { manual: 7, questionable: 10, raw: 14, other: 16 } as const;

/**
 * The feed, in pieces: LocalTimeParameters, then for each meter its UsagePoint, MeterReading, ReadingType and one
 * IntervalBlock for each civil day that has a reading. Values are whole watt-hours whose running total never drifts from the
 * exact joules. An interval without a reading is absent. `updated` is the ledger's time, so the same ledger gives the same bytes.
 */
export async function* greenButtonFeed(
  scope: Scope,
  { meters, isReverse }: ExportedMeters,
): AsyncGenerator<string> {
  const { building, origin, period, snapshot } = scope;
  const updated = iso(snapshot.time);
  const subscription = `${ROOT}/Subscription/${building.id}`;
  const zonePath = `${ROOT}/LocalTimeParameters/${building.id}`;

  const idOf = (path: string): Markup =>
    element("id", `urn:uuid:${uuidOf(`https://${origin}${path}`)}`);
  const link = (rel: string, href: string): Markup => element("link", null, { rel, href });
  const entry = (
    path: string,
    title: string,
    resource: Markup,
    related: readonly string[],
  ): string =>
    `${
      element("entry", [
        idOf(path),
        link("self", path),
        link("up", path.slice(0, path.lastIndexOf("/"))),
        ...related.map((href) => link("related", href)),
        element("title", title),
        element("content", resource, { type: "application/xml" }),
        element("published", updated),
        element("updated", updated),
      ]).xml
    }\n`;

  yield `<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="${ATOM}">\n`;
  yield [
    idOf(subscription),
    element("title", `${building.name}: interval energy`),
    element("updated", updated),
    element("author", element("name", origin)),
    link("self", subscription),
  ]
    .map(({ xml }) => `${xml}\n`)
    .join("");
  const year = new Date(period.to - 1).getUTCFullYear();
  const { tzOffset, dstOffset, dstStartRule, dstEndRule } = localTime(building.zone, year);
  yield entry(
    zonePath,
    building.zone,
    espi("LocalTimeParameters", [
      element("dstEndRule", dstEndRule),
      element("dstOffset", dstOffset),
      element("dstStartRule", dstStartRule),
      element("tzOffset", tzOffset),
    ]),
    [],
  );

  for (const meter of meters) {
    const usagePath = `${subscription}/UsagePoint/${meter.id}`;
    const readingPath = `${usagePath}/MeterReading/energy`;
    const typePath = `${ROOT}/ReadingType/${meter.id}`;
    const gives = isReverse(meter);
    const label = meter.label ?? meter.id;
    yield entry(
      usagePath,
      label,
      espi("UsagePoint", element("ServiceCategory", element("kind", CODE.electricity))),
      [`${usagePath}/MeterReading`, zonePath],
    );
    yield entry(
      readingPath,
      `${label}: energy`,
      espi("MeterReading", await statusOf(scope, meter)),
      [`${readingPath}/IntervalBlock`, typePath],
    );
    yield entry(
      typePath,
      `${gives ? "Received" : "Delivered"} energy, Wh`,
      espi("ReadingType", [
        element("accumulationBehaviour", CODE.deltaData),
        element("commodity", CODE.electricitySecondaryMetered),
        element("dataQualifier", CODE.normal),
        element("defaultQuality", QUALITY.raw),
        element("flowDirection", gives ? CODE.reverse : CODE.forward),
        meter.interval === null ? null : element("intervalLength", Math.round(meter.interval)),
        element("kind", CODE.energy),
        element("powerOfTenMultiplier", 0),
        element("timeAttribute", 0),
        element("uom", CODE.wattHours),
      ]),
      [],
    );
    for await (const { date, readings } of days(scope, meter)) {
      yield entry(
        `${readingPath}/IntervalBlock/${date}`,
        date,
        espi("IntervalBlock", [span("interval", readings), ...readings.map(({ xml }) => xml)]),
        [],
      );
    }
  }
  yield "</feed>\n";
}

function espi(name: string, content: Parameters<typeof element>[1]): Markup {
  return element(name, content, { xmlns: ESPI });
}

/** What ESPI's Object leaves room for: `extension`, with who vouches for the readings and how many of them came. */
async function statusOf(scope: Scope, meter: PointRecord): Promise<Markup> {
  const { store, building, period, snapshot } = scope;
  const { total } = await energyOf(
    store,
    [meter],
    period,
    stepsOf(period, "P1M", building.zone),
    snapshot.time,
  );
  const own = (name: string, value: string | number): Markup =>
    element(name, value, { xmlns: OWN });
  return element("extension", [
    own("trust", meter.trust),
    own("received", total.received),
    own("expected", total.expected),
    own("gaps", total.gaps),
    own("resets", total.resets),
    own("ledger", scope.origin),
    own("ledgerEntries", snapshot.size),
  ]);
}

interface WrittenReading {
  readonly from: number;
  readonly to: number;
  readonly xml: Markup;
}

/** Readings by the civil day they start on. */
async function* days(
  scope: Scope,
  meter: PointRecord,
): AsyncGenerator<{ readonly date: string; readonly readings: readonly WrittenReading[] }> {
  const { building, period } = scope;
  const buckets = stepsOf(period, "P1D", building.zone).list;
  const round = wattHours();
  let at = 0;
  let readings: WrittenReading[] = [];
  const date = (): string => new Date(buckets[at]!.key * 86_400_000).toISOString().slice(0, 10);
  for await (const page of intervalReadings(scope, meter)) {
    for (const reading of page) {
      if (reading.at >= buckets[at]!.end) {
        if (readings.length > 0) yield { date: date(), readings };
        readings = [];
        while (reading.at >= buckets[at]!.end) at += 1;
      }
      readings.push(written(reading, round(reading.joules), meter));
    }
  }
  if (readings.length > 0) yield { date: date(), readings };
}

function written(
  { at, ms, gap, late, clockless }: IntervalReading,
  value: number,
  { trust }: PointRecord,
): WrittenReading {
  const qualities = [
    ...(trust === "manual" ? [QUALITY.manual] : []),
    ...(gap || clockless ? [QUALITY.questionable] : []),
    ...(late ? [QUALITY.other] : []),
  ];
  const from = Math.round(at / 1000);
  const to = Math.round((at + ms) / 1000);
  return {
    from,
    to,
    xml: element("IntervalReading", [
      ...qualities.map((quality) => element("ReadingQuality", element("quality", quality))),
      span("timePeriod", [{ from, to }]),
      element("value", value),
    ]),
  };
}

function span(
  name: string,
  readings: readonly { readonly from: number; readonly to: number }[],
): Markup {
  const from = readings[0]!.from;
  const to = readings.reduce((latest, reading) => Math.max(latest, reading.to), from);
  return element(name, [element("duration", to - from), element("start", from)]);
}
