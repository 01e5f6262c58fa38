// The two figures that stand with every other: how much of what was due has arrived, and who vouches for it.
import type { ReactNode } from "react";
import type { Completeness as Share, Vouching } from "../data/shapes.ts";
import { formatNumber } from "../measure/number.ts";
import { TrustLevel, trustNote } from "../trust/trust-level.tsx";
import { Completeness, describeCompleteness } from "./completeness.tsx";
import { Figure } from "./figures.tsx";

interface VouchedProps {
  readonly share: Share;
  readonly by: Vouching;
}

/** Figures for a list of figures; put them last. */
export function Vouched({ share, by: { trust, clockless } }: VouchedProps): ReactNode {
  return (
    <>
      <Figure
        name="Completeness"
        value={<Completeness share={share} />}
        note={describeCompleteness(share)}
      />
      <Figure
        name="Trust"
        value={<TrustLevel trust={trust} />}
        note={
          clockless > 0 ? `${trustNote(trust)}; ${clocklessWords(clockless)}` : trustNote(trust)
        }
      />
    </>
  );
}

/** What a reader must know of readings from devices without a clock. */
export function clocklessWords(count: number): string {
  return `${formatNumber(count)} dated by the ledger, as their device had no clock`;
}
