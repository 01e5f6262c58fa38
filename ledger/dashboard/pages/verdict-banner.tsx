// The verdict on a piece of evidence in one sentence that a manager understands.
import type { Verdict } from "@muniment/core";
import type { ReactNode } from "react";
import { type Changeable, changeable } from "../trust/change-one-byte.ts";
import { explanations } from "../trust/explain.ts";

interface VerdictBannerProps {
  readonly verdict: Verdict;
  readonly changed: Changeable | null;
}

/** Announced when it changes. */
export function VerdictBanner({ verdict, changed }: VerdictBannerProps): ReactNode {
  const { tone, heading, text } = wording(verdict);
  const part = changeable.find(({ key }) => key === changed);
  return (
    <div className={`usa-alert usa-alert--${tone}${part ? " verdict--forged" : ""}`} role="status">
      <div className="usa-alert__body">
        <h2 className="usa-alert__heading">{heading}</h2>
        <p className="usa-alert__text">
          {part ? `You changed one byte of ${part.name}. ` : ""}
          {text}
        </p>
      </div>
    </div>
  );
}

function wording({ verdict, failedStep }: Verdict): {
  tone: string;
  heading: string;
  text: string;
} {
  if (verdict === "verified")
    return {
      tone: "success",
      heading: "Verified",
      text: "This is what the device measured and signed. Nobody has altered, moved or replaced it since.",
    };
  if (verdict === "consistent-issuer-not-trusted")
    return {
      tone: "warning",
      heading: "Consistent, issuer not trusted",
      text: "Everything fits together, but this browser has no policy that says whose signatures count. Pin one below.",
    };
  const explanation = explanations[failedStep ?? "bundle"];
  return { tone: "error", heading: `Failed: ${explanation.title}?`, text: explanation.failure };
}
