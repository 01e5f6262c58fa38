// What the machines of the conditions say: a condition began to hold, or ceased to (OPC UA part 9, 5.8: on-delay, off-delay, dead band).

/** A condition that changed; all times in ms since 1970. */
export interface Change {
  readonly kind: "raised" | "cleared";
  /** When the change was complete: its delay is over. */
  readonly at: number;
  /** Since when what led to it held. */
  readonly since: number;
  /** The measured value at the change. */
  readonly value: number;
  /** The value farthest beyond the limit while it held. */
  readonly worst: number;
}
