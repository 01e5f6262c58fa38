// The ledger's state in one line on every page, and the switch for live updates (WCAG 2.2.2).
import type { ReactNode } from "react";
import { setPaused, useLive } from "../data/live.ts";
import type { LedgerFacts } from "../data/shapes.ts";
import { useResource } from "../data/use-resource.ts";
import { formatNumber } from "../measure/number.ts";
import { formatTime } from "../time/zone.ts";
import { quorumWords } from "../trust/quorum.ts";

const words = {
  connecting: "Connecting",
  live: "Live",
  lost: "Connection lost, trying again",
  paused: "Paused",
} as const;

/** Times are UTC: the ledger belongs to no building. */
export function StatusStrip(): ReactNode {
  const { value, problem } = useResource<LedgerFacts>("/api/v1/ledger");
  const { state, asOf } = useLive();
  const waiting = problem ? "not reachable" : "…";
  const time = asOf ?? value?.time;
  const facts = [
    { name: "Ledger", said: value?.origin ?? waiting, more: true },
    { name: "Entries", said: value ? formatNumber(value.size) : waiting, more: true },
    {
      name: "As of",
      said: time === undefined ? waiting : `${formatTime(time, "UTC", "second")} UTC`,
      more: false,
    },
    { name: "Signed by", said: value ? quorumWords(value.quorum) : waiting, more: false },
  ];
  return (
    <section className="strip" aria-label="Ledger status">
      <div className="strip__row">
        <dl className="strip__facts">
          {facts.map(({ name, said, more }) => (
            <div key={name} className={more ? "strip__more" : undefined}>
              <dt>{name}</dt>
              <dd>{said}</dd>
            </div>
          ))}
        </dl>
        <div className="strip__live">
          <span className={`pulse pulse--${state}`} aria-hidden="true" />
          <span>{words[state]}</span>
          <button
            type="button"
            className="usa-button usa-button--unstyled"
            onClick={() => setPaused(state !== "paused")}
          >
            {state === "paused" ? "Resume" : "Pause"}
            <span className="usa-sr-only"> live updates</span>
          </button>
        </div>
      </div>
    </section>
  );
}
