// Shows a part of a page when all it needs has come, so that nothing moves while it comes.
import type { ReactNode } from "react";
import type { Resource } from "../data/use-resource.ts";
import { Loading } from "./states.tsx";

interface SettledProps {
  readonly of: readonly Resource<unknown>[];
  readonly what: string;
  readonly children: () => ReactNode;
}

/** An answer that failed has come too: the part says so in its own place. */
export function Settled({ of, what, children }: SettledProps): ReactNode {
  return of.every(isSettled) ? children() : <Loading what={what} size="page" />;
}

/** Whether there is an answer, of whatever kind. */
export function isSettled({ value, problem }: Resource<unknown>): boolean {
  return value !== null || problem !== null;
}
