// A storm of SIGKILLs on a real gateway and a real ledger under load, and the account that must balance afterwards (D4).

import { toHex } from "@muniment/core";
import { type Fleet, GATEWAY, startFleet, until } from "../stack/fleet.ts";
import { runProduct } from "../stack/process.ts";
import { killAtStep, type StepCall } from "./assassin.ts";
import { type Account, Sender } from "./sender.ts";

/** One kill: whom, and at which write step (by the file concerned). */
export interface Kill {
  readonly victim: "gateway" | "ledger";
  readonly step: string;
}

/** What a storm left behind. All lists of trouble must be empty. */
export interface StormReport {
  readonly seed: number;
  readonly kills: readonly Kill[];
  readonly acknowledged: number;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly altered: readonly string[];
  readonly unverified: readonly string[];
}

const DEVICES = 8;
const SEND_EVERY_MS = 15;
const STEP_MS_MAX = 6_000;
const CALLS: readonly StepCall[] = ["fdatasync", "fsync", "rename"];

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

/** The write step that a path belongs to. */
export function stepOf(path: string | null): string {
  if (path === null) return "elsewhere";
  const rules: readonly (readonly [RegExp, string])[] = [
    [/\/quarantine(\/|$)/, "quarantine"],
    [/\/journal(\/|$)/, "journal"],
    [/\/staged(\/|$)/, "archive staging"],
    [/\/archive\/.*entries/, "archive bundles"],
    [/\/archive\/.*tile/, "archive tiles"],
    [/\/archive(\/|$)/, "archive checkpoint"],
    [/\/log\/.*entries/, "log bundles"],
    [/\/log\/tile/, "log tiles"],
    [/\/log(\/|$)/, "log checkpoint"],
    [/\/state(\/|$)/, "state"],
    [/\/bodies(\/|$)/, "bodies"],
    [/read-model/, "read model"],
  ];
  return rules.find(([pattern]) => pattern.test(path))?.[1] ?? "elsewhere";
}

/** Runs `rounds` kills. `say` is told each one. */
export async function killStorm(
  rounds: number,
  seed: number,
  say: (line: string) => void,
): Promise<StormReport> {
  const random = generator(seed);
  const fleet = await startFleet(DEVICES, { gatewayArgs: ["--batch-age-ms-max", "400"] });
  const senders = fleet.devices.map((device) => new Sender(device, fleet.mqttPort, SEND_EVERY_MS));
  const kills: Kill[] = [];
  try {
    for (const sender of senders) sender.start();
    await until("first acknowledgements", () => senders.every(({ acked }) => acked.size > 0));
    for (let round = 0; round < rounds; round++) {
      const victim = random() < 0.5 ? "gateway" : "ledger";
      const call = CALLS[Math.floor(random() * CALLS.length)]!;
      const path = await killAtStep(
        fleet[victim].child.pid!,
        call,
        1 + Math.floor(random() * 12),
        STEP_MS_MAX,
      );
      await fleet[victim].exited;
      const kill = { victim, step: stepOf(path) } as const;
      kills.push(kill);
      say(
        `kill ${round + 1}/${rounds}: ${victim} at ${kill.step} (${call}${kill.step === "elsewhere" ? ` ${path}` : ""})`,
      );
      await (victim === "gateway" ? fleet.restartGateway() : fleet.restartLedger());
    }
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
      acknowledged: senders.reduce((sum, { acked }) => sum + acked.size, 0),
      ...account,
      unverified: await verifyLogs(fleet),
    };
  } finally {
    for (const sender of senders) sender.stop();
    await fleet.close();
  }
}

async function settled(fleet: Fleet, accounts: readonly Account[]): Promise<boolean> {
  const wanted = accounts.reduce((sum, { acked }) => sum + acked.size, 0);
  const answer = (await (await fetch(`${fleet.ledgerUrl}/api/v1/gateways`)).json()) as {
    items: { id: string; standing: Record<string, number> }[];
  };
  const standing = answer.items.find(({ id }) => id === GATEWAY)?.standing ?? {};
  return (standing.counted ?? 0) + (standing.late ?? 0) >= wanted;
}

/** Every acknowledged reading must be in the read model once, as it was signed. */
async function compare(
  fleet: Fleet,
  accounts: readonly Account[],
): Promise<Pick<StormReport, "lost" | "doubled" | "altered">> {
  const lost: string[] = [];
  const doubled: string[] = [];
  const altered: string[] = [];
  for (const { device, sent, acked } of accounts) {
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
    for (const sequence of acked)
      if (!found.has(sequence))
        lost.push(`${device.id} ${sequence} ${toHex(sent.get(sequence)!.bytes).slice(0, 40)}`);
    for (const [sequence, times] of found)
      if (times > 1) doubled.push(`${device.id} ${sequence} (${times} times)`);
  }
  return { lost, doubled, altered };
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
