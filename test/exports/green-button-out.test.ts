// Green Button files as they are written: valid by the published schema, linked, stable, and equal to the API to the watt-hour.

import { XMLParser } from "fast-xml-parser";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseGreenButton } from "../../simulator/import/green-button.ts";
import { missingForValidation, validate } from "./espi-schema.ts";
import {
  counted,
  FROM,
  heard,
  MISSING,
  quarterMs,
  quarters,
  type SampleBuilding,
  start,
  startSampleBuilding,
  TO,
} from "./sample-building.ts";

const span = `from=${FROM}&to=${TO}`;
const missing = await missingForValidation();
if (missing !== null) console.warn(`SKIPPED: Green Button files are not validated: ${missing}`);

let building: SampleBuilding;
beforeAll(async () => {
  building = await startSampleBuilding();
});
afterAll(() => building.close());

async function feed(query = ""): Promise<string> {
  const answer = await building.get(`buildings/b1/export?format=greenbutton&${span}${query}`);
  expect(answer.statusCode, answer.body).toBe(200);
  expect(answer.headers["content-type"]).toBe("application/atom+xml; charset=utf-8");
  expect(answer.headers["content-disposition"]).toMatch(/filename="b1-greenbutton-.*\.xml"/);
  return answer.body;
}

interface Entry {
  readonly id: string;
  readonly title: string;
  readonly link: readonly { readonly rel: string; readonly href: string }[];
  readonly content: Readonly<Record<string, Record<string, unknown>>>;
}

/** The file as another reader sees it. */
function entriesOf(xml: string): readonly Entry[] {
  const list = new Set(["entry", "link", "IntervalReading", "ReadingQuality"]);
  const parsed = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    isArray: (name) => list.has(name),
  }).parse(xml);
  return parsed.feed.entry;
}
const hrefs = ({ link }: Entry, rel: string): readonly string[] =>
  link.filter((one) => one.rel === rel).map(({ href }) => href);
const kindOf = ({ content }: Entry): string =>
  Object.keys(content).find((name) => name !== "type") ?? "";

test.skipIf(missing !== null)(
  "valid by the schema, whichever meters; and the check can fail",
  async () => {
    expect(await validate(await feed())).toBe("");
    expect(await validate(await feed("&points=sub.energy,bill.energy"))).toBe("");
    const xml = await feed();
    for (const [from, to] of [
      ["<uom>72</uom>", "<uom>Wh</uom>"],
      ["<accumulationBehaviour>4</accumulationBehaviour>", "<wrong/>"],
      ['<LocalTimeParameters xmlns="http://naesb.org/espi">', "<LocalTimeParameters>"],
      ["<dstEndRule>B40E2000</dstEndRule>", "<dstEndRule>none</dstEndRule>"],
    ] as const) {
      expect(xml).toContain(from);
      expect(await validate(xml.replace(from, to)), to).toMatch(/fails to validate/);
    }
  },
);

test("energy of every meter is the API's, to the watt-hour, and no reading is invented", async () => {
  const { meters } = parseGreenButton(await feed("&points=main.energy,sub.energy,roof.energy"));
  const joulesOf = (id: string): number =>
    meters
      .find(({ title }) => title.startsWith(id))!
      .intervals.reduce((sum, { joules }) => sum + joules, 0);
  const { total } = (await building.get(`buildings/b1/energy?${span}&step=P1D`)).json();
  expect(joulesOf("@Main")).toBe(Math.round(total.kwh * 1000) * 3600);

  // The counter: from one reading to the next; across the gap one long interval; across the replacement none.
  const q = Array.from({ length: quarters + 1 }, (_, i) => i).filter(heard);
  const steps = q
    .slice(0, -1)
    .map((at, i) => [at, q[i + 1]!, counted(q[i + 1]!) - counted(at)] as const)
    .filter(([, , joules]) => joules >= 0);
  const sub = meters.find(({ title }) => title.startsWith("sub"))!.intervals;
  expect(sub.map(({ start: at, seconds }) => [at, seconds])).toEqual(
    steps.map(([from, to]) => [(start + from * quarterMs) / 1000, (to - from) * 900]),
  );
  const exact = steps.reduce((sum, [, , joules]) => sum + joules, 0);
  expect(joulesOf("sub")).toBe(Math.round(exact / 3600) * 3600);
  for (const [i, { joules }] of sub.entries())
    expect(Math.abs(joules - steps[i]![2])).toBeLessThan(3600);

  const main = meters.find(({ title }) => title.startsWith("@Main"))!.intervals;
  expect(main).toHaveLength(quarters - 1);
  expect(main.map(({ start: at }) => at)).not.toContain((start + MISSING * quarterMs) / 1000);
  expect(main.every(({ joules }) => joules > 0 || joules === 0)).toBe(true);
});

test("quality says what is not as declared: a gap, a late reading, a person", async () => {
  const { meters } = parseGreenButton(await feed("&points=main.energy,sub.energy,bill.energy"));
  const marked = (id: string) =>
    meters
      .find(({ title }) => title.startsWith(id))!
      .intervals.filter(({ qualities }) => qualities.length > 0)
      .map(({ start: at, qualities }) => [(at * 1000 - start) / quarterMs, qualities]);
  expect(marked("sub")).toEqual([
    [9, [16]],
    [10, [16]],
    [40, [10]],
  ]);
  expect(marked("@Main")).toEqual([]);
  expect(marked("bill").map(([, qualities]) => qualities)).toEqual(Array(10).fill([7]));
});

test("what the building takes is delivered, what it gives is reverse; by default its main meter and its roof", async () => {
  const { meters } = parseGreenButton(await feed());
  expect(
    meters.map(({ title, flowDirection, seconds }) => [title, flowDirection, seconds]),
  ).toEqual([
    ["@Main & <all>: energy", 1, 900],
    ["roof.energy: energy", 19, 900],
  ]);
});

test("every entry has its own stable id, and every link that names a resource of the file leads to it", async () => {
  const xml = await feed();
  const entries = entriesOf(xml);
  expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
  const selves = new Set(entries.flatMap((entry) => hrefs(entry, "self")));
  for (const entry of entries) {
    const [self] = hrefs(entry, "self");
    const [up] = hrefs(entry, "up");
    expect(self?.slice(0, self.lastIndexOf("/"))).toBe(up);
  }
  const byKind = (kind: string): readonly Entry[] =>
    entries.filter((entry) => kindOf(entry) === kind);
  for (const reading of byKind("MeterReading")) {
    const related = hrefs(reading, "related");
    expect(
      byKind("ReadingType").filter((type) => related.includes(hrefs(type, "self")[0]!)),
    ).toHaveLength(1);
    const blocks = byKind("IntervalBlock").filter((block) =>
      related.includes(hrefs(block, "up")[0]!),
    );
    expect(blocks.map(({ title }) => title)).toEqual(["2026-03-07", "2026-03-08", "2026-03-09"]);
  }
  for (const point of byKind("UsagePoint")) {
    const related = hrefs(point, "related");
    expect(
      related.filter((href) => selves.has(href)).map((href) => href.split("/").at(-2)),
    ).toEqual(["LocalTimeParameters"]);
    expect(
      byKind("MeterReading").filter((one) => related.includes(hrefs(one, "up")[0]!)),
    ).toHaveLength(1);
  }
  expect(await feed()).toBe(xml);
  // Another period, the same names for the same things.
  const shorter = await building.get(
    `buildings/b1/export?format=greenbutton&from=2026-03-08T05:00:00Z&to=${TO}`,
  );
  const ids = new Map(entries.map((entry) => [hrefs(entry, "self")[0], entry.id]));
  for (const entry of entriesOf(shorter.body))
    expect(entry.id).toBe(ids.get(hrefs(entry, "self")[0]));
});

test("a day has the readings that start on it, by the building's clock: 92 on the day of 23 hours", async () => {
  const blocks = entriesOf(await feed("&points=roof.energy")).filter(
    (entry) => kindOf(entry) === "IntervalBlock",
  );
  const readingsIn = ({ content }: Entry) =>
    (content.IntervalBlock as { IntervalReading: unknown[] }).IntervalReading.length;
  expect(blocks.map((block) => [block.title, readingsIn(block)])).toEqual([
    ["2026-03-07", 96],
    ["2026-03-08", 92],
    ["2026-03-09", 96],
  ]);
});

test("who vouches for a meter and what is missing stands in the file", async () => {
  const entries = entriesOf(await feed("&points=bill.energy,sub.energy"));
  const status = entries
    .filter((entry) => kindOf(entry) === "MeterReading")
    .map(
      ({ content }) => content.MeterReading!.extension as Record<string, Record<string, unknown>>,
    )
    .map(({ trust, received, expected, gaps, resets }) =>
      [trust, received, expected, gaps, resets].map((value) => value?.["#text"]),
    );
  expect(status).toEqual([
    ["manual", 10, 284, 0, 0],
    ["device", Array.from({ length: quarters }, (_, i) => i).filter(heard).length, 284, 1, 1],
  ]);
});
