// `npm run bench`: every figure as a ratio to a baseline measured in the same run. --json FILE writes them, --only NAME picks one, --quick is a sample.

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { benchGateway } from "./gateway.ts";
import { benchHistory } from "./history.ts";
import { benchMerkle } from "./merkle.ts";
import { benchQueries } from "./query.ts";
import { benchReadModel } from "./read-model.ts";
import type { Figure } from "./result.ts";

const { values } = parseArgs({
  options: {
    json: { type: "string" },
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
  },
});

const { quick } = values;
const benches: Readonly<Record<string, () => Promise<readonly Figure[]> | readonly Figure[]>> = {
  merkle: () => benchMerkle(),
  gateway: () =>
    benchGateway(
      quick
        ? { rounds: 1, messages: 30_000, opensslSeconds: 2 }
        : { rounds: 5, messages: 90_000, opensslSeconds: 3 },
    ),
  "read-model": () => benchReadModel({ batches: quick ? 4 : 24 }),
  history: () => benchHistory(quick ? 3 : 14),
  query: () => benchQueries(quick ? { points: 50, days: 30 } : { points: 50, days: 365 }),
};

const figures: Figure[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (values.only !== undefined && values.only !== name) continue;
  console.log(`${name}:`);
  for (const figure of await bench()) {
    figures.push(figure);
    console.log(
      `  ${figure.name.padEnd(40)} ${String(figure.value).padStart(10)} ${figure.unit.padEnd(12)} ${String(figure.ratio).padStart(8)} x ${figure.baseline}   (${figure.note})`,
    );
  }
}
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`);
