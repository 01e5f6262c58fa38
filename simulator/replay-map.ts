// The map that says what a CSV file's columns are: building, time, devices and points; it is configuration, checked with zod.
import * as z from "zod";
import { SimulatorError } from "./errors.ts";
import { zone } from "./zone.ts";

const id = z.string().regex(/^[a-z0-9-]{1,64}$/, "expected 1 to 64 of a-z, 0-9 and -");
const pointName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, "expected a point name");
const zoneName = z.string().refine(isZone, "expected an IANA zone or an offset such as +00:00");

const column = z.strictObject({
  column: z.string(),
  device: id,
  /** Where it is; the building itself when absent. */
  place: z.string().optional(),
  point: pointName,
  unit: z.string(),
  kind: z.enum(["gauge", "counter", "interval"]),
  /** Seconds from one reading to the next; of kind interval, the length of each. */
  interval: z.int().positive().optional(),
  /** Value of the point = value in the file × scale; energy becomes integer joules. */
  scale: z.number().default(1),
  integer: z.boolean().default(false),
  brick: z.string().optional(),
  label: z.string().optional(),
});

const schema = z.strictObject({
  format: z.literal("muniment-map/1"),
  /** What the file is, where it is from and how its times were understood: for people. */
  note: z.string().optional(),
  building: z.strictObject({
    id,
    name: z.string(),
    zone: zoneName,
    grossFt2: z.int().positive().optional(),
    usableFt2: z.int().positive().optional(),
    address: z.string().optional(),
  }),
  /** Names of the columns, where the file has none or not one for each. */
  header: z.array(z.string()).min(1).optional(),
  /** Rows before the first that holds data. */
  headerRows: z.int().nonnegative().default(1),
  time: z.strictObject({
    /** A column, or several whose cells are joined by a space. */
    column: z.union([z.string(), z.array(z.string()).min(1)]),
    /** YYYY (or YY, of this century) MM DD hh mm ss in any order with any separators, or `iso`, `unix`, `unix-ms`. */
    format: z.string().default("iso"),
    zone: zoneName.default("+00:00"),
  }),
  /** Who vouches for the rows: "manual" when a person has them from elsewhere; the devices themselves when absent. */
  trust: z.enum(["device", "observed", "manual"]).optional(),
  /** Cells that mean "no value was recorded"; such a reading is not sent. */
  missing: z.array(z.string()).default([""]),
  columns: z.array(column).min(1).max(256),
});

export type ReplayMap = z.infer<typeof schema>;
export type MappedColumn = ReplayMap["columns"][number];

/** The map in a file's text. Throws map.format with what was expected where. */
export function parseReplayMap(text: string): ReplayMap {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SimulatorError("map.format", "expected a JSON document", { cause });
  }
  const result = schema.safeParse(json);
  if (!result.success) throw new SimulatorError("map.format", z.prettifyError(result.error));
  const points = new Set<string>();
  for (const { device, point } of result.data.columns) {
    const name = `${device}.${point}`;
    if (points.has(name)) {
      throw new SimulatorError("map.format", `expected each point once, got ${name} twice`);
    }
    points.add(name);
  }
  return result.data;
}

function isZone(name: string): boolean {
  try {
    zone(name);
    return true;
  } catch {
    return false;
  }
}
