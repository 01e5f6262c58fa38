// One simulated building sends its life to a gateway: the past as fast as it is acknowledged or at a chosen speed, then, if asked, the present.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isMissing, makeDirectory } from "@muniment/core/files";
import { openPeriodKeys } from "./access.ts";
import { type Clock, fastClock, wallClock } from "./clock.ts";
import { devicesOf } from "./devices.ts";
import { enrolBuilding } from "./enrolment.ts";
import { deviceKey, openFleet } from "./fleet.ts";
import { gatewayKnows } from "./gateway-status.ts";
import { assignMisbehaviours, type MisbehaviourOrder } from "./misbehaviour/order.ts";
import { observe } from "./observation.ts";
import { recordTruth } from "./truth/recorder.ts";
import type { TruthFile } from "./truth/truth-file.ts";
import { simulateBuilding, stepSeconds } from "./world/building.ts";
import { type FaultOrder, orderedFaults, seededFaults } from "./world/faults.ts";
import { drawPlan, type PlanSize } from "./world/plan.ts";
import { endOf, openWorld } from "./world-file.ts";
import { zone } from "./zone.ts";

export interface SimulateConfig {
  readonly data: string;
  readonly building: string;
  readonly seed: number;
  readonly size: PlanSize;
  readonly zone: string;
  /** Null: drawn from the seed. */
  readonly faults: readonly FaultOrder[] | null;
  readonly misbehave: readonly MisbehaviourOrder[];
  /** First local day, YYYY-MM-DD; null: so many days of past before the first start. */
  readonly from: string | null;
  readonly days: number;
  /** How many times as fast as life the past is told; null: as fast as it is acknowledged. */
  readonly speed: number | null;
  readonly mqtt: string;
  /** Serial port of the boards, bound to the bridge of that id; null: all devices go by MQTT. */
  readonly serial: { readonly path: string; readonly bridge: string } | null;
  /** Ledger node to enrol at with the data folder's operator key; null when everything is enrolled. */
  readonly ledger: string | null;
  /** The gateway's HTTP address, to wait until it knows the devices; null to start at once. */
  readonly gateway: string | null;
  /** Whether the present follows; not after a past that was given an end. */
  readonly live: boolean;
  /** Seconds between readings of points without an interval of their own, when live. */
  readonly liveSeconds: number;
  /** Days of raw values in the truth file. */
  readonly truthDays: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: SimulateEvent) => void;
}

export type SimulateEvent =
  | { readonly event: "enrolled"; readonly devices: number; readonly new: number }
  | {
      readonly event: "history";
      readonly day: number;
      readonly days: number;
      readonly statements: number;
      readonly readings: number;
    }
  | { readonly event: "live"; readonly since: string }
  | {
      readonly event: "trouble";
      readonly device: string;
      readonly reason: string;
      readonly waitMs: number;
    }
  | {
      readonly event: "stopped";
      readonly statements: number;
      readonly readings: number;
      readonly truth: string;
    };

const historySpanSeconds = 3600;
const historyPointSeconds = 900;
const daySeconds = 86_400;
/** How long devices try to say goodbye. */
const leaveMsMax = 2_000;

/** Runs until the past is sent, or, live, until the signal aborts. Resolves when everything sent is acknowledged. */
export async function simulate(config: SimulateConfig): Promise<void> {
  const { clock = wallClock, signal, onEvent = () => {}, seed, days, from } = config;
  const folder = join(config.data, "simulator", config.building);
  const truthPath = join(folder, "truth.json");
  await makeDirectory(folder);
  const { floors, rooms, people } = config.size;
  const wish = { seed, zone: config.zone, floors, rooms, people, from, days };
  const world = await openWorld(
    join(folder, "world.json"),
    { ...wish, faults: config.faults === null ? null : [...config.faults] },
    clock.now(),
  );
  const plan = drawPlan(config.building, seed, world.zone, config.size);
  const bound = config.serial?.bridge;
  const drawings = devicesOf(plan).map((drawing) =>
    drawing.serial && bound !== undefined ? { ...drawing, bridge: bound } : drawing,
  );
  const faults =
    config.faults === null ? seededFaults(plan, seed) : orderedFaults(plan, seed, config.faults);
  const truth = recordTruth({ plan, seed, drawings, faults, rawDaysMax: config.truthDays });
  const badges = await openPeriodKeys(join(folder, "badge-keys"), zone(plan.zone));

  if (config.ledger !== null) {
    const devices = await Promise.all(
      drawings.map(async (facts) => ({ facts, signer: await deviceKey(folder, facts.device) })),
    );
    const { data, ledger } = config;
    const bridge = bound ?? null;
    const created = await enrolBuilding({
      data,
      ledger,
      plan,
      devices,
      bridge,
      start: world.start,
    });
    onEvent({
      event: "enrolled",
      devices: devices.length + (bridge === null ? 0 : 1),
      new: created,
    });
    if (config.gateway !== null) await gatewayKnows(config.gateway, ledger);
  }

  const fleet = await openFleet({
    ...{ folder, plan, seed, drawings, badges, start: world.start, mqtt: config.mqtt },
    misbehaving: assignMisbehaviours(drawings, seed, config.misbehave),
    conductBefore: await conductBefore(truthPath),
    serial: config.serial?.path ?? null,
    onTrouble: (device, reason, waitMs) => onEvent({ event: "trouble", device, reason, waitMs }),
  });
  const total = { statements: 0, readings: 0 };
  const aborted = new Promise<"aborted">((resolve) => {
    if (signal?.aborted) resolve("aborted");
    signal?.addEventListener("abort", () => resolve("aborted"), { once: true });
  });
  /** False when it was told to stop first: closing the fleet ends what is on its way; it stays in the outboxes. */
  const unlessAborted = async (work: Promise<unknown>): Promise<boolean> => {
    work.catch(() => {});
    return (await Promise.race([work.then(() => "done" as const), aborted])) === "done";
  };
  const tell = (spanSeconds: number) =>
    unlessAborted(
      fleet.tell(spanSeconds).then(({ statements, readings }) => {
        total.statements += statements;
        total.readings += readings;
      }),
    );

  const eye = observe(
    fleet.members,
    simulateBuilding(plan, seed, world.start, faults),
    world.start,
    truth,
  );
  const known = Math.min(...fleet.members.map(({ sender }) => sender.through));
  const end = endOf(world, { from, days }) ?? Number.POSITIVE_INFINITY;
  const endless = config.live && from === null;
  let idle = false;

  try {
    const begun = await unlessAborted(
      fleet
        .resume()
        .then(() =>
          fleet.greet(world.starts, ({ sender }) => Math.max(world.start, sender.through)),
        ),
    );
    if (begun) idle = await run();
  } finally {
    if (idle) await atMost(leaveMsMax, fleet.leave(eye.time));
    await fleet.close();
    await truth.write(truthPath, fleet.conduct());
    onEvent({ event: "stopped", ...total, truth: truthPath });
  }

  /** True when nothing is on its way at its end. */
  async function run(): Promise<boolean> {
    const present = Math.min(end, clock.now());
    const pastDays = Math.max(1, Math.ceil((present - world.start) / daySeconds));
    // What an earlier start has told is lived again, in silence; then the past goes day by day.
    const told = Number.isFinite(known) ? known : world.start;
    const paced = config.speed === null ? null : fastClock(clock, told, config.speed);
    for (let day = 1; !signal?.aborted; day++) {
      const now = paced === null ? clock.now() : told;
      const until = Math.min(world.start + day * daySeconds, end, lastStep(now) + stepSeconds);
      const last = until < world.start + day * daySeconds || until >= end;
      eye.live(until, historyPointSeconds);
      if (!(await tell(historySpanSeconds))) return false;
      onEvent({ event: "history", day: Math.min(day, pastDays), days: pastDays, ...total });
      await badges.destroyBefore(eye.time);
      if (last) break;
    }
    await truth.write(truthPath, fleet.conduct());

    if (paced !== null && config.speed !== null) {
      // One statement for each second or so that passes here.
      const span = Math.min(
        historySpanSeconds,
        Math.ceil(config.speed / stepSeconds) * stepSeconds,
      );
      const stop = endless ? clock.now() : present;
      if (!(await follow(paced, stop, span, historyPointSeconds))) return false;
    }
    if (!endless) return !signal?.aborted;
    fleet.live = true;
    onEvent({ event: "live", since: new Date(eye.time * 1000).toISOString() });
    return follow(clock, Number.POSITIVE_INFINITY, stepSeconds, config.liveSeconds);
  }

  /** Tells what a clock brings until it stands at `stop`. */
  async function follow(by: Clock, stop: number, spanSeconds: number, looseSeconds: number) {
    let writtenAt = eye.time;
    while (!signal?.aborted && eye.time < stop) {
      const next = Math.min(stop, Math.floor(eye.time / spanSeconds + 1) * spanSeconds);
      await by.until(spanSeconds === stepSeconds ? eye.time : next, signal);
      if (signal?.aborted) break;
      eye.live(Math.min(stop, lastStep(by.now()) + stepSeconds), looseSeconds);
      if (!(await tell(spanSeconds))) return false;
      await badges.destroyBefore(eye.time);
      if (eye.time - writtenAt < daySeconds) continue;
      await truth.write(truthPath, fleet.conduct());
      writtenAt = eye.time;
    }
    return true;
  }
}

function lastStep(now: number): number {
  return Math.floor(now / stepSeconds) * stepSeconds;
}

/** Waits for work that may fail or take for ever. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => {}), enough]);
  clearTimeout(timer);
}

/** How devices misbehaved in earlier runs, by the truth file they left. */
async function conductBefore(path: string): Promise<TruthFile["conduct"]> {
  try {
    return (JSON.parse(await readFile(path, "utf8")) as TruthFile).conduct;
  } catch (error) {
    if (isMissing(error)) return {};
    throw error;
  }
}
