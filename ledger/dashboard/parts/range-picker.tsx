// The page's time range: presets as links, days as a form; both end in the URL.
import type { FormEvent, ReactNode } from "react";
import { Link } from "../location/link.tsx";
import { navigate } from "../location/location.ts";
import { daysOf, presets, type Range } from "../time/range.ts";
import { formatTime, zoneName } from "../time/zone.ts";

interface RangePickerProps {
  readonly range: Range;
  readonly zone: string;
  readonly href: (query: string) => string;
}

/** Shows which range is on the page and lets the reader choose another. */
export function RangePicker({ range, zone, href }: RangePickerProps): ReactNode {
  const { first, last } = daysOf(range, zone);
  const choose = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const days = [String(fields.get("from")), String(fields.get("to"))].sort();
    navigate(href(new URLSearchParams({ from: days[0]!, to: days[1]! }).toString()));
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
      </form>
      <p className="range__said">
        {formatTime(range.from, zone)} – {formatTime(range.to, zone)} {zoneName(zone, range.to)}
      </p>
    </section>
  );
}
