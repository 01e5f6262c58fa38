// The page's time range: presets and neighbours as links, days as a form; all end in the URL.
import type { FormEvent, ReactNode } from "react";
import { useLive } from "../data/live.ts";
import { Link } from "../location/link.tsx";
import { navigate, useLocation } from "../location/location.ts";
import { daysOf, daysQuery, neighbours, presets, type Range } from "../time/range.ts";
import { formatTime, zoneName } from "../time/zone.ts";

/** Ranges longer than this are said with their years. */
const longMs = 60 * 86_400_000;

interface RangePickerProps {
  readonly range: Range;
  readonly zone: string;
}

/** Shows which range is on the page and lets the reader choose another. */
export function RangePicker({ range, zone }: RangePickerProps): ReactNode {
  const { pathname } = useLocation();
  const { asOf } = useLive();
  const { first, last } = daysOf(range, zone);
  const { earlier, later } = neighbours(range, zone, Date.now());
  const style = range.to - range.from > longMs ? "full" : "minute";
  const href = (query: string): string => `${pathname}?${query}`;
  const choose = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const [from, to] = [String(fields.get("from")), String(fields.get("to"))].sort();
    navigate(href(daysQuery(from!, to!)));
  };
  return (
    <section className="range" aria-label="Time range">
      <ul className="range__presets">
        {presets.map(({ key, label }) => (
          <li key={key}>
            <Link
              className="range__preset"
              href={href(`range=${key}`)}
              aria-current={range.preset === key ? "true" : undefined}
            >
              {label}
            </Link>
          </li>
        ))}
      </ul>
      <form className="range__days" onSubmit={choose} key={`${first} ${last}`}>
        <label htmlFor="range-from">From</label>
        <input
          className="usa-input"
          id="range-from"
          name="from"
          type="date"
          defaultValue={first}
          required
        />
        <label htmlFor="range-to">to</label>
        <input
          className="usa-input"
          id="range-to"
          name="to"
          type="date"
          defaultValue={last}
          required
        />
        <button type="submit" className="usa-button usa-button--outline tool">
          Apply
        </button>
        <Link href={href(earlier)}>Earlier</Link>
        {later === null ? (
          <span className="range__end">Later</span>
        ) : (
          <Link href={href(later)}>Later</Link>
        )}
      </form>
      <p className="range__said">
        {formatTime(range.from, zone, style)} – {formatTime(range.to, zone, style)}{" "}
        {zoneName(zone, range.to)}
        <span className="range__as-of">
          {asOf === null ? "\u00a0" : `as of ${formatTime(asOf, zone, "second")}`}
        </span>
      </p>
    </section>
  );
}
