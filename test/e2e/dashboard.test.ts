// The pages in a real browser on a real node: main tasks, accessibility in light and dark, and a policy that nothing strays from (issue 2, item 6).
/// <reference lib="dom" />
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { formatPolicy, makeVkey, signerFromSeed, verifyEvidence } from "@muniment/core";
import { createNode, type LedgerNode } from "@muniment/ledger";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CoreGateway } from "./core-gateway.ts";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const here = existsSync(executablePath);
if (!here)
  console.warn(
    `SKIPPED: test/e2e/dashboard needs Chromium at ${executablePath} (apt-get install chromium, or set CHROMIUM)`,
  );

const dashboard = fileURLToPath(new URL("../../ledger/dashboard", import.meta.url));
const vite = fileURLToPath(new URL("../../node_modules/vite/bin/vite.js", import.meta.url));
const origin = "ledger.muniment.example/e2e";
const quarterS = 900;
const quarters = 8 * 96;
const wattsAt = (n: number): number => 40_000 + 1_000 * (n % 96);
const personsAt = (n: number): number => (n % 96 >= 36 && n % 96 < 68 ? 20 + (n % 7) : 0);

describe.skipIf(!here)("the dashboard", () => {
  let data: string;
  let node: LedgerNode;
  let gateway: CoreGateway;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let strays: string[];
  const nowS = Math.floor(Date.now() / 1_000 / quarterS) * quarterS;
  const firstS = nowS - quarters * quarterS;

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), "muniment-dashboard-"));
    const pages = join(data, "pages");
    // In a process of its own: under a test runner's NODE_ENV, React would be built for development.
    execFileSync(
      process.execPath,
      [vite, "build", dashboard, "--outDir", pages, "--logLevel", "error"],
      {
        env: { ...process.env, NODE_ENV: "production" },
      },
    );
    node = await createNode({ data, port: 0, origin, pages, logLevel: "error" }, {});
    gateway = await CoreGateway.enrol({
      ledger: node.url,
      origin,
      operatorKey: join(data, "keys", "operator.pem"),
      id: "gw-1",
      building: {
        building: "b1",
        name: "Test Federal Building",
        zone: "America/New_York",
        grossFt2: 120_000,
      },
      seed: 1,
    });
    await gateway.addDevice("meter-1", "b1", [
      {
        name: "energy",
        unit: "J",
        kind: "counter",
        interval: quarterS,
        brick: "Building_Electrical_Meter",
        label: "Main meter",
      },
    ]);
    await gateway.addDevice("people-1", "b1/floor-1", [
      {
        name: "occupancy",
        unit: "count",
        kind: "gauge",
        interval: quarterS,
        brick: "Occupancy_Count_Sensor",
        label: "Persons",
      },
    ]);
    await gateway.addDevice("stranger-1", "b1", [], true);
    let joules = 0;
    for (let day = 0; day < quarters / 48; day++) {
      const quarter = Array.from({ length: 48 }, (_, n) => day * 48 + n);
      const at = (n: number): number => firstS + n * quarterS;
      const energy = quarter.map((n) => {
        joules += n === 0 ? 0 : wattsAt(n - 1) * quarterS;
        return { name: "energy", unit: "J", value: joules, time: at(n) };
      });
      gateway.say("meter-1", energy, at(quarter.at(-1)!));
      const persons = quarter.map((n) => ({
        name: "occupancy",
        unit: "count",
        value: personsAt(n),
        time: at(n),
      }));
      gateway.say("people-1", persons, at(quarter.at(-1)!));
    }
    gateway.say("stranger-1", [{ name: "energy", unit: "J", value: 1, time: nowS }], nowS);
    await gateway.send();
    await node.caughtUp();
    browser = await chromium.launch({
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
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await node?.close();
    if (data) await rm(data, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await open();
  });

  afterEach(async () => {
    await context.close();
    // No foreign request, no blocked resource, no error in the console, whatever the test did.
    expect(strays).toEqual([]);
  });

  async function open(options: Parameters<Browser["newContext"]>[0] = {}): Promise<void> {
    await context?.close();
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    page = await context.newPage();
    strays = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(node.url) && !request.url().startsWith("blob:"))
        strays.push(request.url());
    });
    page.on("pageerror", (error) => strays.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !/status of 404/.test(message.text()))
        strays.push(message.text());
    });
  }

  async function go(path: string): Promise<void> {
    await page.goto(node.url + path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.locator(".loading").first().waitFor({ state: "detached" });
  }

  test("the portfolio lists the building with its week, and whose ledger it is", async () => {
    await go("/");
    expect(await page.title()).toBe("Buildings · Muniment");
    const row = page.getByRole("row", { name: /Test Federal Building/ });
    await row.getByText("Device-signed").waitFor();
    await row.getByText("120,000").waitFor();
    const strip = page.getByRole("region", { name: "Ledger status" });
    await strip.getByText(origin, { exact: true }).waitFor();
    await strip.getByText("single operator").waitFor();
    await strip.getByText("Live", { exact: true }).waitFor();
  });

  test("the building's energy is what the meters said, as text, chart, table and CSV", async () => {
    const [from, to] = [firstS + 96 * quarterS, firstS + 192 * quarterS];
    let joules = 0;
    for (let n = 96; n < 192; n++) joules += wattsAt(n) * quarterS;
    const kwh = Math.round(joules / 3_600_000).toLocaleString("en-US");
    const iso = (seconds: number): string => new Date(seconds * 1_000).toISOString();
    await go(`/buildings/b1?from=${iso(from)}&to=${iso(to)}`);
    expect(await page.title()).toBe("Test Federal Building · Muniment");
    const energy = page.getByRole("region", { name: "Energy", exact: true });
    await energy.getByText(kwh, { exact: true }).waitFor();
    await energy.getByText("96 of 96 readings").waitFor();

    const panel = energy.getByRole("region", { name: "Load profile by 15 minutes", exact: true });
    await panel.getByRole("slider").focus();
    await page.keyboard.press("Home");
    await panel
      .getByRole("status")
      .getByText(`${(wattsAt(96) / 1_000).toFixed(1)} kW on average`)
      .waitFor();
    await page.keyboard.press("ArrowRight");
    await panel
      .getByRole("status")
      .getByText(`${(wattsAt(97) / 1_000).toFixed(1)} kW on average`)
      .waitFor();

    await panel.getByText("Show as table").click();
    expect(await panel.getByRole("row").count()).toBe(97);
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      panel.getByRole("button", { name: /Download CSV/ }).click(),
    ]);
    const lines = (await readFile((await file.path())!, "utf8")).trimEnd().split("\r\n");
    expect(lines).toHaveLength(97);
    const sum = lines.slice(1).reduce((total, line) => total + Number(line.split(",")[1]), 0);
    expect(sum).toBeCloseTo(joules / 3_600_000, 3);
  });

  test("the range is in the URL and the back button undoes it", async () => {
    await go("/buildings/b1");
    await page.getByRole("link", { name: "14 days" }).click();
    await expect.poll(() => page.url()).toContain("range=14d");
    await page.getByRole("heading", { name: "Persons by weekday and hour" }).waitFor();
    await page.getByLabel("From").fill("2026-01-05");
    await page.getByLabel("to", { exact: true }).fill("2026-01-06");
    await page.getByRole("button", { name: "Apply" }).click();
    await expect.poll(() => page.url()).toContain("from=2026-01-05&to=2026-01-06");
    await page.getByText("Mon, Jan 5, 00:00 – Wed, Jan 7, 00:00 EST").waitFor();
    await page.goBack();
    await expect.poll(() => page.url()).toContain("range=14d");
  });

  test("from a figure to a reading to its evidence, which verifies here and notices each forgery", async () => {
    await go("/buildings/b1");
    await page.getByRole("link", { name: "Main meter" }).click();
    await page.getByRole("heading", { level: 1, name: "Main meter" }).waitFor();
    await page
      .getByRole("link", { name: /^Verify/ })
      .first()
      .click();
    await page.getByRole("heading", { name: "Verified", exact: true }).waitFor();
    expect(await page.locator(".step--passed").count()).toBe(7);
    expect(await page.locator(".step--failed, .step--open").count()).toBe(0);

    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download the bundle" }).click(),
    ]);
    const policy = await (await fetch(`${node.url}/policy`)).text();
    expect(verifyEvidence(await readFile((await file.path())!, "utf8"), { policy }).verdict).toBe(
      "verified",
    );

    for (const [button, step] of [
      ["Change the reading", "The device signed it"],
      ["Change the gateway’s proof", "The building’s gateway logged it"],
      ["Change the device’s key record", "The device signed it"],
    ] as const) {
      await page.getByRole("button", { name: button }).click();
      await page.getByRole("heading", { name: `Failed: ${step}?` }).waitFor();
    }
    await page.getByRole("button", { name: "Change the ledger’s entry" }).click();
    await page.getByRole("heading", { name: /^Failed: / }).waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    await page.getByRole("button", { name: "Restore" }).click();
    await page.getByRole("heading", { name: "Verified", exact: true }).waitFor();
  });

  test("under another pinned policy the same evidence is not believed", async () => {
    await go("/verify/gw-1/1");
    await page.getByRole("heading", { name: "Verified", exact: true }).waitFor();
    const signer = signerFromSeed(new Uint8Array(32).fill(9));
    const other = formatPolicy({
      logs: [makeVkey(origin, 1, signer.publicKey)],
      witnesses: new Map(),
      groups: new Map(),
      quorum: null,
    });
    await page.getByText("See the policy, or paste another").click();
    await page.getByLabel(/^Policy/).fill("no policy at all");
    await page.getByRole("button", { name: "Pin this policy" }).click();
    await page.getByText(/This is no policy/).waitFor();
    await page.getByLabel(/^Policy/).fill(other);
    await page.getByRole("button", { name: "Pin this policy" }).click();
    await page.getByRole("heading", { name: "Failed: The right people vouch for it?" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Failed: The right people vouch for it?" }).waitFor();
  });

  test("the ledger page names what does not count, and new commits arrive without a reload", async () => {
    await go("/ledger");
    await page
      .getByRole("cell", { name: "Signed by a key nobody enrolled", exact: true })
      .waitFor();
    const anchors = page.getByRole("row", { name: /Readings anchored/ });
    await expect.poll(() => anchors.count()).toBe(1);
    gateway.say("people-1", [{ name: "occupancy", unit: "count", value: 3, time: nowS }], nowS);
    await gateway.send();
    await expect.poll(() => anchors.count(), { timeout: 15_000 }).toBe(2);
    await page.getByRole("button", { name: "Pause live updates" }).click();
    await page.getByText("Paused", { exact: true }).waitFor();
  });

  test("the keyboard reaches the content first, and an unknown building is said plainly", async () => {
    await go("/buildings/nobody");
    await page
      .getByRole("alert")
      .getByText(/Could not load the building/)
      .waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(
      "Skip to main content",
    );
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
    await page.getByRole("link", { name: "Buildings" }).first().click();
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
  });

  const views = [
    "/",
    "/buildings/b1",
    "/buildings/b1/points/meter-1.energy",
    "/verify/gw-1/1",
    "/ledger",
    "/nowhere",
  ];
  for (const [colorScheme, width] of [
    ["light", 390],
    ["light", 1440],
    ["dark", 390],
    ["dark", 1024],
  ] as const)
    test(`no accessibility finding in ${colorScheme} at ${width} px, and nothing wider than the screen`, async () => {
      await open({ colorScheme, viewport: { width, height: 900 } });
      for (const view of views) {
        await go(view);
        const { violations } = await new AxeBuilder({ page })
          .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
          .analyze();
        expect(violations.map(({ id, nodes }) => `${view}: ${id} ${nodes[0]?.html}`)).toEqual([]);
        expect(
          await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
        ).toBe(true);
      }
    }, 180_000);

  test("the first load is at most 300 kB as sent", async () => {
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    let bytes = 0;
    session.on("Network.loadingFinished", ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await go("/");
    await page.evaluate(() => document.fonts.ready);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThanOrEqual(300_000);
  });
});
