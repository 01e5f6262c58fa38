// A storm of SIGKILLs on a real gateway and a real ledger under load, and the account that must balance afterwards (D4).

import { toBase64, toHex } from "@muniment/core";
import { type Fleet, GATEWAY, startFleet, until } from "../stack/fleet.ts";
import { runProduct } from "../stack/process.ts";
import { killAtStep, type StepCall } from "./assassin.ts";
import { type Account, Sender } from "./sender.ts";
import { pathsOf, stepAt, WRITE_STEPS, type WriteStep } from "./write-steps.ts";

/** One kill: whom, and at which write step (by the file concerned). */
export interface Kill {
  readonly victim: "gateway" | "ledger";
  readonly step: string;
}

/** What a storm left behind. All lists of trouble must be empty. */
export interface StormReport {
  readonly seed: number;
  readonly kills: readonly Kill[];
  /** Write steps in which no kill landed. */
  readonly missed: readonly string[];
  readonly acknowledged: number;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly altered: readonly string[];
  readonly unverified: readonly string[];
}

const DEVICES = 8;
/** This device's signatures are spoiled on the way: all it sends must be found in quarantine. */
const LIAR = 7;
const SEND_EVERY_MS = 15;
const STEP_MS_MAX = 6_000;
const CALLS: readonly StepCall[] = ["fdatasync", "fsync", "rename"];
/** Attempts at one step: a process may start, and be killed, without ever coming there. */
const ATTEMPTS_MAX = 5;

/** mulberry32: a small seeded generator, so that a storm can be told to happen again. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Kills in every write step once, in an order of chance, and then anywhere until there were `rounds` kills. `say` is told each one. */
export async function killStorm(
  rounds: number,
  seed: number,
  say: (line: string) => void,
): Promise<StormReport> {
  const random = generator(seed);
  const fleet = await startFleet(DEVICES, {
    gatewayArgs: ["--batch-age-ms-max", "400"],
    // A ledger that was just killed again must hear of the next batch soon, or its steps never come.
    gatewayEnv: { MUNIMENT_GATEWAY_BACKOFF_MS_MAX: "500" },
  });
  const senders = fleet.devices.map(
    (device, n) => new Sender(device, fleet.mqttPort, SEND_EVERY_MS, n === LIAR),
  );
  const kills: Kill[] = [];

  /** Kills once, in `target` or wherever it comes. True when it landed where it should. */
  async function killOnce(target: WriteStep | null): Promise<boolean> {
    const victim = target?.victim ?? (random() < 0.5 ? "gateway" : "ledger");
    const aim =
      target === null
        ? {
            calls: [CALLS[Math.floor(random() * CALLS.length)]!],
            n: 1 + Math.floor(random() * 12),
            paths: [],
          }
        : { calls: CALLS, n: 1 + Math.floor(random() * 2), paths: pathsOf(target, fleet.data) };
    const path = await killAtStep(fleet[victim].child.pid!, aim, STEP_MS_MAX);
    await fleet[victim].exited;
    const kill = { victim, step: stepAt(victim, path, fleet.data) } as const;
    kills.push(kill);
    say(`kill ${kills.length}: ${victim} at ${kill.step}${path === null ? "" : ` (${path})`}`);
    await (victim === "gateway" ? fleet.restartGateway() : fleet.restartLedger());
    return target === null || kill.step === target.step;
  }

  try {
    for (const sender of senders) sender.start();
    await until("first acknowledgements", () => senders.every(({ acked }) => acked.size > 0));
    await until("a first batch in the archive", async () => (await counted(fleet)) > 0);
    const missed: string[] = [];
    const inTurn = WRITE_STEPS.map((step) => ({ step, at: random() })).sort((a, b) => a.at - b.at);
    for (const { step } of inTurn) {
      let hit = false;
      for (let attempt = 0; attempt < ATTEMPTS_MAX && !hit; attempt++) hit = await killOnce(step);
      if (!hit) missed.push(`${step.victim} ${step.step}`);
    }
    while (kills.length < rounds) await killOnce(null);
    for (const sender of senders) sender.pause();
    await until(
      "every reading is acknowledged",
      () => senders.every((sender) => sender.pending() === 0),
      60_000,
    );
    await until("everything is anchored and projected", () => settled(fleet, senders), 120_000);
    const account = await compare(fleet, senders);
    return {
      seed,
      kills,
      missed,
      acknowledged: senders.reduce((sum, { acked }) => sum + acked.size, 0),
      ...account,
      unverified: await verifyLogs(fleet),
    };
  } finally {
    for (const sender of senders) sender.stop();
    await fleet.close();
  }
}

/** Readings of the fleet's gateway that count, in the read model. */
async function counted(fleet: Fleet): Promise<number> {
  const answer = (await (await fetch(`${fleet.ledgerUrl}/api/v1/gateways`)).json()) as {
    items: { id: string; standing: Record<string, number> }[];
  };
  const standing = answer.items.find(({ id }) => id === GATEWAY)?.standing ?? {};
  return (standing.counted ?? 0) + (standing.late ?? 0);
}

async function settled(fleet: Fleet, accounts: readonly Account[]): Promise<boolean> {
  const honest = accounts.filter(({ spoiled }) => !spoiled);
  return (await counted(fleet)) >= honest.reduce((sum, { acked }) => sum + acked.size, 0);
}

/** Every acknowledged reading must be in the read model once, as it was signed; a spoiled one in quarantine and nowhere else. */
async function compare(
  fleet: Fleet,
  accounts: readonly Account[],
): Promise<Pick<StormReport, "lost" | "doubled" | "altered">> {
  const lost: string[] = [];
  const doubled: string[] = [];
  const altered: string[] = [];
  for (const { device, sent, acked, spoiled } of accounts) {
    const found = new Map<number, number>();
    for await (const item of rawReadings(fleet, `${device.id}.temp`)) {
      found.set(item.sequence, (found.get(item.sequence) ?? 0) + 1);
      const own = sent.get(item.sequence);
      if (
        own === undefined ||
        own.value !== item.value ||
        own.time * 1000 !== Date.parse(item.time)
      )
        altered.push(`${device.id} ${item.sequence}`);
    }
    if (spoiled) {
      const kept = await quarantined(fleet, device.id);
      for (const sequence of acked)
        if (!kept.has(toBase64(sent.get(sequence)!.bytes)))
          lost.push(`${device.id} ${sequence}, from quarantine`);
      for (const sequence of found.keys()) altered.push(`${device.id} ${sequence}, spoiled`);
      continue;
    }
    for (const sequence of acked)
      if (!found.has(sequence))
        lost.push(`${device.id} ${sequence} ${toHex(sent.get(sequence)!.bytes).slice(0, 40)}`);
    for (const [sequence, times] of found)
      if (times > 1) doubled.push(`${device.id} ${sequence} (${times} times)`);
  }
  return { lost, doubled, altered };
}

/** What the gateway holds in quarantine of a device for its signature, in base64. */
async function quarantined(fleet: Fleet, device: string): Promise<ReadonlySet<string>> {
  const kept = new Set<string>();
  for (let after: number | null = 0; after !== null; ) {
    const url: string = `${fleet.gatewayUrl()}/quarantine?after=${after}&limit=1000`;
    const page = (await (await fetch(url)).json()) as {
      items: { device: string; reason: string; payload: string }[];
      next: number | null;
    };
    for (const item of page.items)
      if (item.device === device && item.reason === "bad-signature") kept.add(item.payload);
    after = page.next;
  }
  return kept;
}

interface RawReading {
  readonly time: string;
  readonly value: number;
  readonly sequence: number;
}

async function* rawReadings(fleet: Fleet, point: string): AsyncIterable<RawReading> {
  const range = `from=${new Date(Date.now() - 6_000_000_000).toISOString()}&to=${new Date(Date.now() + 3_600_000).toISOString()}`;
  for (let cursor: string | null = ""; cursor !== null; ) {
    const url = `${fleet.ledgerUrl}/api/v1/points/${point}/series?${range}${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    const page = (await response.json()) as { items: RawReading[]; next: string | null };
    yield* page.items;
    cursor = page.next ?? null;
  }
}

/** Both logs and the archive's copy, checked entry by entry; and the whole ledger executed again. */
async function verifyLogs(fleet: Fleet): Promise<string[]> {
  const problems: string[] = [];
  const gateway = `${fleet.data}/gateways/${GATEWAY}/log`;
  const checks: readonly (readonly string[])[] = [
    ["fsck", gateway],
    ["fsck", `${fleet.data}/ledger/log`],
    ["fsck", `${fleet.data}/ledger/archive/${GATEWAY}`],
    ["audit", "replay", fleet.ledgerUrl],
  ];
  for (const args of checks) {
    const { code, stdout, stderr } = await runProduct(args);
    if (code !== 0) problems.push(`muniment ${args.join(" ")}: exit ${code}\n${stdout}${stderr}`);
  }
  return problems;
}
