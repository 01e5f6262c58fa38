// The consensus suite on its adapters: solo on a real folder, and the model in memory (D6).

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSolo } from "../../ledger/consensus/open-solo.ts";
import { consensusSuite } from "./consensus.suite.ts";
import { testGenesis, VALIDATOR } from "./ledger-cast.ts";
import { createMemoryLedger, type MemoryLedger, openMemoryConsensus } from "./memory-consensus.ts";

let directory: string;
let clock: { now: () => number };
const openHere = () => openSolo({ directory, genesis: testGenesis(), keys: VALIDATOR, clock });

consensusSuite("solo", {
  async create(now) {
    directory = await mkdtemp(join(tmpdir(), "muniment-consensus-"));
    clock = { now };
    return openHere();
  },
  reopen: openHere,
  dispose: () => rm(directory, { recursive: true, force: true }),
});

let ledger: MemoryLedger;

consensusSuite("memory", {
  async create(now) {
    ledger = createMemoryLedger(testGenesis(), VALIDATOR, { now });
    return openMemoryConsensus(ledger);
  },
  reopen: async () => openMemoryConsensus(ledger),
});
