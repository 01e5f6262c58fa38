// The frame around every page, and which page the address asks for.
import type { ReactNode } from "react";
import { Link } from "./location/link.tsx";
import { useLocation } from "./location/location.ts";
import { type Route, routeOf } from "./location/route.ts";
import { BuildingPage } from "./pages/building.tsx";
import { EvidencePage } from "./pages/evidence.tsx";
import { LedgerPage } from "./pages/ledger.tsx";
import { Nowhere } from "./pages/nowhere.tsx";
import { PointPage } from "./pages/point.tsx";
import { Portfolio } from "./pages/portfolio.tsx";
import { StatusStrip } from "./parts/status-strip.tsx";
import mark from "./style/mark.svg";

/** The whole site. */
export function App(): ReactNode {
  const { pathname } = useLocation();
  const route = routeOf(pathname);
  const inLedger = route.page === "ledger";
  const here = (current: boolean) => (current ? ("page" as const) : undefined);
  return (
    <>
      <a className="usa-skipnav" href="#main">
        Skip to main content
      </a>
      <header className="masthead">
        <div className="masthead__row">
          <Link href="/" className="masthead__name">
            <img src={mark} alt="" width="32" height="32" />
            Muniment
          </Link>
          <nav aria-label="Main">
            <ul className="masthead__nav">
              <li>
                <Link
                  href="/"
                  className="masthead__link"
                  aria-current={here(route.page === "portfolio")}
                >
                  Buildings
                </Link>
              </li>
              <li>
                <Link href="/ledger" className="masthead__link" aria-current={here(inLedger)}>
                  Ledger
                </Link>
              </li>
            </ul>
          </nav>
        </div>
      </header>
      <StatusStrip />
      <main id="main" tabIndex={-1}>
        {pageOf(route)}
      </main>
      <footer className="foot">
        <div className="foot__row">
          <p>
            Every figure here is computed from readings that devices signed and a tamper-evident
            ledger anchored. <a href="/openapi.json">API</a> · <a href="/checkpoint">Checkpoint</a>{" "}
            · <a href="/policy">Policy</a>
          </p>
        </div>
      </footer>
    </>
  );
}

function pageOf(route: Route): ReactNode {
  switch (route.page) {
    case "portfolio":
      return <Portfolio key="portfolio" />;
    case "building":
      return <BuildingPage key={route.building} id={route.building} />;
    case "point":
      return <PointPage key={route.point} building={route.building} id={route.point} />;
    case "evidence":
      return (
        <EvidencePage
          key={`${route.gateway} ${route.index}`}
          gateway={route.gateway}
          index={route.index}
        />
      );
    case "ledger":
      return <LedgerPage key="ledger" />;
    case "nowhere":
      return <Nowhere key="nowhere" />;
  }
}
