// Sister views of one thing as links, so that each has an address.
import type { ReactNode } from "react";
import { Link } from "../location/link.tsx";
import { useLocation } from "../location/location.ts";

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly { readonly name: string; readonly href: string }[];
}

/** The view whose path is the page's own is marked as the current one. */
export function Tabs({ label, tabs }: TabsProps): ReactNode {
  const { pathname } = useLocation();
  return (
    <nav className="tabs" aria-label={label}>
      <ul>
        {tabs.map(({ name, href }) => (
          <li key={href}>
            <Link
              className="tabs__link"
              href={href}
              aria-current={pathname === href ? "page" : undefined}
            >
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
