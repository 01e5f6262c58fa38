// Choices that narrow a list, as links, so that each has an address.
import type { ReactNode } from "react";
import { Link } from "../location/link.tsx";

interface ChipsProps {
  readonly label: string;
  readonly chips: readonly {
    readonly name: string;
    readonly href: string;
    readonly current: boolean;
    readonly removes?: string; // what following it takes away, for screen readers
  }[];
}

/** One line of them, or more where there is no room. */
export function Chips({ label, chips }: ChipsProps): ReactNode {
  return (
    <ul className="chips" aria-label={label}>
      {chips.map(({ name, href, current, removes }) => (
        <li key={name}>
          <Link className="chip" href={href} aria-current={current ? "true" : undefined}>
            {name}
            {removes === undefined ? null : (
              <>
                {" "}
                <span aria-hidden="true">✕</span>
                <span className="usa-sr-only">: {removes}</span>
              </>
            )}
          </Link>
        </li>
      ))}
    </ul>
  );
}
