// A row of key figures: what it is, the value, and one line of context.
import type { ReactNode } from "react";

interface FigureProps {
  readonly name: string;
  readonly value: ReactNode;
  readonly unit?: string;
  readonly note?: ReactNode;
}

/** One figure. */
export function Figure({ name, value, unit, note }: FigureProps): ReactNode {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>
        <span className="figure__value">{value}</span>
        {unit ? <span className="figure__unit"> {unit}</span> : null}
        {note ? <span className="figure__note">{note}</span> : null}
      </dd>
    </div>
  );
}

/** The list the figures stand in. */
export function Figures({ children }: { readonly children: ReactNode }): ReactNode {
  return <dl className="figures">{children}</dl>;
}
