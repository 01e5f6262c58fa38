// The simulator's one face: a seeded building, its devices, and real data sets replayed.
export { devicesOf } from "./devices.ts";
export { type ReplayConfig, type ReplaySummary, replay } from "./replay.ts";
export { parseReplayMap, type ReplayMap } from "./replay-map.ts";
export { type SimulateConfig, type SimulateEvent, simulate } from "./simulate.ts";
export type { TruthDay, TruthFile } from "./truth/truth-file.ts";
export { type Step, simulateBuilding, stepSeconds } from "./world/building.ts";
export { drawPlan } from "./world/plan.ts";
