// A line of plain facts about the thing a page shows.
import type { ReactNode } from "react";

interface FactsProps {
  readonly facts: readonly string[] | null; // null: not known yet
  readonly count: number; // how many there will be
}

/** Until they are known, their room is kept. */
export function Facts({ facts, count }: FactsProps): ReactNode {
  if (facts === null)
    return (
      <ul className="facts" aria-hidden="true">
        {Array.from({ length: count }, (_, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have nothing else
          <li key={at}>&nbsp;</li>
        ))}
      </ul>
    );
  return (
    <ul className="facts">
      {facts.map((fact) => (
        <li key={fact}>{fact}</li>
      ))}
    </ul>
  );
}
