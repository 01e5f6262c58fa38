// How fast the read model follows a ledger from scratch, over the rate at which one thread verifies the same signatures.

import { pathToFileURL } from "node:url";
import { buildStatement, parseStatement, verifyStatement } from "@muniment/core";
import { MemorySources, signerNamed, urnOf } from "../../ledger/read-model/memory-sources.ts";
import { createReadModel } from "../../ledger/read-model/read-model.ts";
import { type Figure, figure } from "./result.ts";

const batchEntries = 4_096;
const devices = 32;
const start = Date.parse("2026-01-01T00:00:00Z");
const meter = (i: number): string => `d${i % devices}`;

/** Follows `batches` anchors of 4,096 statements of one reading each, with worker threads and without. */
export async function benchReadModel({
  batches,
}: {
  readonly batches: number;
}): Promise<readonly Figure[]> {
  const world = new MemorySources(start);
  const statements = anchored(world, batches);
  const verified = verifyRate(statements.slice(0, 2 * batchEntries));
  const figures: Figure[] = [];
  for (const [name, workers] of [
    ["read-model.follow-per-s", undefined],
    ["read-model.follow-one-thread-per-s", 0],
  ] as const) {
    const before = performance.now();
    const model = await createReadModel({
      consensus: world.ledger,
      archive: world.archive,
      path: ":memory:",
      ...(workers === undefined ? {} : { workers }),
    });
    await model.caughtUp();
    const perSecond = (statements.length * 1000) / (performance.now() - before);
    const [row] = await model.store.query("SELECT count(*) AS n FROM samples");
    await model.close();
    if (row?.n !== statements.length)
      throw new Error(`expected ${statements.length} samples, found ${row?.n}`);
    figures.push(
      figure(
        name,
        perSecond,
        "statements/s",
        verified,
        "parsing and verifying the same statements on one thread",
      ),
    );
  }
  return figures;
}

function anchored(world: MemorySources, batches: number): readonly Uint8Array[] {
  world.building("b1");
  world.gateway("gw-1", "b1");
  for (let i = 0; i < devices; i += 1)
    world.device(meter(i), "b1", [{ name: "temp", unit: "Cel", kind: "gauge", interval: 60 }]);
  const signers = Array.from({ length: devices }, (_, i) => signerNamed(meter(i)));
  const statements = Array.from({ length: batches * batchEntries }, (_, n) => {
    const sequence = Math.floor(n / devices);
    const issuedAt = start / 1000 + sequence * 60;
    const records = [{ name: "temp", unit: "Cel", value: 20 + (n % 50) / 10, time: issuedAt }];
    return buildStatement({
      signer: signers[n % devices]!,
      iss: urnOf(meter(n)),
      sub: "b1",
      issuedAt,
      sequence,
      records,
    });
  });
  for (let from = 0; from < statements.length; from += batchEntries)
    world.anchor("gw-1", statements.slice(from, from + batchEntries));
  return statements;
}

/** Statements parsed and verified a second on this thread, after a warm-up. */
function verifyRate(statements: readonly Uint8Array[]): number {
  const keys = Array.from({ length: devices }, (_, i) => signerNamed(meter(i)).publicKey);
  let perSecond = 0;
  for (let round = 0; round < 2; round += 1) {
    const before = performance.now();
    statements.forEach((statement, i) => {
      if (!verifyStatement(parseStatement(statement), keys[i % devices]!))
        throw new Error(`statement ${i} does not verify`);
    });
    perSecond = (statements.length * 1000) / (performance.now() - before);
  }
  return perSecond;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const result of await benchReadModel({ batches: 24 })) console.log(JSON.stringify(result));
}
