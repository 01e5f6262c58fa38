// What the tests of the pages look at: a real node with a building of known readings, and a browser that notices every stray.
/// <reference lib="dom" />
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { birthRecords, type SenmlRecord } from "@muniment/core";
import { createNode, type LedgerNode } from "@muniment/ledger";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { CoreGateway } from "./core-gateway.ts";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** Whether there is a browser to look with; says aloud when there is none. */
export const hasBrowser: boolean = existsSync(executablePath);
if (!hasBrowser)
  console.warn(
    `SKIPPED: test/e2e/dashboard needs Chromium at ${executablePath} (apt-get install chromium, or set CHROMIUM)`,
  );

const dashboard = fileURLToPath(new URL("../../ledger/dashboard", import.meta.url));
const vite = fileURLToPath(new URL("../../node_modules/vite/bin/vite.js", import.meta.url));

export const origin = "ledger.muniment.example/e2e";
export const zone = "America/New_York";
export const quarterS = 900;
export const quarters: number = 8 * 96;
/** Opening hours, Monday to Friday, in minutes of the day. */
export const openMinutes: readonly [number, number] = [8 * 60, 18 * 60];
export const usableFt2 = 15_000;
/** A slow machine is no failure. */
export const patienceMs = 60_000;

/** What was true in quarter-hour `n`. Nobody was counted in `uncounted`. */
export const wattsAt = (n: number): number => 40_000 + 1_000 * (n % 96);
export const hvacShare = 0.4;
export const deskPersonsAt = (n: number): number =>
  n % 96 >= 36 && n % 96 < 68 ? 20 + (n % 7) : 0;
export const meetingPersonsAt = (n: number): number => (n % 96 >= 40 && n % 96 < 44 ? 6 : 0);
export const ppmAt = (n: number): number => 420 + 10 * deskPersonsAt(n);
export const uncounted = { from: 300, to: 304 } as const;

export interface DashboardStack {
  readonly node: LedgerNode;
  readonly gateway: CoreGateway;
  readonly browser: Browser;
  /** Start of the first quarter-hour with readings, in unix seconds. */
  readonly firstS: number;
  /** A device says something now, and the gateway delivers it; each time a second later at least. */
  sayNow(device: string, record: Pick<SenmlRecord, "name" | "unit" | "value">): Promise<void>;
  close(): Promise<void>;
}

interface PointFacts {
  readonly name: string;
  readonly unit: string;
  readonly kind?: "gauge" | "counter";
  readonly brick: string;
  readonly label: string;
}

const point = ({ kind = "gauge", ...facts }: PointFacts) => ({
  ...facts,
  kind,
  interval: quarterS,
});
const energy = (brick: string, label: string) =>
  point({ name: "energy", unit: "J", kind: "counter", brick, label });
const people = (label: string) =>
  point({ name: "people", unit: "count", brick: "Occupancy_Count_Sensor", label });

/** Builds the pages, starts a node, fills it, launches the browser. */
export async function startDashboard(): Promise<DashboardStack> {
  const data = await mkdtemp(join(tmpdir(), "muniment-dashboard-"));
  const pages = join(data, "pages");
  // In a process of its own: under a test runner's NODE_ENV, React would be built for development.
  execFileSync(
    process.execPath,
    [vite, "build", dashboard, "--outDir", pages, "--logLevel", "error"],
    { env: { ...process.env, NODE_ENV: "production" } },
  );
  const node = await createNode({ data, port: 0, origin, pages, logLevel: "error" }, {});
  const gateway = await CoreGateway.enrol({
    ledger: node.url,
    origin,
    operatorKey: join(data, "keys", "operator.pem"),
    id: "gw-1",
    building: {
      building: "b1",
      name: "Test Federal Building",
      zone,
      grossFt2: 120_000,
      usableFt2,
      hours: [0, 1, 2, 3, 4, 5, 6].map((day) => (day === 0 || day === 6 ? [] : [[...openMinutes]])),
    },
    seed: 1,
  });
  const nowS = Math.floor(Date.now() / 1_000 / quarterS) * quarterS;
  const firstS = nowS - quarters * quarterS;
  await furnish(gateway);
  await live(gateway, firstS, nowS);
  await node.caughtUp();
  let saidS = nowS;
  const browser = await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  return {
    ...{ node, gateway, browser, firstS },
    sayNow: async (device, record) => {
      saidS = Math.max(saidS + 1, Math.floor(Date.now() / 1_000));
      gateway.say(device, [{ ...record, time: saidS }], saidS);
      await gateway.send();
    },
    close: async () => {
      await browser.close();
      await node.close();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Places and devices; a second building is registered and nothing more. */
async function furnish(gateway: CoreGateway): Promise<void> {
  await gateway.transact("place.register", {
    building: "b1",
    places: [
      { place: "b1/floor-1", kind: "floor", label: "First floor" },
      {
        place: "b1/floor-1/room-101",
        kind: "room",
        use: "office",
        label: "Reading room",
        seats: 30,
      },
      { place: "b1/floor-1/room-102", kind: "room", use: "meeting", label: "Cabinet", seats: 4 },
      { place: "b1/floor-1/store", kind: "room", use: "storage", label: "Store" },
    ],
  });
  await gateway.transact("building.register", { building: "b2", name: "Empty Annex", zone });
  await gateway.addDevice("meter-1", "b1", [energy("Building_Electrical_Meter", "Main meter")]);
  await gateway.addDevice("meter-2", "b1/floor-1", [energy("Electrical_Meter", "Heating")]);
  await gateway.addDevice("room-1", "b1/floor-1/room-101", [
    people("Persons in the reading room"),
    point({ name: "co2", unit: "/", brick: "CO2_Level_Sensor", label: "Air in the reading room" }),
  ]);
  await gateway.addDevice("room-2", "b1/floor-1/room-102", [people("Persons in the cabinet")]);
  const mute = { name: "temp", unit: "Cel", brick: "Air_Temperature_Sensor", label: "Cellar" };
  await gateway.addDevice("mute-1", "b1/floor-1", [point(mute)]);
  await gateway.addDevice("stranger-1", "b1", [], true);
}

/** Eight days of readings, a birth that differs from the registry, a device that falls silent, and a stranger. */
async function live(gateway: CoreGateway, firstS: number, nowS: number): Promise<void> {
  const at = (n: number): number => firstS + n * quarterS;
  const birth = { name: "co2", unit: "/", brick: "CO2_Sensor" };
  const boot = {
    points: [{ name: "people", unit: "count", brick: "Occupancy_Count_Sensor" }, birth],
  };
  gateway.say("room-1", birthRecords({ ...boot, boot: "start 1" }, at(0)), at(0));
  gateway.say("mute-1", [{ name: "temp", unit: "Cel", value: 14, time: at(0) }], at(0));
  const joules = joulesByQuarter();
  const perStatement = 48;
  for (let first = 0; first < quarters; first += perStatement) {
    const span = Array.from({ length: perStatement }, (_, n) => first + n);
    const say = (
      device: string,
      record: { readonly name: string; readonly unit: string },
      value: (n: number) => number,
      unheard: (n: number) => boolean = () => false,
    ): void => {
      const records: SenmlRecord[] = span
        .filter((n) => !unheard(n))
        .map((n) => ({ ...record, value: value(n), time: at(n) }));
      gateway.say(device, records, at(span.at(-1)!));
    };
    const unheard = (n: number): boolean => n >= uncounted.from && n < uncounted.to;
    say("meter-1", { name: "energy", unit: "J" }, (n) => joules[n]!);
    say("meter-2", { name: "energy", unit: "J" }, (n) => Math.round(joules[n]! * hvacShare));
    say("room-1", { name: "people", unit: "count" }, deskPersonsAt, unheard);
    say("room-1", { name: "co2", unit: "/" }, (n) => ppmAt(n) / 1e6);
    say("room-2", { name: "people", unit: "count" }, meetingPersonsAt, unheard);
  }
  gateway.say("stranger-1", [{ name: "energy", unit: "J", value: 1, time: nowS }], nowS);
  await gateway.send();
}

/** Where the counter stands at the start of each quarter-hour. */
function joulesByQuarter(): readonly number[] {
  const joules = [0];
  for (let n = 1; n < quarters; n++) joules.push(joules[n - 1]! + wattsAt(n - 1) * quarterS);
  return joules;
}

/** One visit: a browser of its own, and everything in it that should not have been. */
export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Foreign requests, blocked resources, errors in the console. What the node refuses (4xx) is an answer. */
  readonly strays: string[];
  go(path: string): Promise<void>;
}

/** Opens a browser window. */
export async function visit(
  { browser, node }: DashboardStack,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  const strays: string[] = [];
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
      console.error(`CSP ${violatedDirective} ${blockedURI}`),
    );
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(node.url) && !request.url().startsWith("blob:"))
      strays.push(request.url());
  });
  page.on("pageerror", (error) => strays.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text()))
      strays.push(message.text());
  });
  return {
    ...{ context, page, strays },
    go: async (path) => {
      await page.goto(node.url + path);
      await settled(page);
    },
  };
}

/** Until the page has its heading and nothing on it is still loading. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForFunction(() => document.querySelector(".loading") === null);
}
