// A small building with everything that an export must get right: a clock change, a gap, a reset, a late reading, a correction, a manual meter.

import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { buildStatement, type SenmlRecord } from "@muniment/core";
import fastify, { type LightMyRequestResponse } from "fastify";
import { createAccessCheck } from "../../ledger/api/access.ts";
import type { App } from "../../ledger/api/app.ts";
import { registerProblems } from "../../ledger/api/problem.ts";
import { registerExportRoutes } from "../../ledger/api/routes/exports.ts";
import { registerReadRoutes } from "../../ledger/api/routes/read.ts";
import { MemorySources, signerNamed, urnOf } from "../../ledger/read-model/memory-sources.ts";
import { createReadModel, type ReadModel } from "../../ledger/read-model/read-model.ts";

/** Local midnight before the day on which clocks go forward in New York: 23 hours, 92 quarter-hours. */
export const FROM = "2026-03-07T05:00:00.000Z";
export const TO = "2026-03-10T04:00:00.000Z";
export const quarterMs = 900_000;
export const start = Date.parse(FROM);
export const quarters = (Date.parse(TO) - start) / quarterMs;

export const NAME = '=Hall, "North" & <South>';
/** Joules of the main meter in a quarter-hour, as it says them; quarter 100 never came. */
export const mainJoules = (quarter: number): number => 1_000_001 + quarter * 7;
export const MISSING = 100;
/** The counter: heard in these quarters, with these totals; between 40 and 60 a gap, at 80 a meter that was replaced. */
export const counted = (quarter: number): number =>
  quarter >= 80 ? (quarter - 80) * 5_001 : 9_000_000 + quarter * 4_999;
export const heard = (quarter: number): boolean => quarter <= 40 || quarter >= 60;

export interface SampleBuilding {
  readonly app: App;
  readonly readModel: ReadModel;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

/** Starts the API over the building; `token` closes what needs one. */
export async function startSampleBuilding(token: string | null = null): Promise<SampleBuilding> {
  const world = furnished();
  const readModel = await createReadModel({
    consensus: world.ledger,
    archive: world.archive,
    path: ":memory:",
    workers: 0,
  });
  await readModel.caughtUp();
  const app: App = fastify({
    ajv: { customOptions: { removeAdditional: false } },
    forceCloseConnections: true,
  }).withTypeProvider<TypeBoxTypeProvider>();
  registerProblems(app);
  const sources = { readModel, consensus: world.ledger, archive: world.archive };
  registerExportRoutes(app, {
    ...sources,
    mayReadEntries: createAccessCheck({ host: "127.0.0.1", token }),
  });
  await registerReadRoutes(app, sources);
  return {
    app,
    readModel,
    get: (path, headers = {}) =>
      app.inject({ method: "GET", url: `/api/v1/${path}`, headers: { ...headers } }),
    close: async () => {
      await app.close();
      await readModel.close();
    },
  };
}

function furnished(): MemorySources {
  const world = new MemorySources(start);
  world.building("b1", "America/New_York", { name: NAME });
  world.building("b2", "UTC");
  world.place("b1", "building");
  world.place("b1/floor-1", "floor", { label: "First floor" });
  world.place("b1/floor-1/room-101", "room", { label: "-Room 101", use: "meeting", seats: 8 });
  world.place("b1/yard", "outside");
  world.gateway("gw-1", "b1");
  const energy = (kind: string, brick: string, label?: string) => [
    { name: "energy", unit: "J", kind, interval: 900, brick, ...(label ? { label } : {}) },
  ];
  world.device("main", "b1", energy("interval", "Building_Electrical_Meter", "@Main & <all>"));
  world.device("sub", "b1/plant", energy("counter", "Electrical_Meter"));
  world.device("roof", "b1/yard", energy("counter", "PV_Generation_System"));
  world.device("bill", "b1", energy("interval", "Building_Electrical_Meter"), { trust: "manual" });
  world.device("room", "b1/floor-1/room-101", [
    {
      name: "people",
      unit: "count",
      kind: "gauge",
      interval: 900,
      brick: "Occupancy_Count_Sensor",
    },
    { name: "co2", unit: "/", kind: "gauge", interval: 900, brick: "CO2_Level_Sensor" },
    { name: "odd", unit: "Gy", kind: "gauge", brick: "Flux_Capacitor_Sensor" },
    { name: "plain", unit: "Cel", kind: "gauge" },
  ]);

  const main = sender("main", "b1");
  const all = Array.from({ length: quarters }, (_, q) => q);
  const entries: Uint8Array[] = [];
  for (const q of all) {
    if (q === MISSING) continue;
    entries.push(main(q + 1, reading("energy", "J", mainJoules(q), q)));
  }
  // Quarter 5 is corrected, quarter 6 is corrected to what it was.
  const sub = sender("sub", "b1/plant");
  for (const q of [...all, quarters]) {
    // The reading of quarter 10 is sent after that of quarter 11.
    const at = q === 10 ? 11 : q === 11 ? 10 : q;
    if (heard(at)) entries.push(sub(at + 1, reading("energy", "J", counted(at), at)));
  }
  const roof = sender("roof", "b1/yard");
  for (const q of [...all, quarters])
    entries.push(roof(q + 1, reading("energy", "J", q * 1_801, q)));
  const bill = sender("bill", "b1");
  for (const q of all.slice(0, 10))
    entries.push(bill(q + 1, reading("energy", "J", mainJoules(q), q)));
  const room = sender("room", "b1/floor-1/room-101");
  for (const q of all) {
    const pack = [
      ...reading("people", "count", q % 9, q),
      ...reading("co2", "/", 0.0004 + q / 1_000_000, q),
    ];
    entries.push(room(q + 1, pack));
  }
  entries.push(room(quarters + 1, reading("plain", "Cel", -1.5, 0)));
  entries.push(main(quarters + 1, reading("energy", "J", 5, 5)));
  world.anchor("gw-1", entries, Date.parse(TO));
  return world;
}

function sender(device: string, place: string) {
  return (sequence: number, records: readonly SenmlRecord[]): Uint8Array =>
    buildStatement({
      signer: signerNamed(device),
      iss: urnOf(device),
      sub: place,
      issuedAt: Math.floor(start / 1000),
      sequence,
      records,
    });
}

function reading(name: string, unit: string, value: number, quarter: number): SenmlRecord[] {
  return [{ name, unit, value, time: (start + quarter * quarterMs) / 1000 }];
}
