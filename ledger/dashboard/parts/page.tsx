// The frame of one page: its title in the tab, its way up, its heading, which takes the focus on arrival.
import { type ReactNode, useEffect, useRef } from "react";
import { Link } from "../location/link.tsx";

interface PageProps {
  readonly title: string;
  readonly view?: string; // which of the page's views is shown
  readonly trail?: readonly { readonly name: string; readonly href: string }[];
  readonly lead?: ReactNode;
  readonly children: ReactNode;
}

let arrivedBefore = false;

/** Every page mounts one; mounting is arriving. */
export function Page({ title, view, trail = [], lead, children }: PageProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${view === undefined ? "" : `${view} · `}${title} · Muniment`;
  }, [title, view]);
  useEffect(() => {
    // The first page is announced by the browser itself.
    if (arrivedBefore) heading.current?.focus({ preventScroll: true });
    arrivedBefore = true;
  }, []);
  return (
    <>
      {trail.length > 0 ? (
        <nav className="trail" aria-label="Breadcrumbs">
          <ol>
            {trail.map(({ name, href }) => (
              <li key={href}>
                <Link href={href}>{name}</Link>
              </li>
            ))}
            <li aria-current="page">{title}</li>
          </ol>
        </nav>
      ) : null}
      <div className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {lead ? <div className="page-head__lead">{lead}</div> : null}
      </div>
      {children}
    </>
  );
}
