// The key figures of a building's energy; what the node cannot know is said in words.
import type { ReactNode } from "react";
import type { Energy, EnergyProfile } from "../data/energy-shapes.ts";
import { formatNumber, formatShare } from "../measure/number.ts";
import { Figure, Figures } from "../parts/figures.tsx";
import { Vouched } from "../parts/vouched.tsx";
import { formatTime } from "../time/zone.ts";

interface EnergyFiguresProps {
  readonly energy: Energy;
  readonly profile: EnergyProfile | null;
}

/** Figures of the series first; those of the profile follow when it is there. */
export function EnergyFigures({ energy, profile }: EnergyFiguresProps): ReactNode {
  const { total, zone, meters } = energy;
  return (
    <Figures>
      <Figure
        name="Energy"
        value={formatNumber(total.kwh)}
        unit="kWh"
        note={energyNote(meters.length, total)}
      />
      <AfterHours profile={profile} />
      <Figure
        name="Peak demand"
        value={formatNumber(total.peakKw, 1)}
        unit="kW"
        note={total.peakAt === null ? "no peak yet" : formatTime(total.peakAt, zone)}
      />
      <Figure
        name="Base load"
        value={formatNumber(profile?.baseKw, 1)}
        unit="kW"
        note={
          profile?.baseToPeak == null
            ? "2.5th percentile"
            : `${formatShare(profile.baseToPeak, 1)} of the peak load, ${formatNumber(profile.peakLoadKw, 1)} kW`
        }
      />
      <Figure
        name="Load factor"
        value={formatNumber(total.loadFactor, 2)}
        note="mean demand over peak demand"
      />
      {profile?.generation ? (
        <Figure
          name="Generation"
          value={formatNumber(profile.generation.kwh)}
          unit="kWh"
          note="not taken off the energy"
        />
      ) : null}
      {profile === null || profile.siteEuiKbtuFt2 === null ? null : (
        <Figure
          name="Site EUI"
          value={formatNumber(profile.siteEuiKbtuFt2, 1)}
          unit="kBtu/ft²"
          note="twelve months"
        />
      )}
      {profile === null || profile.carbonKg === null ? null : (
        <Figure
          name="Carbon"
          value={formatNumber(profile.carbonKg)}
          unit="kg CO₂e"
          note={profile.carbon
            .map(({ subregion, year }) => `eGRID ${year}, ${subregion}`)
            .join("; ")}
        />
      )}
      {profile?.cost ? (
        <Figure
          name="Cost"
          value={formatMoney(profile.cost.cents, profile.cost.currency)}
          note={profile.cost.tariffs.map(({ name }) => name).join("; ")}
        />
      ) : null}
      <Vouched share={total} by={energy} />
    </Figures>
  );
}

/** The share outside opening hours, wherever energy is shown. */
export function AfterHours({ profile }: { readonly profile: EnergyProfile | null }): ReactNode {
  const { kwh = null, share = null, hoursKnown = true } = profile?.afterHours ?? {};
  return (
    <Figure
      name="After hours"
      value={share === null ? "–" : formatShare(share, 1)}
      note={
        !hoursKnown
          ? "opening hours are not registered"
          : kwh === null
            ? "outside opening hours"
            : `${formatNumber(kwh)} kWh outside opening hours`
      }
    />
  );
}

/** What a reader must know about the sum: how many meters, and what the counters hide. */
export function energyNote(meters: number, { gaps, resets }: Energy["total"]): string {
  const notes = [
    meters === 1 ? "main meter" : `${meters} main meters`,
    gaps > 0
      ? `${formatNumber(gaps)} ${gaps === 1 ? "gap" : "gaps"}, counted where they start`
      : null,
    resets > 0 ? `${formatNumber(resets)} counter ${resets === 1 ? "reset" : "resets"}` : null,
  ];
  return notes.filter((note) => note !== null).join("; ");
}

/** Integer cents as money. */
export function formatMoney(cents: number, currency: string): string {
  return new Intl.NumberFormat("en-US", { style: "currency", currency }).format(cents / 100);
}
