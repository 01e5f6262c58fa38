// Threads give what one thread gives, with keys learned between batches.

import { buildStatement } from "@muniment/core";
import { afterEach, expect, test } from "vitest";
import { Examiner } from "./examiner.ts";
import { kidOf, signerNamed, urnOf } from "./memory-sources.ts";

const opened: Examiner[] = [];

afterEach(async () => {
  for (const examiner of opened.splice(0)) await examiner.close();
});

function statements(device: string, count: number): Uint8Array[] {
  const signer = signerNamed(device);
  return Array.from({ length: count }, (_, sequence) =>
    buildStatement({
      ...{ signer, iss: urnOf(device), sub: "b1", issuedAt: 1_700_000_000, sequence },
      records: [{ name: "x", value: sequence, time: 1_700_000_000.5 }],
    }),
  );
}

test("many entries in threads give the same as each one here", async () => {
  const [here, threads] = [new Examiner(0), new Examiner(2)];
  opened.push(here, threads);
  const forged = statements("b", 1)[0]!.slice();
  forged[forged.length - 1]! ^= 1;
  const entries = [...statements("a", 200), forged, new Uint8Array(3), ...statements("b", 200)];
  for (const name of ["a", "b"]) {
    for (const examiner of [here, threads])
      examiner.learn(kidOf(signerNamed(name)), signerNamed(name).publicKey);
    const examined = await threads.examine(entries);
    expect(examined).toEqual(await here.examine(entries));
    expect(examined[0]).toMatchObject({
      signed: true,
      sequence: 0,
      samples: [{ name: "x", unit: null, t: 1_700_000_000_500, value: 0 }],
    });
    expect(examined[200]).toMatchObject({ signed: name === "a" ? null : false });
    expect(examined[201]).toBeNull();
    expect(examined[401]).toMatchObject({ signed: name === "a" ? null : true });
  }
});

test("a closed examiner fails what was under way", async () => {
  const examiner = new Examiner(1);
  const answer = examiner.examine(statements("a", 300));
  await examiner.close();
  await expect(answer).rejects.toThrow("examine worker ended");
});
