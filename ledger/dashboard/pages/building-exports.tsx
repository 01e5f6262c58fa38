// Links to the building's data over the range, in the formats that other tools read.
import { Fragment, type ReactNode } from "react";
import { apiPath } from "../data/api-path.ts";
import { apiRange } from "../time/range.ts";
import type { BuildingViewProps } from "./building-view.ts";

const csvAndParquet = [
  { format: "csv", name: "CSV" },
  { format: "parquet", name: "Parquet" },
] as const;

const exports = [
  { what: "Readings", says: "every one as signed", query: {}, formats: csvAndParquet },
  {
    what: "Energy",
    says: "by hour; Green Button is ESPI 4.0, as utilities give it",
    query: { of: "energy", step: "PT1H" },
    formats: csvAndParquet,
    more: { format: "greenbutton", name: "Green Button" },
  },
  {
    what: "Occupancy",
    says: "by hour, counts only",
    query: { of: "occupancy", step: "PT1H" },
    formats: csvAndParquet,
  },
  {
    what: "Completeness",
    says: "of each point, by day",
    query: { of: "completeness", step: "P1D" },
    formats: csvAndParquet,
  },
  {
    what: "Model",
    says: "places, devices and points",
    query: {},
    formats: [{ format: "brick", name: "Brick Turtle" }],
  },
] as const;

/** Ordinary downloads: the node writes the files. */
export function BuildingExports({ building, range }: BuildingViewProps): ReactNode {
  const href = (format: string, query: Readonly<Record<string, string>> = {}): string =>
    apiPath(["buildings", building.id, "export"], { format, ...query, ...apiRange(range) });
  return (
    <section className="panel" aria-label="Exports">
      <dl className="exports">
        {exports.map((one) => (
          <div key={one.what}>
            <dt>{one.what}</dt>
            <dd>
              {one.formats.map(({ format, name }) => (
                <Fragment key={format}>
                  <a className="usa-link" download href={href(format, one.query)}>
                    {name}
                    <span className="usa-sr-only"> of {one.what.toLowerCase()}</span>
                  </a>{" "}
                </Fragment>
              ))}
              {"more" in one ? (
                <a className="usa-link" download href={href(one.more.format)}>
                  {one.more.name}
                </a>
              ) : null}
              <span className="exports__says">{one.says}</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
