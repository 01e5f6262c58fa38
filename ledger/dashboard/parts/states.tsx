// What a view shows before there is anything to show: loading, failed, or nothing there.
import type { ReactNode } from "react";
import type { Problem } from "../data/problem.ts";
import type { Resource } from "../data/use-resource.ts";

/** How much room to keep: for a line or two, for a panel with a chart, or for the rest of the screen. */
type Size = "line" | "panel" | "page";

/** A quiet placeholder of about the size of what will come. */
export function Loading({
  what,
  size = "line",
}: {
  readonly what: string;
  readonly size?: Size;
}): ReactNode {
  return (
    <div className={`loading loading--${size}`} role="status">
      <span>Loading {what} …</span>
    </div>
  );
}

interface FailedProps {
  readonly what: string;
  readonly problem: Problem;
  readonly retry: () => void;
}

/** Says what could not be shown, why, and offers to try again. What a node does not offer is no failure. */
export function Failed({ what, problem, retry }: FailedProps): ReactNode {
  if (problem.code === "request.not-found")
    return (
      <Empty>
        <p>This ledger node does not offer {what}.</p>
      </Empty>
    );
  return (
    <div className="usa-alert usa-alert--error usa-alert--slim" role="alert">
      <div className="usa-alert__body">
        <p className="usa-alert__text">
          Could not load {what}: {problem.message} <span className="code">{problem.code}</span>{" "}
          <button type="button" className="usa-button usa-button--unstyled" onClick={retry}>
            Try again
          </button>
        </p>
      </div>
    </div>
  );
}

/** Nothing to show, and what would change that. */
export function Empty({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className="empty">{children}</div>;
}

interface ShownProps<Value> {
  readonly of: Resource<Value>;
  readonly what: string;
  readonly size?: Size;
  readonly children: (value: Value) => ReactNode;
}

/** A resource in whichever state it is; a failed refresh keeps the last good value in view. */
export function Shown<Value>({ of, what, size = "line", children }: ShownProps<Value>): ReactNode {
  const { value, problem, busy, retry } = of;
  return (
    <>
      {problem ? <Failed what={what} problem={problem} retry={retry} /> : null}
      {value !== null ? (
        <div className={busy ? "asking" : undefined} aria-busy={busy}>
          {children(value)}
        </div>
      ) : problem ? null : (
        <Loading what={what} size={size} />
      )}
    </>
  );
}
