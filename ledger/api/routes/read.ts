// Everything under /api/v1: what the read model answers (formats, "HTTP (ledger node)").

import type { FastifyPluginAsync } from "fastify";
import type { App } from "../app.ts";
import { registerBuildingEnergy } from "./building-energy.ts";
import { registerBuildingOccupancy } from "./building-occupancy.ts";
import { registerBuildings } from "./buildings.ts";
import { registerDevices } from "./devices.ts";
import { registerEnergyBaseline } from "./energy-baseline.ts";
import { type EventSources, registerEvents } from "./events.ts";
import { registerLedger } from "./ledger.ts";
import { registerPoints } from "./points.ts";
import { registerPublic } from "./public.ts";
import { registerRooms } from "./rooms.ts";

/** Registers all routes of /api/v1. Refusals are QueryErrors; the application makes problems of them (RFC 9457). */
export async function registerReadRoutes(app: App, sources: EventSources): Promise<void> {
  const versioned: FastifyPluginAsync = async (scope) => {
    const routes: App = scope.withTypeProvider();
    registerBuildings(routes, sources);
    registerBuildingEnergy(routes, sources);
    registerEnergyBaseline(routes, sources);
    registerBuildingOccupancy(routes, sources);
    registerRooms(routes, sources);
    registerPublic(routes, sources);
    registerPoints(routes, sources);
    registerDevices(routes, sources);
    registerLedger(routes, sources);
    await registerEvents(routes, sources);
  };
  await app.register(versioned, { prefix: "/api/v1" });
}
