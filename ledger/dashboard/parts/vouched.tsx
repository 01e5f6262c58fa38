// The two figures that stand with every other: how much of what was due has arrived, and who vouches for it.
import type { ReactNode } from "react";
import type { Completeness as Share, Trust } from "../data/shapes.ts";
import { TrustLevel, trustNote } from "../trust/trust-level.tsx";
import { Completeness, describeCompleteness } from "./completeness.tsx";
import { Figure } from "./figures.tsx";

interface VouchedProps {
  readonly share: Share;
  readonly trust: Trust;
}

/** Figures for a list of figures; put them last. */
export function Vouched({ share, trust }: VouchedProps): ReactNode {
  return (
    <>
      <Figure
        name="Completeness"
        value={<Completeness share={share} />}
        note={describeCompleteness(share)}
      />
      <Figure name="Trust" value={<TrustLevel trust={trust} />} note={trustNote(trust)} />
    </>
  );
}
