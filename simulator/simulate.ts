// One simulated building sends its life to a gateway: first the past as fast as it is acknowledged, then, if asked, the present.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SenmlRecord } from "@muniment/core";
import { loadOrCreateKey, makeDirectory, writeDurably } from "@muniment/core/files";
import * as z from "zod";
import { accessRecords, openPeriodKeys } from "./access.ts";
import { type Step, simulateBuilding, stepSeconds } from "./building.ts";
import { type Clock, wallClock } from "./clock.ts";
import { type DeviceDrawing, devicesOf } from "./devices.ts";
import { SimulatorError } from "./errors.ts";
import { gatewayKnows } from "./gateway-status.ts";
import { packRecords } from "./pack.ts";
import { drawPlan } from "./plan.ts";
import { openRegistrar } from "./registrar.ts";
import { openSender, type Saying, type Sender } from "./sender.ts";
import { recordTruth } from "./truth.ts";
import { wallTimeAt, zone } from "./zone.ts";

export interface SimulateConfig {
  readonly data: string;
  readonly building: string;
  readonly seed: number;
  /** How much past there is to be at the first start. */
  readonly days: number;
  readonly zone: string;
  readonly mqtt: string;
  /** Ledger node to enrol at with the data folder's operator key; null when everything is enrolled. */
  readonly ledger: string | null;
  /** The gateway's HTTP address, to wait until it knows the devices; null to start at once. */
  readonly gateway: string | null;
  readonly live: boolean;
  /** Seconds between readings of points without an interval of their own, when live. */
  readonly liveSeconds: number;
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
  | { readonly event: "stopped"; readonly statements: number; readonly readings: number };

const historyPackSeconds = 3600;
const historyPointSeconds = 900;
const daySeconds = 86_400;

/** Runs until the past is sent, or, live, until the signal aborts. Resolves when everything sent is acknowledged. */
export async function simulate(config: SimulateConfig): Promise<void> {
  const { clock = wallClock, signal, onEvent = () => {} } = config;
  const folder = join(config.data, "simulator", config.building);
  await makeDirectory(join(folder, "devices"));
  const world = await openWorld(join(folder, "world.json"), config, clock.now());
  const plan = drawPlan(config.building, world.seed, world.zone);
  const drawings = devicesOf(plan);
  const badges = await openPeriodKeys(join(folder, "badge-keys"));
  const truth = recordTruth(plan, world.seed, drawings);
  const truthPath = join(folder, "truth.json");

  const signers = await Promise.all(
    drawings.map(({ device }) => loadOrCreateKey(join(folder, "devices", `${device}.pem`))),
  );
  if (config.ledger !== null) {
    const registrar = await openRegistrar(join(config.data, "keys", "operator.pem"), config.ledger);
    const { id, ...facts } = plan;
    await registrar.building({
      building: id,
      name: facts.name,
      zone: facts.zone,
      grossFt2: facts.grossFt2,
      usableFt2: facts.usableFt2,
      address: facts.address,
    });
    let created = 0;
    for (const [index, drawing] of drawings.entries()) {
      const signer = signers[index];
      if (signer !== undefined && (await registrar.device(drawing, signer.publicKey))) created++;
    }
    onEvent({ event: "enrolled", devices: drawings.length, new: created });
    if (config.gateway !== null) await gatewayKnows(config.gateway, config.ledger);
  }

  const senders = await Promise.all(
    drawings.map((drawing, index) => {
      const signer = signers[index];
      if (signer === undefined) throw new Error(`expected a key of ${drawing.device}`);
      return openSender({
        facts: drawing,
        signer,
        outboxPath: join(folder, "devices", `${drawing.device}.outbox.json`),
        mqtt: config.mqtt,
        onTrouble: (reason, waitMs) =>
          onEvent({ event: "trouble", device: drawing.device, reason, waitMs }),
      });
    }),
  );
  const total = { statements: 0, readings: 0 };
  const aborted = new Promise<"aborted">((resolve) => {
    if (signal?.aborted) resolve("aborted");
    signal?.addEventListener("abort", () => resolve("aborted"), { once: true });
  });

  /** Sends what all devices have to say of these steps; false when it was told to stop first. */
  const tell = async (steps: readonly Step[], spanSeconds: number, looseSeconds: number) => {
    const work = Promise.all(
      drawings.map(async (drawing, index) => {
        const sender = senders[index] as Sender;
        const sayings = [
          ...readingsOf(drawing, steps, sender.through, spanSeconds, looseSeconds),
          ...(await eventsOf(drawing, steps, sender.through)),
        ].sort((a, b) => lastTime(a) - lastTime(b));
        const sent = await sender.send(sayings);
        total.statements += sent.length;
        total.readings += sayings.reduce((sum, { records }) => sum + records.length, 0);
      }),
    );
    // Closing the senders ends what is still on its way; it stays in the outboxes.
    work.catch(() => {});
    return (await Promise.race([work.then(() => "sent" as const), aborted])) === "sent";
  };
  const eventsOf = async (drawing: DeviceDrawing, steps: readonly Step[], through: number) => {
    const sayings: Saying[] = [];
    for (const crossing of steps.flatMap(({ crossings }) => crossings)) {
      const person = plan.people[crossing.person];
      if (crossing.door !== drawing.door || crossing.time <= through || person === undefined)
        continue;
      sayings.push({
        kind: "access",
        ...(await accessRecords(badges, crossing, person.credential)),
      });
    }
    return sayings;
  };

  try {
    await Promise.race([Promise.all(senders.map((sender) => sender.resume())), aborted]);
    const life = simulateBuilding(plan, world.seed, world.start);
    const next = () => {
      const step = life.next().value;
      truth.observe(step);
      return step;
    };
    let time = world.start;
    const takeUntil = (end: number): Step[] => {
      const steps: Step[] = [];
      for (; time < end; time += stepSeconds) steps.push(next());
      return steps;
    };

    // The past, a day at a time, up to the last whole step before now.
    const known = Math.min(...senders.map(({ through }) => through));
    const days = Math.max(1, Math.ceil((clock.now() - world.start) / daySeconds));
    for (let day = 1; !signal?.aborted; day++) {
      const present = lastStep(clock.now()) + stepSeconds;
      const end = Math.min(world.start + day * daySeconds, present);
      const steps = takeUntil(end);
      if (end > known && !(await tell(steps, historyPackSeconds, historyPointSeconds))) break;
      onEvent({ event: "history", day: Math.min(day, days), days, ...total });
      if (end === present) break;
    }
    await badges.destroyBefore(time);
    await truth.write(truthPath);

    if (config.live && !signal?.aborted)
      onEvent({ event: "live", since: new Date(time * 1000).toISOString() });
    while (config.live && !signal?.aborted) {
      await clock.until(time, signal);
      if (signal?.aborted) break;
      if (
        !(await tell(
          takeUntil(lastStep(clock.now()) + stepSeconds),
          stepSeconds,
          config.liveSeconds,
        ))
      )
        break;
      await badges.destroyBefore(time);
    }
  } finally {
    await Promise.all(senders.map((sender) => sender.close()));
    await truth.write(truthPath);
    onEvent({ event: "stopped", ...total });
  }
}

/** Readings of one device in these steps that are newer than what it has staged before. */
function readingsOf(
  drawing: DeviceDrawing,
  steps: readonly Step[],
  through: number,
  spanSeconds: number,
  looseSeconds: number,
): readonly Saying[] {
  const records: SenmlRecord[] = [];
  for (const step of steps) {
    if (step.time <= through) continue;
    for (const { point, read } of drawing.sensors) {
      if (step.time % (point.interval ?? looseSeconds) !== 0) continue;
      records.push({ name: point.name, unit: point.unit, value: read(step), time: step.time });
    }
  }
  return packRecords(records, spanSeconds).map((pack) => ({ kind: "reading", records: pack }));
}

function lastTime({ records }: Saying): number {
  return records.at(-1)?.time ?? 0;
}

function lastStep(now: number): number {
  return Math.floor(now / stepSeconds) * stepSeconds;
}

const worldSchema = z.strictObject({ seed: z.int(), zone: z.string(), start: z.int() });

/** The world of an earlier start, or a new one whose past begins at a midnight of its zone. */
async function openWorld(path: string, config: SimulateConfig, now: number) {
  if (existsSync(path)) {
    const world = worldSchema.parse(JSON.parse(await readFile(path, "utf8")));
    if (world.seed !== config.seed) {
      throw new SimulatorError(
        "world.seed",
        `${path} is of seed ${world.seed}, got seed ${config.seed}; use that seed or another data folder`,
      );
    }
    return world;
  }
  const place = zone(config.zone);
  const wall = wallTimeAt(place, now - config.days * daySeconds);
  const midnight = place.instantsOf({ ...wall, hour: 0, minute: 0, second: 0 })[0];
  if (midnight === undefined) throw new Error(`expected a midnight in ${config.zone}`);
  const world = { seed: config.seed, zone: config.zone, start: midnight };
  await writeDurably(path, `${JSON.stringify(world)}\n`);
  return world;
}
