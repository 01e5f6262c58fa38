// The frame around every page, and which page the address asks for.
import { lazy, type ReactNode, Suspense } from "react";
import { OpenAlarmsProvider } from "./data/open-alarms.tsx";
import { Link } from "./location/link.tsx";
import { useLocation } from "./location/location.ts";
import { type Route, routeOf } from "./location/route.ts";
import { AlarmRulesPage } from "./pages/alarm-rules.tsx";
import { AlarmsPage } from "./pages/alarms.tsx";
import { BuildingPage } from "./pages/building.tsx";
import { DevicePage } from "./pages/device.tsx";
import { DevicesPage } from "./pages/devices.tsx";
import { GatewaysPage } from "./pages/gateways.tsx";
import { LedgerPage } from "./pages/ledger.tsx";
import { Nowhere } from "./pages/nowhere.tsx";
import { PlacePage } from "./pages/place.tsx";
import { PointPage } from "./pages/point.tsx";
import { Portfolio } from "./pages/portfolio.tsx";
import { PublicBuildingPage, PublicPage } from "./pages/public.tsx";
import { QuarantinePage } from "./pages/quarantine.tsx";
import { AlarmCount } from "./parts/alarm-count.tsx";
import { Loading } from "./parts/states.tsx";
import { StatusStrip } from "./parts/status-strip.tsx";
import mark from "./style/mark.svg";

/** The only page that brings cryptography along: fetched when it is asked for. */
const EvidencePage = lazy(() => import("./pages/evidence.tsx"));

const sections: readonly {
  readonly name: string;
  readonly href: string;
  readonly pages: readonly Route["page"][];
}[] = [
  { name: "Buildings", href: "/", pages: ["portfolio", "building", "place", "point"] },
  { name: "Alarms", href: "/alarms", pages: ["alarms", "alarm-rules"] },
  { name: "Devices", href: "/devices", pages: ["devices", "device", "gateways", "quarantine"] },
  { name: "Ledger", href: "/ledger", pages: ["ledger", "evidence"] },
];

/** The whole site. */
export function App(): ReactNode {
  const { pathname } = useLocation();
  const route = routeOf(pathname);
  return (
    <OpenAlarmsProvider>
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
              {sections.map(({ name, href, pages }) => (
                <li key={href}>
                  <Link
                    href={href}
                    className="masthead__link"
                    aria-current={currentOf(pathname, href, pages.includes(route.page))}
                  >
                    {name}
                    {href === "/alarms" ? <AlarmCount /> : null}
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
        </div>
      </header>
      <StatusStrip />
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<Loading what="the page" size="panel" />}>{pageOf(route)}</Suspense>
      </main>
      <footer className="foot">
        <div className="foot__row">
          <p>
            Every figure here is computed from readings that devices signed and a tamper-evident
            ledger anchored. <Link href="/public">Public figures</Link> ·{" "}
            <a href="/openapi.json">API</a> · <a href="/checkpoint">Checkpoint</a> ·{" "}
            <a href="/policy">Policy</a>
          </p>
        </div>
      </footer>
    </OpenAlarmsProvider>
  );
}

/** `page` on the section's own page, `true` further down in it. */
function currentOf(pathname: string, href: string, within: boolean): "page" | "true" | undefined {
  if (pathname === href) return "page";
  return within ? "true" : undefined;
}

function pageOf(route: Route): ReactNode {
  switch (route.page) {
    case "portfolio":
      return <Portfolio key="portfolio" />;
    case "building":
      return <BuildingPage key={route.building} id={route.building} view={route.view} />;
    case "place":
      return <PlacePage key={route.place} building={route.building} place={route.place} />;
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
    case "alarms":
      return <AlarmsPage key="alarms" />;
    case "alarm-rules":
      return <AlarmRulesPage key="alarm-rules" />;
    case "devices":
      return <DevicesPage key="devices" />;
    case "device":
      return <DevicePage key={route.device} id={route.device} />;
    case "gateways":
      return <GatewaysPage key="gateways" />;
    case "quarantine":
      return <QuarantinePage key="quarantine" />;
    case "ledger":
      return <LedgerPage key="ledger" />;
    case "public":
      return route.building === null ? (
        <PublicPage key="public" />
      ) : (
        <PublicBuildingPage key={`public ${route.building}`} id={route.building} />
      );
    case "nowhere":
      return <Nowhere key="nowhere" />;
  }
}
