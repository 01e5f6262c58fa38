// What really happened, step by step, written beside the ledger's data so that every figure can be checked against it.

import { dirname } from "node:path";
import { utf8 } from "@muniment/core";
import { makeDirectory, writeDurably } from "@muniment/core/files";
import type { Step } from "./building.ts";
import type { DeviceDrawing } from "./devices.ts";
import type { BuildingPlan } from "./plan.ts";

/** Collects the true value of every point at every time of its interval. */
export interface Truth {
  observe(step: Step): void;
  /** Replaces the file with all that was observed so far. */
  write(path: string): Promise<void>;
}

/** `truth.json`: `points[id].values[i]` is the true value at `from + i × interval` (unix seconds); events are counted per door and direction. */
export interface TruthFile {
  readonly format: "muniment-truth/1";
  readonly building: string;
  readonly zone: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly points: {
    readonly [id: string]: {
      readonly unit: string;
      readonly interval: number;
      readonly from: number;
      readonly values: readonly number[];
    };
  };
  readonly crossings: { readonly [device: string]: { readonly in: number; readonly out: number } };
}

/** An empty account of the building's life from `from` on. */
export function recordTruth(
  plan: BuildingPlan,
  seed: number,
  drawings: readonly DeviceDrawing[],
): Truth {
  const series = drawings.flatMap((drawing) =>
    drawing.sensors.flatMap(({ point, read }) =>
      point.interval === undefined
        ? []
        : [
            {
              id: `${drawing.device}.${point.name}`,
              point,
              interval: point.interval,
              read,
              from: 0,
              values: [] as number[],
            },
          ],
    ),
  );
  const crossings = new Map(
    drawings
      .filter(({ door }) => door !== undefined)
      .map(({ device, door }) => [device, { door, in: 0, out: 0 }]),
  );
  let from: number | null = null;
  let to = 0;

  return {
    observe(step) {
      from ??= step.time;
      to = step.time;
      for (const one of series) {
        if (step.time % one.interval !== 0) continue;
        if (one.values.length === 0) one.from = step.time;
        one.values.push(one.read(step));
      }
      for (const crossing of step.crossings) {
        for (const count of crossings.values()) {
          if (count.door === crossing.door) count[crossing.direction]++;
        }
      }
    },
    async write(path) {
      const file: TruthFile = {
        format: "muniment-truth/1",
        building: plan.id,
        zone: plan.zone,
        seed,
        from: from ?? 0,
        to,
        points: Object.fromEntries(
          series.map(({ id, point, interval, from: first, values }) => [
            id,
            { unit: point.unit, interval, from: first, values },
          ]),
        ),
        crossings: Object.fromEntries(
          [...crossings].map(([device, count]) => [device, { in: count.in, out: count.out }]),
        ),
      };
      await makeDirectory(dirname(path));
      await writeDurably(path, utf8(`${JSON.stringify(file)}\n`));
    },
  };
}
