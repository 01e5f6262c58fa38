// Which records travel together: a statement holds at most so many, and only records of the same span of time (F1: 256 records, 4,096 bytes).
import type { SenmlRecord } from "@muniment/core";

/** Records of one statement; with the header they stay below 4,096 bytes whatever the names. */
export const recordsPerStatementMax = 100;
/** Encoded names, units and values of one statement. */
const payloadBytesMax = 3_400;

/** Splits records in time order into statements: never across a multiple of `spanSeconds`, never over a limit. */
export function packRecords(
  records: readonly SenmlRecord[],
  spanSeconds: number,
  recordsMax: number = recordsPerStatementMax,
): readonly (readonly SenmlRecord[])[] {
  const packs: SenmlRecord[][] = [];
  let pack: SenmlRecord[] = [];
  let bytes = 0;
  let span = Number.NaN;
  for (const record of records) {
    const size = bytesAtMost(record);
    const recordSpan = Math.floor(record.time / spanSeconds);
    if (recordSpan !== span || pack.length >= recordsMax || bytes + size > payloadBytesMax) {
      pack = [];
      packs.push(pack);
      bytes = 0;
      span = recordSpan;
    }
    pack.push(record);
    bytes += size;
  }
  return packs;
}

/** No record takes more: map head, labels, text heads, a double for the value and one for the time. */
function bytesAtMost({ name, unit, value }: SenmlRecord): number {
  const text = typeof value === "string" ? value.length * 3 : 0;
  const data = value instanceof Uint8Array ? value.length : 0;
  return 1 + (2 + name.length) + (unit === undefined ? 0 : 2 + unit.length) + 12 + text + data + 10;
}
