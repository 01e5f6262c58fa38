// What is where and measures what, as Brick in Turtle: places, equipment, points with their units and the name of their series.

import { DataFactory, Writer } from "n3";
import { isGeneration, mainMeters } from "../../read-model/queries/energy.ts";
import type { DeviceRecord, PlaceRecord, PointRecord } from "../../read-model/registry.ts";
import type { Scope } from "../scope.ts";
import {
  brickOntology,
  brickVersion,
  METER_CLASSES,
  PLACE_CLASSES,
  POINT_CLASSES,
  QUDT_UNITS,
} from "./vocabulary.ts";

const PREFIXES = {
  brick: "https://brickschema.org/schema/Brick#",
  muniment: "https://muniment.example/ns#",
  owl: "http://www.w3.org/2002/07/owl#",
  rdfs: "http://www.w3.org/2000/01/rdf-schema#",
  rec: "https://w3id.org/rec#",
  ref: "https://brickschema.org/schema/Brick/ref#",
  unit: "http://qudt.org/vocab/unit/",
  xsd: "http://www.w3.org/2001/XMLSchema#",
} as const;
const RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";

const { literal, namedNode } = DataFactory;
type Iri = ReturnType<typeof namedNode>;
type Term = Iri | ReturnType<typeof literal> | ReturnType<Writer["blank"]>;

/** A name in one of the vocabularies above, such as brick:isPointOf. */
function name(prefix: keyof typeof PREFIXES, local: string): Iri {
  return namedNode(`${PREFIXES[prefix]}${local}`);
}

/** What is said of one thing; a null object is not said. */
type Facts = readonly (readonly [Iri, Term | null])[];

/**
 * The building's model in Turtle. Every place, device and point has an address of its own under the ledger's name, which
 * stays the same from export to export. A class that is not of Brick is not invented: the point is a brick:Point with a note.
 */
export async function brickTurtle(scope: Scope): Promise<string> {
  const { building, origin, points, registry, snapshot } = scope;
  const writer = new Writer({ prefixes: PREFIXES });
  const iri = (kind: "building" | "place" | "device" | "point", id: string): Iri =>
    namedNode(`https://${origin}/${kind}/${id}`);
  const say = (subject: Iri, facts: Facts): void => {
    for (const [predicate, object] of facts)
      if (object !== null) writer.addQuad(subject, predicate, object);
  };
  const blank = (facts: readonly (readonly [Iri, Term])[]): Term =>
    writer.blank(facts.map(([predicate, object]) => ({ predicate, object })));

  say(iri("building", building.id), [
    isA("owl", "Ontology"),
    [name("owl", "imports"), namedNode(brickOntology)],
    [name("rdfs", "comment"), literal(`Class names of Brick ${brickVersion}`)],
    labelled(`${building.name}, as of entry ${snapshot.size} of ledger ${origin}`),
  ]);

  const places = placesOf(scope);
  for (const { place, kind, label } of places.values()) {
    const above = aboveOf(place, places);
    const area = place === building.id ? building.grossFt2 : null;
    say(iri("place", place), [
      isA("rec", PLACE_CLASSES[kind]),
      labelled(label),
      [
        name("brick", "grossArea"),
        area === null
          ? null
          : blank([
              [name("brick", "value"), literal(area)],
              [name("brick", "hasUnit"), name("unit", "FT2")],
            ]),
      ],
      kind === "site"
        ? [name("rec", "hasPart"), iri("place", building.id)]
        : [name("rec", "isPartOf"), above === null ? null : iri("place", above)],
    ]);
  }

  const devices = [...new Set(points.map(({ device }) => device))]
    .map((device) => registry.devices.get(device))
    .filter((device) => device !== undefined);
  const main = mainMeters(building.id, points).map(({ device }) => device);
  for (const device of devices) {
    const meter = meterClassOf(device);
    const isSub = meter !== null && main.length === 1 && main[0] !== device.id;
    say(iri("device", device.id), [
      isA("brick", meter ?? "Equipment"),
      labelled(device.id),
      [name("brick", "hasLocation"), iri("place", device.place)],
      [name("brick", "meters"), meter === null ? null : iri("place", device.place)],
      [name("brick", "isSubMeterOf"), isSub ? iri("device", main[0]!) : null],
    ]);
  }

  for (const point of points) {
    const { brick, note } = classOf(point);
    const unit = QUDT_UNITS[point.unit];
    say(iri("point", point.id), [
      isA("brick", brick),
      labelled(point.label ?? point.id),
      [name("rdfs", "comment"), note === null ? null : literal(note)],
      [name("brick", "isPointOf"), iri("device", point.device)],
      [name("brick", "hasLocation"), iri("place", point.place)],
      unit === undefined
        ? [
            name("rdfs", "comment"),
            literal(`unit ${point.unit}, for which no QUDT unit is written`),
          ]
        : [name("brick", "hasUnit"), name("unit", unit)],
      [name("muniment", "trust"), literal(point.trust)],
      [
        name("ref", "hasExternalReference"),
        blank([
          isA("ref", "TimeseriesReference"),
          [name("ref", "hasTimeseriesId"), literal(point.id)],
          [name("ref", "storedAt"), literal(origin)],
        ]),
      ],
    ]);
  }
  return new Promise((resolve, reject) =>
    writer.end((error: Error | null, text: string) =>
      error === null || error === undefined ? resolve(text) : reject(error),
    ),
  );
}

function isA(prefix: keyof typeof PREFIXES, local: string): readonly [Iri, Iri] {
  return [namedNode(RDF_TYPE), name(prefix, local)];
}

function labelled(text: string | null): readonly [Iri, Term | null] {
  return [name("rdfs", "label"), text === null ? null : literal(text)];
}

type Place = Pick<PlaceRecord, "place" | "kind" | "label">;

/** Registered places, and those where something stands that nobody registered: these are zones. */
function placesOf({ building, points, registry }: Scope): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>([
    [building.id, { place: building.id, kind: "building", label: building.name }],
  ]);
  for (const record of registry.places.values())
    if (record.building === building.id && record.place !== building.id)
      places.set(record.place, record);
  for (const { place } of points)
    if (!places.has(place)) places.set(place, { place, kind: "zone", label: null });
  return new Map([...places].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The nearest place that a place lies in; null for the building. */
function aboveOf(place: string, places: ReadonlyMap<string, Place>): string | null {
  for (let end = place.lastIndexOf("/"); end > 0; end = place.lastIndexOf("/", end - 1)) {
    const above = place.slice(0, end);
    if (places.has(above)) return above;
  }
  return null;
}

/** The registry names a meter by the class of its point; in Brick the meter is the device. */
function meterClassOf({ points }: DeviceRecord): string | null {
  return points.map(({ brick }) => brick).find((brick) => METER_CLASSES.has(brick ?? "")) ?? null;
}

/** The class of a point, and a note where it is not the one that was registered. */
function classOf({ brick, unit }: PointRecord): {
  readonly brick: string;
  readonly note: string | null;
} {
  if (brick === null) return { brick: "Point", note: "registered without a class" };
  if (POINT_CLASSES.has(brick)) return { brick, note: null };
  if (METER_CLASSES.has(brick)) {
    const note = `registered as ${brick}, which is the device`;
    const energy = brick.endsWith("Electrical_Meter")
      ? "Electrical_Energy_Usage_Sensor"
      : "Energy_Usage_Sensor";
    return { brick: unit === "J" ? energy : unit === "W" ? "Power_Sensor" : "Point", note };
  }
  const note = `registered as ${brick}, which is not among the classes of Brick ${brickVersion} that are written`;
  return {
    brick: unit === "J" && isGeneration({ brick }) ? "Energy_Generation_Sensor" : "Point",
    note,
  };
}
