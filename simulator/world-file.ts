// What must stay the same from start to start of one simulated building: `world.json` in its folder.
import { readFile } from "node:fs/promises";
import { isMissing, writeDurably } from "@muniment/core/files";
import * as z from "zod";
import { SimulatorError } from "./errors.ts";
import { wallTimeAt, zone } from "./zone.ts";

const orderSchema = z.strictObject({
  kind: z.enum(["stuck-valve", "stuck-damper", "drifting-sensor", "set-back-lost"]),
  room: z.string().nullable(),
  date: z.string().nullable(),
  days: z.int().nullable(),
});

const schema = z.strictObject({
  seed: z.int(),
  zone: z.string(),
  floors: z.int(),
  rooms: z.int(),
  people: z.int().nullable(),
  /** Null: drawn from the seed. */
  faults: z.array(orderSchema).nullable(),
  /** When the life begins: a midnight of the zone, unix seconds. */
  start: z.int(),
  /** How often it was started; devices count it as their resets. */
  starts: z.int(),
});

export type World = z.output<typeof schema>;
/** What a world is asked to be; the rest is decided at the first start. */
export type WorldWish = Omit<World, "start" | "starts"> & {
  /** First local day, YYYY-MM-DD; null for so many days before now. */
  readonly from: string | null;
  readonly days: number;
};

/** The world of an earlier start, started once more, or a new one. Throws world.differs when it was made otherwise. */
export async function openWorld(path: string, wish: WorldWish, now: number): Promise<World> {
  const { from, days, ...facts } = wish;
  const start = midnight(facts.zone, from, now - days * 86_400);
  if (start > now) throw new SimulatorError("world.future", `${from}, and it is not that day yet`);
  const before = await readWorld(path);
  if (before !== null) {
    if (from !== null && before.start !== start) {
      const was = new Date(before.start * 1000).toISOString();
      throw new SimulatorError("world.differs", `${path} begins at ${was}, not on ${from}`);
    }
    for (const name of Object.keys(facts) as (keyof typeof facts)[]) {
      const [was, is] = [before[name], facts[name]].map((value) => JSON.stringify(value));
      if (was !== is) {
        throw new SimulatorError(
          "world.differs",
          `${path} is of ${name} ${was}, got ${name} ${is}; use that or another data folder`,
        );
      }
    }
  }
  const world = before ?? { ...facts, start, starts: 0 };
  const started = { ...world, starts: world.starts + 1 };
  await writeDurably(path, `${JSON.stringify(started)}\n`);
  return started;
}

/** The end of a run of so many local days from the world's start, or null when it has none: unix seconds. */
export function endOf(
  world: World,
  { from, days }: Pick<WorldWish, "from" | "days">,
): number | null {
  if (from === null) return null;
  // Noon of the day after the last one: no change of clocks moves it to another date.
  return midnight(world.zone, null, world.start + days * 86_400 + 43_200);
}

/** The midnight that begins a date, or the day that holds an instant. */
function midnight(zoneName: string, date: string | null, instant: number): number {
  const here = zone(zoneName);
  const [year = 0, month = 0, day = 0] = (date ?? "").split("-").map(Number);
  const wall = date === null ? wallTimeAt(here, instant) : { year, month, day };
  const found = here.instantsOf({ ...wall, hour: 0, minute: 0, second: 0 })[0];
  if (found === undefined) throw new SimulatorError("world.differs", `no midnight in ${zoneName}`);
  return found;
}

async function readWorld(path: string): Promise<World | null> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (isMissing(error)) return null;
    throw new SimulatorError("world.differs", `${path} was written by another version`, {
      cause: error,
    });
  }
}
