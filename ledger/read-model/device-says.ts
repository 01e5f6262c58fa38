// What devices say of themselves, the latest of each kind: births, states, and whether they have a clock (FORMAT 1.1 to 1.3).

import type { Birth, DeviceState } from "@muniment/core";

/**
 * What is kept of a device, one row each. `statement`: its last one, which says whether it had a clock. `clockless`: where the
 * times of the last one without a clock were counted from. All others: as said, in JSON.
 */
export const SAYINGS = [
  "statement",
  "clockless",
  "birth",
  "state",
  "clock",
  "uptime",
  "battery",
  "resets",
] as const;
export type SayingName = (typeof SAYINGS)[number];

export interface SayingRow {
  readonly device: string;
  readonly name: SayingName;
  /** Number of the key that signed it, and the sequence under that key: what is later is greater. */
  readonly signer: number;
  readonly sequence: number;
  /** When it was said, in ms: the device's claim, but not after the block that anchored it. */
  readonly t: number;
  /** Number of the gateway, and the entry of its log: where the evidence is. */
  readonly gateway: number;
  readonly index: number;
  /** JSON. */
  readonly says: string;
}

/** A birth or a state, as the statement has it. */
export type Says =
  | { readonly kind: "birth"; readonly birth: Birth }
  | { readonly kind: "state"; readonly state: DeviceState };

/** A counted statement. */
export interface Heard extends Omit<SayingRow, "name" | "says"> {
  readonly clockless: boolean;
  readonly says: Says | null;
}

export class DeviceSays {
  readonly #rows = new Map<string, Map<SayingName, SayingRow>>();
  readonly #changed = new Map<string, SayingRow>();

  /** Restores what `changes()` once gave, in any order. */
  static restore(rows: readonly SayingRow[]): DeviceSays {
    const says = new DeviceSays();
    for (const row of rows) says.#keep(row);
    says.changes();
    return says;
  }

  /**
   * The time from which the times of a statement without a clock are counted: `wanted` (ms), or right after that of the
   * device's last one, so that no two statements fall on one time and the later never replaces the earlier.
   */
  clocklessAt(device: string, wanted: number): number {
    return Math.max(wanted, (this.#rows.get(device)?.get("clockless")?.t ?? 0) + 1);
  }

  /** Takes a counted statement, in ledger order. */
  hear({ clockless, says, ...facts }: Heard): void {
    const kept: [SayingName, unknown][] = [["statement", clockless ? "none" : "set"]];
    if (says?.kind === "birth") kept.push(["birth", says.birth]);
    if (says?.kind === "state")
      kept.push(...(Object.entries(says.state) as [keyof DeviceState, unknown][]));
    for (const [name, value] of kept) {
      const before = this.#rows.get(facts.device)?.get(name);
      if (before === undefined || isLater(facts, before))
        this.#keep({ ...facts, name, says: JSON.stringify(value) });
    }
    // In ledger order, whatever its number: times are given away once.
    if (clockless) this.#keep({ ...facts, name: "clockless", says: "null" });
  }

  /** What changed since the last call, to be persisted beside the cursor. */
  changes(): readonly SayingRow[] {
    const rows = [...this.#changed.values()];
    this.#changed.clear();
    return rows;
  }

  #keep(row: SayingRow): void {
    const rows = this.#rows.get(row.device) ?? new Map<SayingName, SayingRow>();
    this.#rows.set(row.device, rows);
    rows.set(row.name, row);
    this.#changed.set(`${row.device}/${row.name}`, row);
  }
}

/** By the device's own numbering; a key that was enrolled later counts as later. */
function isLater(
  a: Pick<SayingRow, "signer" | "sequence">,
  b: Pick<SayingRow, "signer" | "sequence">,
): boolean {
  return a.signer > b.signer || (a.signer === b.signer && a.sequence > b.sequence);
}
