// A building at a glance: what needs attention, the key figures, the shape of use and demand, and its floors.
import type { ReactNode } from "react";
import type { Energy, EnergyProfile } from "../data/energy-shapes.ts";
import type { Occupancy, OccupancyDays, Rooms } from "../data/occupancy-shapes.ts";
import { useFigure } from "../data/use-building.ts";
import { useHealth } from "../data/use-health.ts";
import { findingsOf } from "../measure/findings.ts";
import { formatNumber } from "../measure/number.ts";
import { Figure, Figures } from "../parts/figures.tsx";
import { FindingList } from "../parts/findings.tsx";
import { Methods } from "../parts/methods.tsx";
import { Settled } from "../parts/settled.tsx";
import { Empty, Shown } from "../parts/states.tsx";
import { Vouched } from "../parts/vouched.tsx";
import { stepFor } from "../time/range.ts";
import { formatTime } from "../time/zone.ts";
import type { BuildingViewProps } from "./building-view.ts";
import { coarsestMeterSeconds, EnergyCourse } from "./energy-course.tsx";
import { AfterHours, energyNote } from "./energy-figures.tsx";
import { FloorTable } from "./floor-table.tsx";
import { OccupancyCourse } from "./occupancy-course.tsx";
import { UtilizationFigure } from "./occupancy-daily.tsx";

const hourSeconds = 3_600;

/** The view "Overview". */
export function BuildingOverview({ building, range }: BuildingViewProps): ReactNode {
  const { id } = building;
  const step = stepFor(range, Math.max(hourSeconds, coarsestMeterSeconds(building)));
  const energy = useFigure<Energy>(id, "energy", range, { step });
  const profile = useFigure<EnergyProfile>(id, "energy/profile", range);
  const occupancy = useFigure<Occupancy>(id, "occupancy", range, { step });
  const days = useFigure<OccupancyDays>(id, "occupancy/days", range);
  const rooms = useFigure<Rooms>(id, "rooms", range);
  const { alarms, silent, gateways, now } = useHealth();
  const settles = [energy, profile, occupancy, days, rooms, alarms, silent, gateways];
  return (
    <Settled of={settles} what="the overview">
      {() => (
        <>
          <section className="part" aria-labelledby="attention-title">
            <h2 id="attention-title">Needs attention</h2>
            <FindingList
              findings={findingsOf({
                building,
                alarms: alarms.value?.items ?? null,
                silent: silent.value?.items ?? null,
                gateways: gateways.value?.items ?? null,
                utilization: days.value?.utilization ?? null,
                energy: energy.value?.total ?? null,
                rooms: rooms.value?.rooms ?? null,
                now,
              })}
            />
          </section>
          <section className="part" aria-labelledby="glance-title">
            <h2 id="glance-title">At a glance</h2>
            <Shown of={energy} what="the energy">
              {(value) => <Glance energy={value} profile={profile.value} days={days.value} />}
            </Shown>
            <div className="pair">
              <Shown of={occupancy} what="the occupancy" size="panel">
                {(value) =>
                  value.total.received === 0 ? (
                    <Empty>
                      <p>No occupancy counter reported in this range.</p>
                    </Empty>
                  ) : (
                    <OccupancyCourse occupancy={value} step={step} file={`${id}-occupancy`} />
                  )
                }
              </Shown>
              {energy.value && energy.value.meters.length > 0 ? (
                <EnergyCourse building={building} energy={energy.value} step={step} />
              ) : null}
            </div>
          </section>
          <section className="part" aria-labelledby="floors-title">
            <h2 id="floors-title">Floors</h2>
            <FloorTable building={building} rooms={rooms.value?.rooms ?? []} />
          </section>
        </>
      )}
    </Settled>
  );
}

interface GlanceProps {
  readonly energy: Energy;
  readonly profile: EnergyProfile | null;
  readonly days: OccupancyDays | null;
}

function Glance({ energy, profile, days }: GlanceProps): ReactNode {
  const { total, zone, meters } = energy;
  return (
    <>
      <Figures>
        {days ? <UtilizationFigure utilization={days.utilization} /> : null}
        <Figure
          name="Persons a day"
          value={formatNumber(days?.utilization.meanPersons, 1)}
          note="mean of reporting days"
        />
        <Figure
          name="Energy"
          value={formatNumber(total.kwh)}
          unit="kWh"
          note={meters.length === 0 ? "no main meter" : energyNote(meters.length, total)}
        />
        <AfterHours profile={profile} />
        <Figure
          name="Peak demand"
          value={formatNumber(total.peakKw, 1)}
          unit="kW"
          note={total.peakAt === null ? "no peak yet" : formatTime(total.peakAt, zone)}
        />
        <Vouched share={total} by={energy} />
      </Figures>
      <Methods
        what="these figures"
        of={["utilization", "persons", "energy", "afterHours", "peak", "completeness"]}
      />
    </>
  );
}
