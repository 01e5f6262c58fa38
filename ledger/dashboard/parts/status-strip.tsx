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
  const { state } = useLive();
  return (
    <section className="strip" aria-label="Ledger status">
      <div className="strip__row">
        <dl className="strip__facts">
          {value ? (
            <>
              <div>
                <dt>Ledger</dt>
                <dd>{value.origin}</dd>
              </div>
              <div>
                <dt>Entries</dt>
                <dd>{formatNumber(value.size)}</dd>
              </div>
              <div>
                <dt>Checkpoint</dt>
                <dd>{formatTime(value.time, "UTC", "second")} UTC</dd>
              </div>
              <div>
                <dt>Signed by</dt>
                <dd>{quorumWords(value.quorum)}</dd>
              </div>
            </>
          ) : (
            <div>
              <dt>Ledger</dt>
              <dd>{problem ? "not reachable" : "…"}</dd>
            </div>
          )}
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
