// Energy of a building: where it goes, when, and how much of it while nobody is meant to be there.
import type { ReactNode } from "react";
import type { Energy, EnergyProfile } from "../data/energy-shapes.ts";
import { useFigure } from "../data/use-building.ts";
import { formatNumber } from "../measure/number.ts";
import { Methods } from "../parts/methods.tsx";
import { Settled } from "../parts/settled.tsx";
import { Empty, Shown } from "../parts/states.tsx";
import { WeekMap } from "../parts/week-map.tsx";
import { stepFor } from "../time/range.ts";
import type { BuildingViewProps } from "./building-view.ts";
import { EnergyBaselinePanel } from "./energy-baseline.tsx";
import { EnergyCost } from "./energy-cost.tsx";
import { coarsestMeterSeconds, EnergyCourse } from "./energy-course.tsx";
import { EnergyFigures } from "./energy-figures.tsx";
import { EnergyUses } from "./energy-uses.tsx";
import { LoadDuration } from "./load-duration.tsx";

/** The view "Energy". */
export function BuildingEnergy({ building, range }: BuildingViewProps): ReactNode {
  const step = stepFor(range, coarsestMeterSeconds(building));
  const energy = useFigure<Energy>(building.id, "energy", range, { step });
  const profile = useFigure<EnergyProfile>(building.id, "energy/profile", range);
  if (energy.value?.meters.length === 0)
    return (
      <section className="part" aria-labelledby="energy-title">
        <h2 id="energy-title">Energy</h2>
        <Empty>
          <p>This building has no main meter.</p>
        </Empty>
      </section>
    );
  return (
    <>
      <section className="part" aria-labelledby="energy-title">
        <h2 id="energy-title">Energy</h2>
        <Settled of={[energy, profile]} what="the energy">
          {() => (
            <Shown of={energy} what="the energy">
              {(value) => (
                <>
                  <EnergyFigures energy={value} profile={profile.value} />
                  <EnergyCourse building={building} energy={value} step={step} />
                </>
              )}
            </Shown>
          )}
        </Settled>
      </section>
      <Shown of={profile} what="the energy profile" size="panel">
        {(value) => (
          <>
            <section className="part" aria-labelledby="uses-title">
              <h2 id="uses-title">Where it goes</h2>
              <EnergyUses profile={value} />
            </section>
            <EnergyCost profile={value} />
            <section className="part" aria-labelledby="load-title">
              <h2 id="load-title">When it is drawn</h2>
              <LoadDuration profile={value} />
              <WeekMap
                title="Demand by weekday and hour"
                unit="kW"
                digits={1}
                file={`${value.building}-demand-week`}
                cells={value.week.map(({ weekday, hour, meanKw }) => ({
                  weekday,
                  hour,
                  value: meanKw,
                  says: `${formatNumber(meanKw, 2)} kW on average`,
                }))}
              />
              <Methods
                what="the energy figures"
                of={[
                  "energy",
                  "peak",
                  "loadFactor",
                  "baseAndPeak",
                  "loadDuration",
                  "afterHours",
                  "uses",
                  "eui",
                  "carbon",
                  "cost",
                  "completeness",
                ]}
              />
            </section>
          </>
        )}
      </Shown>
      <EnergyBaselinePanel building={building} range={range} />
    </>
  );
}
