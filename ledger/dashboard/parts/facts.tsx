// A line of plain facts about the thing a page shows.
import type { ReactNode } from "react";

interface FactsProps {
  readonly facts: readonly (string | null)[] | null; // null: not known yet
  readonly count: number; // how many lines narrow screens keep free for them
}

/** Facts that are null are left out; until any is known, their room is kept. */
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
      {facts
        .filter((fact) => fact !== null)
        .map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
    </ul>
  );
}
