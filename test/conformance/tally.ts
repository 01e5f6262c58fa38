// Counts how vectors came out, and prints the count: a conformance run that is not seen proves little.

interface Row {
  run: number;
  agree: number;
  readonly refused: Map<string, number>;
  readonly wrong: string[];
}

/** The outcome of one family of vectors. A vector agrees, is refused by a policy that is named, or is wrong. */
export class Tally {
  readonly #title: string;
  readonly #rows = new Map<string, Row>();
  readonly #outOfScope: string[] = [];

  constructor(title: string) {
    this.#title = title;
  }

  #row(family: string): Row {
    let row = this.#rows.get(family);
    if (row === undefined) {
      row = { run: 0, agree: 0, refused: new Map(), wrong: [] };
      this.#rows.set(family, row);
    }
    row.run += 1;
    return row;
  }

  /** The vector's own verdict and ours; `name` is printed when they differ. */
  expect(family: string, name: string, expected: unknown, found: unknown): void {
    const row = this.#row(family);
    if (Object.is(expected, found)) row.agree += 1;
    else row.wrong.push(`${family}: ${name}: expected ${String(expected)}, found ${String(found)}`);
  }

  /** The vector is valid by its own standard; a narrower rule of ours refuses it, with exactly this code. */
  refusedByPolicy(
    family: string,
    name: string,
    policy: string,
    expectedCode: unknown,
    foundCode: unknown,
  ): void {
    const row = this.#row(family);
    if (Object.is(expectedCode, foundCode))
      row.refused.set(policy, (row.refused.get(policy) ?? 0) + 1);
    else
      row.wrong.push(
        `${family}: ${name}: expected refusal ${String(expectedCode)}, found ${String(foundCode)}`,
      );
  }

  /** A family that says nothing about what is built here, and why. */
  outOfScope(family: string, why: string): void {
    this.#outOfScope.push(`${family}: ${why}`);
  }

  /** Vectors whose outcome is neither agreement nor a named refusal. */
  wrong(): string[] {
    return [...this.#rows.values()].flatMap((row) => row.wrong);
  }

  /** Vectors run, over all families. */
  total(): number {
    return [...this.#rows.values()].reduce((sum, row) => sum + row.run, 0);
  }

  print(): void {
    const lines = [
      `${this.#title.padEnd(40)} ${"run".padStart(5)} ${"agree".padStart(6)}  refused by policy`,
    ];
    for (const [family, { run, agree, refused }] of this.#rows) {
      const reasons = [...refused].map(([policy, count]) => `${count} ${policy}`).join("; ");
      lines.push(
        `  ${family.padEnd(38)} ${String(run).padStart(5)} ${String(agree).padStart(6)}  ${reasons || "-"}`,
      );
    }
    for (const line of this.#outOfScope) lines.push(`  out of scope: ${line}`);
    console.log(lines.join("\n"));
  }
}
