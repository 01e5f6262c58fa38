// A Green Button file as points and readings of one device: energy, and beside it what each interval cost and how good it is.
import type { SenmlRecord } from "@muniment/core";
import type { Point } from "../devices.ts";
import { SimulatorError } from "../errors.ts";
import type { GreenButtonFile, ImportedInterval, ImportedMeter } from "./green-button.ts";
import type { ManualDevice } from "./manual-device.ts";

/** FlowDirectionKind reverse: what the building gives. */
const RECEIVED = 19;

/** A kind of value of an interval: the point it goes to, and the value where the interval has one. */
interface Carried {
  readonly point: Point;
  readonly value: (interval: ImportedInterval) => number | null;
}

/**
 * What is carried of one meter. Energy is in joules, by intervals of the declared length. ESPI has costs and quality codes, SenML
 * has no unit for either: they are plain numbers (`/`) whose meaning stands in the label. Several codes of one interval are several points.
 */
function carried({ point, title, seconds, flowDirection, currency, intervals }: ImportedMeter) {
  const number = (name: string, label: string): Point => ({
    name,
    unit: "/",
    kind: "event",
    label: label.slice(0, labelCharactersMax),
  });
  const energy: Carried = {
    point: {
      name: point,
      unit: "J",
      kind: "interval",
      interval: seconds,
      brick:
        flowDirection === RECEIVED ? "Energy_Generation_Sensor" : "Electrical_Energy_Usage_Sensor",
      ...(title === "" ? {} : { label: title.slice(0, labelCharactersMax) }),
    },
    value: ({ joules }) => joules,
  };
  const cost: Carried = {
    point: number(
      `${point}-cost`,
      `Cost in 1/100000 of currency ${currency ?? "unknown"} (ISO 4217)`,
    ),
    value: (interval) => interval.cost,
  };
  const most = Math.max(0, ...intervals.map(({ qualities }) => qualities.length));
  const qualities = Array.from(
    { length: most },
    (_, i): Carried => ({
      point: number(`${point}-quality${i === 0 ? "" : `-${i + 1}`}`, "ESPI QualityOfReading"),
      value: (interval) => interval.qualities[i] ?? null,
    }),
  );
  const costs = intervals.some((interval) => interval.cost !== null) ? [cost] : [];
  return [energy, ...costs, ...qualities];
}

/** A label is at most 128 bytes (device.enrol). */
const labelCharactersMax = 40;

/** The points a device needs for everything in the file. */
export function pointsOf({ meters }: GreenButtonFile): readonly Point[] {
  return meters.flatMap((meter) => carried(meter).map(({ point }) => point));
}

export interface GreenButtonRecords {
  /** In order of time. */
  readonly records: readonly SenmlRecord[];
  /** Values that are not sent, by why. */
  readonly left: Readonly<Record<string, number>>;
}

/**
 * The readings that the device can carry. Throws import.device when it has no point for the energy itself; costs and qualities
 * without a point are counted as left, and so are intervals that are not as long as the point declares.
 */
export function recordsFor(file: GreenButtonFile, device: ManualDevice): GreenButtonRecords {
  const records: SenmlRecord[] = [];
  const left: Record<string, number> = { ...file.left };
  const leave = (why: string): void => {
    left[why] = (left[why] ?? 0) + 1;
  };
  for (const meter of file.meters) {
    for (const { point, value } of carried(meter)) {
      const { name, unit } = point;
      const enrolled = device.points.get(name);
      const isEnergy = name === meter.point;
      if (isEnergy) checkEnergy(device, point, enrolled);
      for (const interval of meter.intervals) {
        const amount = value(interval);
        if (amount === null) continue;
        if (enrolled === undefined) leave(`no point ${name}`);
        else if (isEnergy && interval.seconds !== enrolled.interval)
          leave(`interval of ${interval.seconds} s`);
        else records.push({ name, unit, value: amount, time: interval.start });
      }
    }
  }
  return { records: records.sort((a, b) => a.time - b.time), left };
}

function checkEnergy(
  { device }: ManualDevice,
  { name, interval }: Point,
  enrolled: Pick<Point, "unit" | "kind" | "interval"> | undefined,
): void {
  const expected = `${name}=J:interval:${interval}`;
  const { unit, kind, interval: seconds } = enrolled ?? {};
  if (unit === "J" && kind === "interval" && seconds === interval) return;
  const got = enrolled === undefined ? "none" : `${name}=${unit}:${kind}:${seconds ?? ""}`;
  throw new SimulatorError(
    "import.device",
    `expected ${device} with point ${expected}, got ${got}`,
  );
}
