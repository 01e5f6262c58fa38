// Acknowledges the messages of one client in the order they came, whatever order they are done in (MQTT-4.6.0-2).

/** Says to the broker: acknowledge (null) or end the connection (an error). */
export type Answer = (error: Error | null) => void;

interface Slot {
  readonly answer: Answer;
  readonly since: number;
  outcome: Error | null | undefined;
}

export class AckQueue {
  #slots: Slot[] = [];

  /** A message came at time `now`. The returned function settles it, once. */
  add(answer: Answer, now: number): Answer {
    const slot: Slot = { answer, since: now, outcome: undefined };
    this.#slots.push(slot);
    return (outcome) => {
      slot.outcome = outcome;
      if (slot === this.#slots[0]) this.#drain();
    };
  }

  #drain(): void {
    let settled = 0;
    while (settled < this.#slots.length) {
      const { answer, outcome } = this.#slots[settled]!;
      if (outcome === undefined) break;
      settled += 1;
      answer(outcome);
    }
    this.#slots.splice(0, settled);
  }

  /** When the oldest unsettled message came; null when there is none. */
  oldest(): number | null {
    return this.#slots[0]?.since ?? null;
  }
}
