// How the figures of a section are computed, one click away from them.
import type { ReactNode } from "react";
import { type MethodKey, methods } from "../measure/methods.ts";

interface MethodsProps {
  readonly of: readonly MethodKey[];
  readonly what: string; // completes "How … computed" for screen readers
  readonly said?: string; // the server's own words on its method
}

/** Formula, words and source of each. */
export function Methods({ of, what, said }: MethodsProps): ReactNode {
  return (
    <details className="twin methods">
      <summary>
        How this is computed<span className="usa-sr-only">: {what}</span>
      </summary>
      <dl>
        {of.map((key) => {
          const { name, formula, words, source } = methods[key];
          return (
            <div key={key}>
              <dt>{name}</dt>
              <dd>
                <code className="code">{formula}</code>
                <p>{words}</p>
                <p className="methods__source">Source: {source}.</p>
              </dd>
            </div>
          );
        })}
      </dl>
      {said ? <p className="methods__source">This node says: {said}.</p> : null}
    </details>
  );
}
