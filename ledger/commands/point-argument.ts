// A point as the command line writes it: name=unit[:kind[:interval]][@BrickClass].
import { InvalidArgumentError } from "commander";

export interface PointArgument {
  readonly name: string;
  readonly unit: string;
  readonly kind: "gauge" | "counter" | "interval" | "event";
  /** Seconds. */
  readonly interval?: number;
  readonly brick?: string;
}

const form =
  /^(?<name>[A-Za-z0-9][A-Za-z0-9_-]{0,63})=(?<unit>[A-Za-z0-9%/]{1,16})(?::(?<kind>gauge|counter|interval|event)(?::(?<interval>[1-9]\d{0,7}))?)?(?:@(?<brick>[A-Za-z][A-Za-z0-9_]{0,127}))?$/;

/** Reads one point; a kind that is absent is gauge. Throws InvalidArgumentError. */
export function parsePoint(text: string): PointArgument {
  const parts = form.exec(text)?.groups;
  if (parts === undefined) {
    throw new InvalidArgumentError(
      "expected name=unit[:kind[:interval]][@BrickClass], kind gauge, counter, interval or event, such as energy=J:counter:900@Building_Electrical_Meter.",
    );
  }
  const { name = "", unit = "", kind = "gauge", interval, brick } = parts;
  if (kind === "interval" && interval === undefined) {
    throw new InvalidArgumentError(
      "expected an interval in seconds for kind interval, such as energy=J:interval:3600.",
    );
  }
  return {
    name,
    unit,
    kind: kind as PointArgument["kind"],
    ...(interval === undefined ? {} : { interval: Number(interval) }),
    ...(brick === undefined ? {} : { brick }),
  };
}

/** Commander's collector for a flag that may be given many times. */
export function collectPoint(
  text: string,
  earlier: readonly PointArgument[],
): readonly PointArgument[] {
  const point = parsePoint(text);
  if (earlier.some(({ name }) => name === point.name)) {
    throw new InvalidArgumentError(`expected each point once, got ${point.name} twice.`);
  }
  return [...earlier, point];
}
