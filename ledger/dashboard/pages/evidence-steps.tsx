// The steps of a verification as a list: what each proved, by whom, when; or why it did not.
import type { EvidenceStep, StepResult, Verdict } from "@muniment/core";
import type { ReactNode } from "react";
import { formatTime, zoneName } from "../time/zone.ts";
import { evidenceSteps, explanations } from "../trust/explain.ts";

interface EvidenceStepsProps {
  readonly verdict: Verdict;
  readonly zone: string;
}

/** A step without a result was not reached, or does not apply to this kind of entry. */
export function EvidenceSteps({ verdict, zone }: EvidenceStepsProps): ReactNode {
  const results = new Map(verdict.steps.map((result) => [result.step, result]));
  const hasBody = verdict.statement?.kind === "access";
  return (
    <section className="panel" aria-labelledby="steps-title">
      <header className="panel__head">
        <h2 id="steps-title">Step by step</h2>
      </header>
      <ol className="steps">
        {evidenceSteps
          .filter(
            (step) => (step !== "body" || hasBody) && (step !== "bundle" || results.has(step)),
          )
          .map((step) => (
            <Step key={step} step={step} result={results.get(step)} zone={zone} />
          ))}
      </ol>
    </section>
  );
}

interface StepProps {
  readonly step: EvidenceStep;
  readonly result: StepResult | undefined;
  readonly zone: string;
}

function Step({ step, result, zone }: StepProps): ReactNode {
  const { title, proves } = explanations[step];
  const state = result === undefined ? "open" : result.ok ? "passed" : "failed";
  const said = { passed: "Passed", failed: "Failed", open: "Not reached" }[state];
  const when = result?.when === undefined ? Number.NaN : Date.parse(result.when);
  return (
    <li className={`step step--${state}`}>
      <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
        <circle className="step__disc" cx="12" cy="12" r="11" />
        {state === "passed" ? <path className="step__sign" d="M7 12.5l3.2 3.2L17 9" /> : null}
        {state === "failed" ? <path className="step__sign" d="M8 8l8 8M16 8l-8 8" /> : null}
      </svg>
      <div>
        <h3>
          {title} <span className="step__state">{said}</span>
        </h3>
        <p className="step__proves">{proves}</p>
        {result ? (
          <dl className="step__facts">
            <div>
              <dt>{result.ok ? "Found" : "Reason"}</dt>
              <dd>{result.says}</dd>
            </div>
            {result.by ? (
              <div>
                <dt>By</dt>
                <dd className="breakable">{result.by}</dd>
              </div>
            ) : null}
            {result.when ? (
              <div>
                <dt>When</dt>
                <dd>
                  {Number.isNaN(when)
                    ? result.when
                    : `${formatTime(when, zone, "second")} ${zoneName(zone, when)}`}
                </dd>
              </div>
            ) : null}
          </dl>
        ) : null}
      </div>
    </li>
  );
}
