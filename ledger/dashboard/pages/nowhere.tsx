// An address that names no page.
import type { ReactNode } from "react";
import { Link } from "../location/link.tsx";
import { Page } from "../parts/page.tsx";

/** Says so, and where to go. */
export function Nowhere(): ReactNode {
  return (
    <Page title="No such page">
      <p>
        Nothing is at this address. <Link href="/">See all buildings</Link>
      </p>
    </Page>
  );
}
