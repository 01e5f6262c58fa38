// Green Button files in the small: links, units, costs, codes, and what is counted as left instead of guessed.
import { expect, test } from "vitest";
import { parseGreenButton } from "./green-button.ts";
import { pointsOf, recordsFor } from "./green-button-points.ts";
import type { ManualDevice } from "./manual-device.ts";

const start = 1_767_225_600;

function entry(self: string, content: string, related: readonly string[] = [], title = ""): string {
  const up = self.slice(0, self.lastIndexOf("/"));
  const links = [
    `<link rel="self" href="${self}"/>`,
    `<link rel="up" href="${up}"/>`,
    ...related.map((href) => `<link rel="related" href="${href}"/>`),
  ].join("");
  return `<entry>${links}<title>${title}</title><content>${content}</content></entry>`;
}

const feed = (...entries: readonly string[]): string =>
  `<feed xmlns="http://www.w3.org/2005/Atom">${entries.join("")}</feed>`;
const type = (fields: string): string =>
  `<ReadingType xmlns="http://naesb.org/espi">${fields}</ReadingType>`;
const usual = "<flowDirection>1</flowDirection><intervalLength>900</intervalLength>";

function reading(at: number, value: number, more = "", seconds = 900): string {
  return `<IntervalReading>${more}<timePeriod><duration>${seconds}</duration><start>${at}</start></timePeriod><value>${value}</value></IntervalReading>`;
}

/** One meter: its reading, its type, and its blocks. */
function meter(
  id: string,
  readings: readonly string[],
  fields = `${usual}<uom>72</uom>`,
): readonly string[] {
  return [
    entry(`/m/${id}`, "<MeterReading/>", [`/m/${id}/IntervalBlock`, `/t/${id}`], `Meter ${id}`),
    entry(`/t/${id}`, type(fields)),
    ...readings.map((one, i) =>
      entry(
        `/m/${id}/IntervalBlock/${i}`,
        `<IntervalBlock><interval><duration>1</duration><start>${start}</start></interval>${one}</IntervalBlock>`,
      ),
    ),
  ];
}

test("each meter has its own type, its own blocks and its own point", () => {
  const generation =
    "<flowDirection>19</flowDirection><intervalLength>3600</intervalLength><powerOfTenMultiplier>-3</powerOfTenMultiplier><uom>72</uom>";
  const { meters } = parseGreenButton(
    feed(
      ...meter("a", [reading(start, 250), reading(start + 900, 251)]),
      ...meter("b", [reading(start, 12_345, "", 3600)], generation),
      ...meter("c", [reading(start, 7)], `${usual}<uom>31</uom>`),
    ),
  );
  expect(meters.map(({ point, title, seconds }) => [point, title, seconds])).toEqual([
    ["energy", "Meter a", 900],
    ["energy-received", "Meter b", 3600],
    ["energy-2", "Meter c", 900],
  ]);
  expect(meters.map(({ intervals }) => intervals.map(({ joules }) => joules))).toEqual([
    [900_000, 903_600],
    [44_442],
    [7],
  ]);
});

test("a reading without a period follows the one before; one said again replaces the first", () => {
  const { meters, left } = parseGreenButton(
    feed(
      ...meter("a", [
        `<IntervalReading><value>1</value></IntervalReading><IntervalReading><value>2</value></IntervalReading><IntervalReading/>`,
        reading(start + 900, 3),
      ]),
      entry("/s/1", "<UsageSummary/>"),
    ),
  );
  expect(meters[0]?.intervals.map((one) => [one.start - start, one.joules])).toEqual([
    [0, 3_600],
    [900, 10_800],
  ]);
  expect(left).toEqual({
    UsageSummary: 1,
    "IntervalReading said again": 1,
    "IntervalReading without time or value": 1,
  });
});

test("what is not electric energy by interval is refused with its code", () => {
  for (const [fields, message] of [
    [`${usual}<uom>169</uom>`, /uom 169/],
    [`${usual}<uom>72</uom><commodity>7</commodity>`, /commodity 7/],
    [`${usual}<uom>72</uom><accumulationBehaviour>3</accumulationBehaviour>`, /accumulation.* 3/],
  ] as const) {
    expect(() => parseGreenButton(feed(...meter("a", [], fields)))).toThrow(
      expect.objectContaining({
        code: "greenbutton.unsupported",
        message: expect.stringMatching(message),
      }),
    );
  }
  for (const text of [feed(), feed(...meter("a", [reading(start, 1)]).slice(0, 1))])
    expect(() => parseGreenButton(text)).toThrow(/expected a/);
  expect(() => parseGreenButton(feed(...meter("a", [reading(1.5, 1)])))).toThrow(/whole number/);
});

const device = (points: readonly (readonly [string, string, number?])[]): ManualDevice => ({
  device: "bill",
  building: "b1",
  place: "b1",
  urn: "urn:dev:os:32473-bill",
  zone: "UTC",
  points: new Map(
    points.map(([name, unit, interval]) => [
      name,
      interval === undefined
        ? { unit, kind: "event", last: null }
        : { unit, kind: "interval", interval, last: null },
    ]),
  ),
});

test("costs and quality codes become points; without one they are counted, never dropped in silence", () => {
  const quality = (code: number) => `<ReadingQuality><quality>${code}</quality></ReadingQuality>`;
  const file = parseGreenButton(
    feed(
      ...meter("a", [
        reading(start + 900, 2, `<cost>965</cost>${quality(7)}${quality(13)}`) +
          reading(start, 1, quality(8)) +
          reading(start + 1800, 3, "<cost>-5</cost>", 1800),
      ]),
    ),
  );
  expect(pointsOf(file).map(({ name, unit, kind }) => [name, unit, kind])).toEqual([
    ["energy", "J", "interval"],
    ["energy-cost", "/", "event"],
    ["energy-quality", "/", "event"],
    ["energy-quality-2", "/", "event"],
  ]);
  const all = recordsFor(
    file,
    device([
      ["energy", "J", 900],
      ["energy-cost", "/"],
      ["energy-quality", "/"],
      ["energy-quality-2", "/"],
    ]),
  );
  expect(all.records.map(({ name, value, time }) => [time - start, name, value])).toEqual([
    [0, "energy", 3_600],
    [0, "energy-quality", 8],
    [900, "energy", 7_200],
    [900, "energy-cost", 965],
    [900, "energy-quality", 7],
    [900, "energy-quality-2", 13],
    [1800, "energy-cost", -5],
  ]);
  expect(all.left).toEqual({ "interval of 1800 s": 1 });
  const few = recordsFor(file, device([["energy", "J", 900]]));
  expect(few.records.map(({ name }) => name)).toEqual(["energy", "energy"]);
  expect(few.left).toEqual({
    "interval of 1800 s": 1,
    "no point energy-cost": 2,
    "no point energy-quality": 2,
    "no point energy-quality-2": 1,
  });
  expect(() => recordsFor(file, device([["energy", "J", 3600]]))).toThrow(
    /energy=J:interval:900, got energy=J:interval:3600/,
  );
});
