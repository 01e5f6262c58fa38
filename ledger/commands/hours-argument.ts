// Opening hours and dates as the command line writes them: "mon-fri 07:00-19:00, sat 09:00-13:00" and 2026-07-03,2026-12-25.
import { InvalidArgumentError } from "commander";

/** Seven lists of [open, close] in local civil minutes, Sunday first. */
export type WeekHours = readonly (readonly (readonly [number, number])[])[];

const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const form =
  /^(?<first>[a-z]{3})(?:-(?<last>[a-z]{3}))? (?<oh>\d{2}):(?<om>\d{2})-(?<ch>\d{2}):(?<cm>\d{2})$/;

/** Reads opening hours; a day that is not named is closed. Throws InvalidArgumentError. */
export function parseHours(text: string): WeekHours {
  const week: [number, number][][] = days.map(() => []);
  for (const part of text.split(",")) {
    const { first, last, oh, om, ch, cm } = form.exec(part.trim())?.groups ?? {};
    const from = days.indexOf(first ?? "");
    const to = last === undefined ? from : days.indexOf(last);
    const open = Number(oh) * 60 + Number(om);
    const close = Number(ch) * 60 + Number(cm);
    // A NaN fails every comparison.
    if (from < 0 || to < 0 || !(open < close) || !(close <= 1_440) || Number(om) > 59)
      throw new InvalidArgumentError(
        `expected days and times such as "mon-fri 07:00-19:00, sat 09:00-13:00", got ${JSON.stringify(part.trim())}.`,
      );
    const count = ((to - from + days.length) % days.length) + 1;
    for (let i = 0; i < count; i++) week[(from + i) % days.length]!.push([open, close]);
  }
  return week.map((intervals) => intervals.sort(([a], [b]) => a - b));
}

/** Reads dates between commas, and sorts them. Throws InvalidArgumentError. */
export function parseDates(text: string): readonly string[] {
  const dates = text.split(",").map((one) => parseDate(one.trim()));
  return [...new Set(dates)].sort();
}

/** Reads one local civil date. Throws InvalidArgumentError. */
export function parseDate(text: string): string {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text)
    throw new InvalidArgumentError(`expected a date such as 2026-07-03, got ${text}.`);
  return text;
}
