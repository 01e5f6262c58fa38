// Says which policy this browser trusts and since when, and lets the reader bring a better one.
import { type FormEvent, type ReactNode, useState } from "react";
import { formatTime } from "../time/zone.ts";
import { forgetPolicy, pinPolicy, usePinnedPolicy } from "./pinned-policy.ts";

/** Times are UTC: a policy belongs to the ledger, not to a building. */
export function PolicyPanel(): ReactNode {
  const pinned = usePinnedPolicy();
  const [refusal, setRefusal] = useState<string | null>(null);
  const paste = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("policy")).replaceAll("\r\n", "\n");
    pinPolicy(text.endsWith("\n") ? text : `${text}\n`).then(
      () => setRefusal(null),
      (error: unknown) => setRefusal(error instanceof Error ? error.message : String(error)),
    );
  };
  return (
    <section className="panel" aria-labelledby="policy-title">
      <header className="panel__head">
        <h2 id="policy-title">Whom this browser trusts</h2>
      </header>
      {pinned === null ? (
        <p>
          No policy is pinned, so nothing can be called verified: a proof can be consistent in
          itself, but who stands behind it is unknown.
        </p>
      ) : pinned.how === "first-use" ? (
        <p>
          On {formatTime(pinned.at, "UTC", "second")} UTC, at your first visit, this browser took
          the policy that this server offered and has held the ledger to it since. That is trust on
          first use: it shows every later change, but not a server that was dishonest from the
          start. To be sure, paste the policy you received from the auditor or the agency.
        </p>
      ) : (
        <p>
          You pinned this policy yourself on {formatTime(pinned.at, "UTC", "second")} UTC. The
          server cannot change it.
        </p>
      )}
      <details className="twin">
        <summary>See the policy, or paste another</summary>
        <form onSubmit={paste} key={pinned?.at ?? 0}>
          <label className="usa-label" htmlFor="policy">
            Policy (tlog-policy text: log keys, witnesses, quorum)
          </label>
          <textarea
            className="usa-textarea code-box"
            id="policy"
            name="policy"
            spellCheck={false}
            defaultValue={pinned?.text ?? ""}
            aria-describedby={refusal ? "policy-refusal" : undefined}
          />
          {refusal ? (
            <p className="usa-error-message" id="policy-refusal" role="alert">
              This is no policy: {refusal}
            </p>
          ) : null}
          <div className="tools">
            <button type="submit" className="usa-button tool">
              Pin this policy
            </button>
            <button
              type="button"
              className="usa-button usa-button--outline tool"
              onClick={forgetPolicy}
            >
              Forget it
            </button>
          </div>
        </form>
      </details>
    </section>
  );
}
