// Which records travel together: a statement holds at most so many, and only records of the same span of time (F1: 256 records, 4,096 bytes).
import type { SenmlRecord } from "@muniment/core";

/** Records of one statement; with the header they stay below 4,096 bytes whatever the names. */
export const recordsPerStatementMax = 100;
/** Head of the pack, and the first record's time, which is absolute. */
const packBytes = 16;
/** Encoded pack of one statement. */
const payloadBytesDefault = 3_400;

/** Splits records in time order into statements: never across a multiple of `spanSeconds`, never over a limit. */
export function packRecords(
  records: readonly SenmlRecord[],
  spanSeconds: number,
  recordsMax: number = recordsPerStatementMax,
  payloadBytesMax: number = payloadBytesDefault,
): readonly (readonly SenmlRecord[])[] {
  const packs: SenmlRecord[][] = [];
  let pack: SenmlRecord[] = [];
  let bytes = 0;
  let span = Number.NaN;
  for (const record of records) {
    const size = bytesAtMost(record, spanSeconds);
    const recordSpan = Math.floor(record.time / spanSeconds);
    if (recordSpan !== span || pack.length >= recordsMax || bytes + size > payloadBytesMax) {
      pack = [];
      packs.push(pack);
      bytes = packBytes;
      span = recordSpan;
    }
    pack.push(record);
    bytes += size;
  }
  return packs;
}

/** No record takes more: map head, labels, heads of texts and numbers, and the time as a difference to the first. */
function bytesAtMost({ name, unit, value, time }: SenmlRecord, spanSeconds: number): number {
  const unitBytes = unit === undefined ? 0 : 1 + textBytes(unit.length);
  const timeBytes = !Number.isInteger(time) ? 9 : spanSeconds <= 0x1_0000 ? 3 : 5;
  return 1 + 1 + textBytes(name.length) + unitBytes + 1 + valueBytes(value) + 1 + timeBytes;
}

function valueBytes(value: SenmlRecord["value"]): number {
  if (typeof value === "string") return textBytes(value.length * 3);
  if (value instanceof Uint8Array) return textBytes(value.length);
  return Number.isInteger(value) && Math.abs(Number(value)) < 0x1_0000 ? 3 : 9;
}

/** Head and content. */
function textBytes(length: number): number {
  return (length < 24 ? 1 : length < 0x100 ? 2 : 3) + length;
}
