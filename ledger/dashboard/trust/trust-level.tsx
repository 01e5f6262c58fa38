// Who vouches for the readings behind a figure (F10). Levels are named and counted, never mixed silently.
import type { ReactNode } from "react";
import type { Trust } from "../data/shapes.ts";
import { formatNumber, formatShare } from "../measure/number.ts";

const levels = [
  { key: "device", name: "Device-signed", says: "signed by the device that measured" },
  { key: "observed", name: "Bridge-observed", says: "read and signed by a bridge" },
  { key: "manual", name: "Manual", says: "entered and signed by a person" },
] as const;

/** The weakest level present, in words. */
export function trustName(trust: Trust): string {
  const present = levels.filter(({ key }) => trust[key] > 0);
  if (present.length === 0) return "No readings";
  return present.length === 1 ? present[0]!.name : "Mixed";
}

/** What stands behind the name: each level's count or share. */
export function trustNote(trust: Trust): string {
  const present = levels.filter(({ key }) => trust[key] > 0);
  const total = trust.device + trust.observed + trust.manual;
  if (present.length === 1) return `${formatNumber(total)} readings ${present[0]!.says}`;
  return present
    .map(({ key, name }) => `${formatShare(trust[key], total)} ${name.toLowerCase()}`)
    .join(", ");
}

/** The level as a tag with its own shape, so that colour is not the only difference. */
export function TrustLevel({ trust }: { readonly trust: Trust }): ReactNode {
  const name = trustName(trust);
  const tone = name === "Device-signed" ? "strong" : name === "No readings" ? "none" : "weak";
  return (
    <span className={`trust trust--${tone}`} title={trustNote(trust)}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <path className="trust__shield" d="M8 1l6 2v5c0 4-3 6-6 7-3-1-6-3-6-7V3z" />
        {tone === "strong" ? <path className="trust__sign" d="M5 8l2 2 4-4" /> : null}
        {tone === "weak" ? <path className="trust__sign" d="M8 4v4.5M8 11v.5" /> : null}
      </svg>
      {name}
    </span>
  );
}
