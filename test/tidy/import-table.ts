// Who may import whom: the table of docs/architecture as data. A part is the longest folder that holds a file.

export interface Part {
  /** Folder, or one file of it. */
  readonly folder: string;
  /** Folders and files of ours that it may import, besides itself. */
  readonly may: readonly string[];
  /** Packages of others: those its package.json declares, only these, or none. */
  readonly packages: "declared" | readonly string[];
  /** Whether it may import node's own modules. */
  readonly node: boolean;
  /** What to do instead; printed when the rule is broken. */
  readonly instead: string;
}

const CORE = "ledger/core";
const CONSENSUS_PORT = "ledger/consensus/consensus.ts";
/** Floors of the ledger package that hold no room's logic. */
const LEDGER_BASE = ["ledger/errors.ts", "ledger/ports.ts"];

export const PARTS: readonly Part[] = [
  {
    folder: CORE,
    may: [],
    packages: ["@noble/ed25519", "@noble/hashes"],
    node: false,
    instead:
      "core is pure and runs in browsers: take the value as an argument, or put the code into the package that has the I/O",
  },
  {
    folder: "ledger/core/provider/node.ts",
    may: [CORE],
    packages: ["sodium-native"],
    node: true,
    instead: "the node provider only wraps cryptographic libraries",
  },
  {
    folder: "ledger/core/files",
    may: [CORE],
    packages: [],
    node: true,
    instead: "core/files holds the file idioms that servers share, and needs node and core only",
  },
  {
    folder: "gateway",
    may: [CORE],
    packages: "declared",
    node: true,
    instead:
      "a gateway talks to the ledger by HTTP and to devices by MQTT: put shared formats into core",
  },
  {
    folder: "firmware-bridge",
    may: [CORE],
    packages: "declared",
    node: true,
    instead: "a bridge publishes by MQTT: put shared formats into core",
  },
  {
    folder: "ledger",
    may: ["ledger"],
    packages: "declared",
    node: true,
    instead: "the ledger package joins its own rooms only: use HTTP to reach a gateway",
  },
  {
    folder: "ledger/errors.ts",
    may: [CORE],
    packages: [],
    node: false,
    instead: "every room imports this file, so it may import none of them",
  },
  {
    folder: "ledger/ports.ts",
    may: [CORE],
    packages: [],
    node: false,
    instead: "a port names what is needed, in types of core",
  },
  {
    folder: "ledger/machine",
    may: [CORE],
    packages: [],
    node: false,
    instead:
      "what nodes agree on is pure (D9): pass the value in with the block, or keep it out of consensus",
  },
  {
    folder: "ledger/archive",
    may: [CORE, ...LEDGER_BASE],
    packages: "declared",
    node: true,
    instead:
      "the archive keeps bytes and does not judge them: let intake or the node join it to the rest",
  },
  {
    folder: "ledger/consensus",
    may: ["ledger/machine", CORE, "ledger/genesis.ts", ...LEDGER_BASE],
    packages: "declared",
    node: true,
    instead: "consensus orders and stores: readers follow it through onCommit()",
  },
  {
    folder: "ledger/intake",
    may: ["ledger/archive", CONSENSUS_PORT, "ledger/evidence", CORE, ...LEDGER_BASE],
    packages: "declared",
    node: true,
    instead: "intake sees consensus through its port, never which engine drives it",
  },
  {
    folder: "ledger/evidence",
    may: ["ledger/archive", CONSENSUS_PORT, CORE, ...LEDGER_BASE],
    packages: "declared",
    node: true,
    instead: "evidence is built from what the port and the archive show to anyone",
  },
  {
    folder: "ledger/retention",
    may: ["ledger/archive", CONSENSUS_PORT, CORE, ...LEDGER_BASE],
    packages: [],
    node: false,
    instead:
      "retention reads policies and holds off the port and tells the archive what to destroy: let rooms.ts join it to the rest",
  },
  {
    folder: "ledger/read-model",
    may: ["ledger/archive", CONSENSUS_PORT, CORE, ...LEDGER_BASE],
    packages: "declared",
    node: true,
    instead:
      "the read model is disposable (D10): it follows the port and the archive and feeds nothing back",
  },
  {
    folder: "ledger/exports",
    may: ["ledger/read-model", CORE, ...LEDGER_BASE],
    packages: "declared",
    node: true,
    instead: "an export tells what the read model tells: ask it, and write a file of the answer",
  },
  {
    folder: "ledger/alarms",
    may: ["ledger/read-model", CORE, ...LEDGER_BASE],
    packages: "declared",
    node: true,
    instead:
      "alarms watch what the read model shows and feed nothing back: let the API or the node join them to the rest",
  },
  {
    folder: "ledger/api",
    may: [
      "ledger/alarms",
      "ledger/read-model",
      "ledger/exports",
      "ledger/intake",
      "ledger/archive",
      "ledger/evidence",
      CONSENSUS_PORT,
      CORE,
      ...LEDGER_BASE,
    ],
    packages: "declared",
    node: true,
    instead:
      "routes ask the read model, intake, the archive or the consensus port; nothing decides here",
  },
  {
    folder: "ledger/dashboard",
    may: [CORE],
    packages: "declared",
    node: false,
    instead: "a page gets everything by HTTP, and verifies it with core",
  },
  {
    folder: "simulator",
    may: [CORE, "firmware-bridge/index.ts", "gateway/index.ts", "ledger/index.ts"],
    packages: "declared",
    node: true,
    instead:
      "the simulator drives the product through its faces: MQTT, HTTP, createGateway(), createNode()",
  },
  {
    folder: "test",
    may: ["ledger", "gateway", "firmware-bridge", "simulator"],
    packages: "declared",
    node: true,
    instead: "-",
  },
];

/** Nobody imports these. */
export const NEVER_IMPORTED: readonly string[] = ["test", "simulator"];

export function within(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** The part a file belongs to: the longest folder that holds it. */
export function partOf(path: string): Part {
  const holding = PARTS.filter(({ folder }) => within(path, folder));
  const part = holding.sort((a, b) => b.folder.length - a.folder.length)[0];
  if (part === undefined)
    throw new Error(`${path} belongs to no part of the import table: add its folder`);
  return part;
}
