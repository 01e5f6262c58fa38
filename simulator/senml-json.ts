// SenML in JSON (RFC 8428 4.6 and 5): lines that people and other programs write become resolved records.
import { fromBase64Url, type SenmlRecord } from "@muniment/core";
import * as z from "zod";
import { SimulatorError } from "./errors.ts";

/** Times below this are relative to now (RFC 8428 4.5.3). */
const absoluteTimeMin = 2 ** 28;

const record = z.strictObject({
  bn: z.string().optional(),
  bt: z.number().optional(),
  bu: z.string().optional(),
  bv: z.number().optional(),
  bver: z.int().optional(),
  n: z.string().optional(),
  u: z.string().optional(),
  v: z.number().optional(),
  vs: z.string().optional(),
  vb: z.boolean().optional(),
  vd: z.string().optional(),
  s: z.number().optional(),
  t: z.number().optional(),
});
const pack = z.union([z.array(record).min(1).max(256), record.transform((one) => [one])]);

/** The records of one line: a pack, or a single record without its brackets. `now` in unix seconds. Throws senml.json. */
export function parseSenmlJson(line: string, now: number): readonly SenmlRecord[] {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (cause) {
    throw new SimulatorError(
      "senml.json",
      `expected JSON, got ${JSON.stringify(line.slice(0, 60))}`,
      {
        cause,
      },
    );
  }
  const result = pack.safeParse(json);
  if (!result.success) throw new SimulatorError("senml.json", z.prettifyError(result.error));
  let base: { name: string; time: number; unit?: string; value?: number } = { name: "", time: 0 };
  return result.data.map((item) => {
    base = {
      ...base,
      ...(item.bn === undefined ? {} : { name: item.bn }),
      ...(item.bt === undefined ? {} : { time: item.bt }),
      ...(item.bu === undefined ? {} : { unit: item.bu }),
      ...(item.bv === undefined ? {} : { value: item.bv }),
    };
    const time = base.time + (item.t ?? 0);
    const unit = item.u ?? base.unit;
    const number =
      item.v === undefined && base.value === undefined
        ? undefined
        : (item.v ?? 0) + (base.value ?? 0);
    const value =
      item.vs ?? item.vb ?? (item.vd === undefined ? undefined : fromBase64Url(item.vd)) ?? number;
    return {
      name: base.name + (item.n ?? ""),
      time: time < absoluteTimeMin ? now + time : time,
      ...(unit === undefined ? {} : { unit }),
      ...(value === undefined ? {} : { value }),
      ...(item.s === undefined ? {} : { sum: item.s }),
    };
  });
}
