// The building's model in Turtle, parsed back: every point and place is there, typed by Brick, and nothing is invented.

import { Parser, Store } from "n3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasMaterial, readMaterialText } from "../conformance/material.ts";
import { type SampleBuilding, startSampleBuilding } from "./sample-building.ts";

const BRICK = "https://brickschema.org/schema/Brick#";
const REC = "https://w3id.org/rec#";
const REF = "https://brickschema.org/schema/Brick/ref#";
const RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const RDFS = "http://www.w3.org/2000/01/rdf-schema#";
const UNIT = "http://qudt.org/vocab/unit/";
const OWL = "http://www.w3.org/2002/07/owl#";
const root = "https://ledger.example/test";

let building: SampleBuilding;
let model: Store;
beforeAll(async () => {
  building = await startSampleBuilding();
  const answer = await building.get("buildings/b1/export?format=brick");
  expect(answer.statusCode, answer.body).toBe(200);
  expect(answer.headers["content-type"]).toBe("text/turtle; charset=utf-8");
  expect(answer.headers["content-disposition"]).toBe('attachment; filename="b1-brick.ttl"');
  model = new Store(new Parser().parse(answer.body));
});
afterAll(() => building.close());

const objects = (subject: string, predicate: string): readonly string[] =>
  model.getObjects(subject, predicate, null).map(({ value }) => value);
const typeOf = (subject: string): readonly string[] => objects(subject, `${RDF}type`);

test("every place, where it lies, and its name", () => {
  const places = {
    b1: ["Building", null],
    "b1/floor-1": ["Level", "b1"],
    "b1/floor-1/room-101": ["Room", "b1/floor-1"],
    "b1/plant": ["Zone", "b1"],
    "b1/yard": ["OutdoorSpace", "b1"],
  } as const;
  for (const [place, [kind, above]] of Object.entries(places)) {
    expect(typeOf(`${root}/place/${place}`), place).toEqual([`${REC}${kind}`]);
    expect(objects(`${root}/place/${place}`, `${REC}isPartOf`)).toEqual(
      above === null ? [] : [`${root}/place/${above}`],
    );
  }
  expect(objects(`${root}/place/b1/floor-1/room-101`, `${RDFS}label`)).toEqual(["-Room 101"]);
  expect(model.getSubjects(`${REC}isPartOf`, null, null)).toHaveLength(4);
});

test("every point, with class, unit, device, place and the id of its series", async () => {
  const { points } = (await building.get("buildings/b1")).json() as {
    points: { id: string; device: string; place: string; trust: string }[];
  };
  expect(points.length).toBeGreaterThan(7);
  const expected: Readonly<Record<string, readonly [brick: string, unit: string | null]>> = {
    "main.energy": ["Electrical_Energy_Usage_Sensor", "J"],
    "sub.energy": ["Electrical_Energy_Usage_Sensor", "J"],
    "bill.energy": ["Electrical_Energy_Usage_Sensor", "J"],
    "roof.energy": ["Energy_Generation_Sensor", "J"],
    "room.people": ["Occupancy_Count_Sensor", "NUM"],
    "room.co2": ["CO2_Level_Sensor", "FRACTION"],
    "room.odd": ["Point", null],
    "room.plain": ["Point", "DEG_C"],
  };
  expect(points.map(({ id }) => id).sort()).toEqual(Object.keys(expected).sort());
  for (const { id, device, place, trust } of points) {
    const point = `${root}/point/${id}`;
    const [brick, unit] = expected[id]!;
    expect(typeOf(point), id).toEqual([`${BRICK}${brick}`]);
    expect(objects(point, `${BRICK}hasUnit`)).toEqual(unit === null ? [] : [`${UNIT}${unit}`]);
    expect(objects(point, `${BRICK}isPointOf`)).toEqual([`${root}/device/${device}`]);
    expect(objects(point, `${BRICK}hasLocation`)).toEqual([`${root}/place/${place}`]);
    expect(objects(point, "https://muniment.example/ns#trust")).toEqual([trust]);
    const [reference] = model.getObjects(point, `${REF}hasExternalReference`, null);
    expect(
      model.getObjects(reference!, `${REF}hasTimeseriesId`, null).map(({ value }) => value),
    ).toEqual([id]);
    expect(model.getObjects(reference!, `${RDF}type`, null).map(({ value }) => value)).toEqual([
      `${REF}TimeseriesReference`,
    ]);
  }
  expect(model.getSubjects(`${BRICK}isPointOf`, null, null)).toHaveLength(points.length);
});

test("what is not of Brick is said, not written as a class", () => {
  const notes = (id: string) => objects(`${root}/point/${id}`, `${RDFS}comment`);
  expect(notes("room.odd")).toEqual([
    expect.stringMatching(/^registered as Flux_Capacitor_Sensor, which is not/),
    expect.stringMatching(/^unit Gy/),
  ]);
  expect(notes("room.plain")).toEqual(["registered without a class"]);
  expect(notes("room.co2")).toEqual([]);
  expect(model.getQuads(null, null, `${BRICK}Flux_Capacitor_Sensor`, null)).toEqual([]);
});

test("meters meter places, and parts of the building are sub-meters of the main one", () => {
  const device = (id: string) => `${root}/device/${id}`;
  expect(typeOf(device("main"))).toEqual([`${BRICK}Building_Electrical_Meter`]);
  expect(objects(device("main"), `${BRICK}meters`)).toEqual([`${root}/place/b1`]);
  expect(typeOf(device("sub"))).toEqual([`${BRICK}Electrical_Meter`]);
  expect(objects(device("sub"), `${BRICK}isSubMeterOf`)).toEqual([device("main")]);
  expect(typeOf(device("room"))).toEqual([`${BRICK}Equipment`]);
  expect(objects(device("room"), `${BRICK}hasLocation`)).toEqual([
    `${root}/place/b1/floor-1/room-101`,
  ]);
});

test.skipIf(!hasMaterial("domain/brick_building_meter.ttl"))(
  "it is built as the published examples are: their classes of places, their relations, their ontology",
  () => {
    const example = new Store([
      ...new Parser().parse(readMaterialText("domain/brick_building_meter.ttl")),
      ...new Parser().parse(readMaterialText("domain/brick_rec_building.ttl")),
    ]);
    const imports = (store: Store) =>
      store.getObjects(null, `${OWL}imports`, null).map(({ value }) => value);
    expect(imports(model)).toEqual([...new Set(imports(example))]);
    const types = new Set(example.getObjects(null, `${RDF}type`, null).map(({ value }) => value));
    for (const type of ["Building", "Level", "Zone"]) expect(types).toContain(`${REC}${type}`);
    expect(types).toContain(`${BRICK}Building_Electrical_Meter`);
    const relations = new Set(example.getPredicates(null, null, null).map(({ value }) => value));
    for (const relation of ["isPointOf", "hasUnit", "meters", "isSubMeterOf"])
      expect(relations).toContain(`${BRICK}${relation}`);
    expect(relations).toContain(`${REC}isPartOf`);
  },
);
