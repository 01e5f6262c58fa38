// Every page for everybody: no accessibility finding at three widths in light and dark, on paper too, and light to load (issue 3, item 5).
/// <reference lib="dom" />
import { AxeBuilder } from "@axe-core/playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DashboardStack, hasBrowser, startDashboard, visit } from "./dashboard-stack.ts";

/** One of each page, and of each way a page can look. */
const views = [
  "/",
  "/buildings/b1",
  "/buildings/b1/occupancy",
  "/buildings/b1/rooms",
  "/buildings/b1/energy",
  "/buildings/b1/points",
  "/buildings/b1/places/floor-1",
  "/buildings/b1/places/floor-1/room-101",
  "/buildings/b1/points/meter-1.energy",
  "/buildings/b1?from=2020-01-01&to=2020-01-07",
  "/buildings/b2",
  "/buildings/b2/occupancy",
  "/buildings/nobody",
  "/verify/gw-1/1",
  "/alarms",
  "/alarms/rules",
  "/devices",
  "/devices/room-1",
  "/gateways",
  "/quarantine",
  "/ledger",
  "/public",
  "/public/b1?range=30d",
  "/nowhere",
] as const;

const loadBytesMax = 300_000;

describe.skipIf(!hasBrowser)("every page", () => {
  let stack: DashboardStack;

  beforeAll(async () => {
    stack = await startDashboard();
    // An alarm, so that the pages with one are looked at too.
    const { node } = stack;
    const rule = {
      id: "stuffy",
      title: "Stuffy air",
      kind: "above",
      where: { building: "b1", brick: "CO2_Level_Sensor" },
      limit: 0.0014,
    };
    const answer = await fetch(`${node.url}/api/v1/alarm-rules`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(rule),
    });
    expect(answer.status).toBe(201);
    await stack.sayNow("room-1", { name: "co2", unit: "/", value: 0.0015 });
    await node.caughtUp();
  }, 240_000);

  afterAll(async () => {
    await stack?.close();
  });

  for (const [colorScheme, width, opened] of [
    ["light", 390, false],
    ["dark", 390, false],
    ["dark", 1024, false],
    ["light", 1440, true],
  ] as const)
    test(`no accessibility finding in ${colorScheme} at ${width} px${opened ? " with all details open" : ""}, nothing wider than the screen, nothing the policy blocks`, async () => {
      const here = await visit(stack, { colorScheme, viewport: { width, height: 900 } });
      const { page } = here;
      for (const view of views) {
        await here.go(view);
        if (opened)
          for (const summary of await page.locator("details > summary").all())
            await summary.click();
        const { violations } = await new AxeBuilder({ page })
          .options({ resultTypes: ["violations"] })
          .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
          .analyze();
        expect(violations.map(({ id, nodes }) => `${view}: ${id} ${nodes[0]?.html}`)).toEqual([]);
        const over = await page.evaluate(
          () => document.documentElement.scrollWidth - window.innerWidth,
        );
        expect([view, over <= 0]).toEqual([view, true]);
      }
      await here.context.close();
      expect(here.strays).toEqual([]);
    }, 600_000);

  test("on paper the figures stay and the controls go, and the file has a structure", async () => {
    const here = await visit(stack);
    await here.go("/buildings/b1");
    await here.page.emulateMedia({ media: "print" });
    expect(await here.page.getByRole("button", { name: "Apply" }).isVisible()).toBe(false);
    expect(await here.page.getByText("Utilization").first().isVisible()).toBe(true);
    const pdf = await here.page.pdf({ tagged: true, outline: true, format: "Letter" });
    expect(pdf.includes("/StructTreeRoot")).toBe(true);
    await here.context.close();
  }, 240_000);

  test("nothing jumps while a page loads", async () => {
    for (const width of [390, 1440]) {
      const here = await visit(stack, { viewport: { width, height: 900 } });
      await here.page.addInitScript(() => {
        const shifts: number[] = [];
        Object.assign(window, { shifts });
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) shifts.push(Reflect.get(entry, "value"));
        }).observe({ type: "layout-shift", buffered: true });
      });
      for (const view of ["/", "/buildings/b1", "/buildings/b1/energy", "/devices", "/alarms"]) {
        await here.go(view);
        const sum = await here.page.evaluate(() =>
          (Reflect.get(window, "shifts") as number[]).reduce((total, shift) => total + shift, 0),
        );
        // Web Vitals calls up to 0.1 good.
        expect([view, width, sum <= 0.1]).toEqual([view, width, true]);
      }
      await here.context.close();
    }
  }, 240_000);

  test("the first load is at most 300 kB as sent", async () => {
    const here = await visit(stack);
    const session = await here.context.newCDPSession(here.page);
    await session.send("Network.enable");
    let bytes = 0;
    session.on("Network.loadingFinished", ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await here.go("/");
    await here.page.evaluate(() => document.fonts.ready);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThanOrEqual(loadBytesMax);
    await here.context.close();
  }, 240_000);
});
