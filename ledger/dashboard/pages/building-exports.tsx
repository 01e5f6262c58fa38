// Links to the building's readings over the range, in the formats that other tools read.
import type { ReactNode } from "react";
import { apiPath } from "../data/api-path.ts";
import { apiRange } from "../time/range.ts";
import type { BuildingViewProps } from "./building-view.ts";

const formats = [
  { format: "csv", name: "CSV", says: "every reading, for spreadsheets" },
  { format: "parquet", name: "Parquet", says: "every reading, for analysis" },
  {
    format: "greenbutton",
    name: "Green Button",
    says: "energy as ESPI 4.0 XML, as utilities give it",
  },
  { format: "brick", name: "Brick", says: "places, devices and points as Turtle" },
] as const;

/** Ordinary downloads: the node writes the files. */
export function BuildingExports({ building, range }: BuildingViewProps): ReactNode {
  return (
    <section className="panel" aria-label="Exports">
      <ul className="exports">
        {formats.map(({ format, name, says }) => (
          <li key={format}>
            <a
              className="usa-link"
              download
              href={apiPath(["buildings", building.id, "export"], { format, ...apiRange(range) })}
            >
              {name}
            </a>{" "}
            <span className="exports__says">{says}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
