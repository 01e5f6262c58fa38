// The simulator's one face: a seeded building, its devices, and real data sets replayed.
export { type Step, simulateBuilding, stepSeconds } from "./building.ts";
export { devicesOf } from "./devices.ts";
export { drawPlan } from "./plan.ts";
export { type ReplayConfig, type ReplaySummary, replay } from "./replay.ts";
export { parseReplayMap, type ReplayMap } from "./replay-map.ts";
export { type SimulateConfig, type SimulateEvent, simulate } from "./simulate.ts";
export type { TruthFile } from "./truth.ts";
