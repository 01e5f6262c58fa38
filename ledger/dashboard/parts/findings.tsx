// What needs attention, as a list of links; nothing found is said too.
import type { ReactNode } from "react";
import { Link } from "../location/link.tsx";
import type { Finding } from "../measure/findings.ts";

const words = { act: "Act", look: "Look" } as const;

interface Findings {
  readonly findings: readonly Finding[];
}

/** Findings of one thing, in a panel of their own. */
export function FindingList({ findings }: Findings): ReactNode {
  return (
    <section className="panel panel--short" aria-label="Findings">
      {findings.length > 0 ? <Found findings={findings} /> : <NothingFound />}
    </section>
  );
}

interface FindingGroupsProps {
  readonly groups: readonly (Findings & { readonly name: string; readonly href: string })[];
}

/** Findings of several things, each under its name; those that have none are left out. */
export function FindingGroups({ groups }: FindingGroupsProps): ReactNode {
  const troubled = groups.filter(({ findings }) => findings.length > 0);
  return (
    <section className="panel panel--short" aria-label="Findings">
      {troubled.length === 0 ? (
        <NothingFound />
      ) : (
        troubled.map(({ name, href, findings }) => (
          <div key={href} className="finding-group">
            <h3>
              <Link href={href}>{name}</Link>
            </h3>
            <Found findings={findings} />
          </div>
        ))
      )}
    </section>
  );
}

function Found({ findings }: Findings): ReactNode {
  return (
    <ul>
      {findings.map(({ weight, text, href }) => (
        <li key={text} className={`finding finding--${weight}`}>
          <span className="finding__weight">{words[weight]}</span>
          <Link href={href}>{text}</Link>
        </li>
      ))}
    </ul>
  );
}

function NothingFound(): ReactNode {
  return <p className="hint">Nothing in this range.</p>;
}
