// The pages in a real browser on a real node: the main tasks of a facility manager, with figures held against the API and against sums made here (issue 3, item 5).
/// <reference lib="dom" />
import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { formatPolicy, makeVkey, signerFromSeed, verifyEvidence } from "@muniment/core";
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type DashboardStack,
  deskPersonsAt,
  hasBrowser,
  hvacShare,
  meetingPersonsAt,
  openMinutes,
  origin,
  patienceMs,
  ppmAt,
  quarterS,
  quarters,
  settled,
  startDashboard,
  uncounted,
  usableFt2,
  type Visit,
  visit,
  wattsAt,
  zone,
} from "./dashboard-stack.ts";

const waiting = { timeout: patienceMs };

describe.skipIf(!hasBrowser)(
  "the dashboard",
  () => {
    let stack: DashboardStack;
    let here: Visit;
    let page: Page;

    beforeAll(async () => {
      stack = await startDashboard();
    }, 240_000);

    afterAll(async () => {
      await stack?.close();
    });

    beforeEach(async () => {
      here = await visit(stack);
      page = here.page;
    });

    afterEach(async () => {
      await here.context.close();
      // No foreign request, no blocked resource, no error in the console, whatever the test did.
      expect(here.strays).toEqual([]);
    });

    const go = (path: string): Promise<void> => here.go(path);
    const api = async <Answer>(path: string): Promise<Answer> =>
      (await (await fetch(`${stack.node.url}/api/v1/${path}`)).json()) as Answer;
    const region = (name: string): Locator => page.getByRole("region", { name, exact: true });
    const csvOf = async (panel: Locator): Promise<string[][]> => {
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        panel
          .getByRole("button", { name: /^Download CSV/ })
          .first()
          .click(),
      ]);
      const text = await readFile((await file.path())!, "utf8");
      const lines = text.trimEnd().split("\r\n");
      return lines.map((line) =>
        [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
          ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
        ),
      );
    };

    // The world once more, from its definition: quarter-hours of whole days of the building.
    const dayOf = new Intl.DateTimeFormat("en-CA", { timeZone: zone });
    const clockOf = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      weekday: "short",
      hour: "numeric",
      minute: "numeric",
      hourCycle: "h23",
    });
    const timeOf = (n: number): number => (stack.firstS + n * quarterS) * 1_000;
    const local = (n: number) => {
      const part = Object.fromEntries(
        clockOf.formatToParts(timeOf(n)).map(({ type, value }) => [type, value]),
      );
      return {
        day: dayOf.format(timeOf(n)),
        weekday: String(part.weekday),
        hour: Number(part.hour),
        minutes: Number(part.hour) * 60 + Number(part.minute),
      };
    };
    /** Days that the readings cover whole, and their quarter-hours. */
    const wholeDays = (): { days: string[]; ns: number[]; query: string } => {
      const all = Array.from({ length: quarters }, (_, n) => n);
      const first = local(0).day;
      const last = local(quarters).day;
      const ns = all.filter((n) => local(n).day > first && local(n).day < last);
      const days = [...new Set(ns.map((n) => local(n).day))];
      return { days, ns, query: `from=${days[0]}&to=${days.at(-1)}` };
    };
    const isWeekend = (n: number): boolean => ["Sat", "Sun"].includes(local(n).weekday);
    const kwhOf = (ns: readonly number[]): number =>
      ns.reduce((sum, n) => sum + wattsAt(n) * quarterS, 0) / 3_600_000;
    const grouped = (value: number, digits = 0): string =>
      value.toLocaleString("en-US", {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      });
    const percent = (share: number): string => `${grouped(share * 100, 1)} %`;
    const usedShare = (): number => {
      const { days, ns } = wholeDays();
      const weekdays = days
        .map((day) => ns.filter((n) => local(n).day === day))
        .filter((quartersOfDay) => !isWeekend(quartersOfDay[0]!))
        .map((quartersOfDay) =>
          Math.max(...quartersOfDay.map((n) => deskPersonsAt(n) + meetingPersonsAt(n))),
        );
      return (
        weekdays.reduce((sum, persons) => sum + persons, 0) / weekdays.length / (usableFt2 / 150)
      );
    };
    const afterHoursKwh = (): number => {
      const [open, close] = openMinutes;
      return kwhOf(
        wholeDays().ns.filter((n) => {
          const { minutes } = local(n);
          return isWeekend(n) || minutes < open || minutes >= close;
        }),
      );
    };

    test("the portfolio says which building needs attention and why, and whose ledger it is", async () => {
      const { query, ns } = wholeDays();
      await go(`/?${query}`);
      expect(await page.title()).toBe("Buildings · Muniment");
      const findings = region("Findings");
      await findings.getByRole("link", { name: "Device mute-1 is silent" }).waitFor();
      await findings
        .getByRole("link", { name: `Used to ${percent(usedShare())} of its capacity, below 60 %` })
        .waitFor();
      const row = page.getByRole("row", { name: /Test Federal Building/ });
      for (const text of [percent(usedShare()), grouped(kwhOf(ns)), "Device-signed"])
        await row.getByText(text, { exact: true }).waitFor();
      await row.getByText(percent(afterHoursKwh() / kwhOf(ns)), { exact: true }).waitFor();
      // A building without a meter has no energy; it has not used nothing.
      const empty = page.getByRole("row", { name: /Empty Annex/ });
      expect((await empty.getByRole("cell").allTextContents()).slice(0, 3)).toEqual([
        "–",
        "–",
        "–",
      ]);
      const strip = region("Ledger status");
      await strip.getByText(origin, { exact: true }).waitFor();
      await strip.getByText("single operator").waitFor();
      await strip.getByText("Live", { exact: true }).waitFor();
      await strip.getByText(/\d\d:\d\d:\d\d UTC/).waitFor();
    });

    test("down from building to floor to room to point and up again, in the same range", async () => {
      const { query } = wholeDays();
      const said = new URLSearchParams(query).toString();
      await go(`/?${query}`);
      const steps = [
        ["Test Federal Building", "/buildings/b1"],
        ["First floor", "/buildings/b1/places/floor-1"],
        ["Reading room", "/buildings/b1/places/floor-1/room-101"],
        ["Air in the reading room", "/buildings/b1/points/room-1.co2"],
      ] as const;
      for (const [name, path] of steps) {
        await page.getByRole("main").getByRole("link", { name, exact: true }).first().click();
        await page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
        await settled(page);
        expect(page.url()).toBe(`${stack.node.url}${path}?${said}`);
      }
      const trail = page.getByRole("navigation", { name: "Breadcrumbs" });
      expect(await trail.getByRole("listitem").allTextContents()).toEqual([
        "Buildings",
        ...steps.map(([name]) => name),
      ]);
      for (const [name, path] of steps.slice(0, -1).toReversed()) {
        await trail.getByRole("link", { name, exact: true }).click();
        await page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
        expect(page.url()).toBe(`${stack.node.url}${path}?${said}`);
      }
      await trail.getByRole("link", { name: "Buildings" }).click();
      await page.getByRole("heading", { level: 1, name: "Buildings" }).waitFor();
      expect(page.url()).toBe(`${stack.node.url}/?${said}`);
    });

    test("is it used: utilization, persons by day and 168 hours are the API’s and those counted here", async () => {
      const { query, ns, days } = wholeDays();
      await go(`/buildings/b1/occupancy?${query}`);
      const used = region("Is it used?");
      await used.getByText(percent(usedShare()), { exact: true }).waitFor();
      await used.getByText("below 60 % of capacity").waitFor();
      await used.getByText(`${grouped(usableFt2)} usable ft² at 150 ft² a person`).waitFor();
      const byDay = await csvOf(region("Persons by day"));
      expect(byDay[0]?.slice(0, 3)).toEqual(["Day", "Persons", "Known from"]);
      expect(
        byDay.slice(1).map(([start, persons, source]) => [start, Number(persons), source]),
      ).toEqual(
        days.map((day) => {
          const ofDay = ns.filter((n) => local(n).day === day);
          const persons = Math.max(...ofDay.map((n) => deskPersonsAt(n) + meetingPersonsAt(n)));
          return [new Date(timeOf(ofDay[0]!)).toISOString(), persons, "counters"];
        }),
      );

      const week = region("Persons by weekday and hour");
      expect(await week.getByRole("cell").count()).toBe(168);
      const counted = ns.filter((n) => n < uncounted.from || n >= uncounted.to);
      const csv = (await csvOf(week)).slice(1);
      expect(csv.map(([day]) => day?.slice(0, 3))).toEqual(
        "Mon Tue Wed Thu Fri Sat Sun".split(" "),
      );
      for (const [day, ...cells] of csv)
        for (const [hour, cell] of cells.entries()) {
          const there = counted.filter(
            (n) => local(n).weekday === day?.slice(0, 3) && local(n).hour === hour,
          );
          const sum = there.reduce((total, n) => total + deskPersonsAt(n) + meetingPersonsAt(n), 0);
          if (there.length === 0) expect(cell).toBe("");
          else expect(Number(cell)).toBeCloseTo(sum / there.length, 6);
        }
    });

    test("a gap is a gap: the hour nobody was counted says so and the completeness shows it", async () => {
      const { query, ns } = wholeDays();
      await go(`/buildings/b1/occupancy?${query}`);
      const missed = ns.filter((n) => n >= uncounted.from && n < uncounted.to).length;
      const due = 2 * ns.length;
      const used = region("When is it used?");
      await used
        .getByText(`${grouped(due - 2 * missed)} of ${grouped(due)} readings`, { exact: true })
        .waitFor();
      const panel = region("Persons by hour");
      const slider = panel.getByRole("slider");
      await slider.focus();
      await page.keyboard.press("Home");
      const hours = Math.floor((uncounted.from - ns[0]!) / 4);
      for (let hour = 0; hour < hours; hour++) await page.keyboard.press("ArrowRight");
      // Where quarters and hours of the two do not meet, the gap spans two hours, each half heard.
      const aligned = (uncounted.from - ns[0]!) % 4 === 0;
      await panel
        .getByRole("status")
        .getByText(aligned ? /: no readings$/ : /of 8 readings$/)
        .waitFor();
      await panel.getByText("Readings missing").waitFor();
    });

    test("where the energy goes: total, after hours, uses and demand are the API’s and those summed here", async () => {
      const { query, ns } = wholeDays();
      const kwh = kwhOf(ns);
      await go(`/buildings/b1/energy?${query}`);
      const energy = region("Energy");
      await energy.getByText(grouped(kwh), { exact: true }).waitFor();
      await energy.getByText(`${grouped(ns.length)} of ${grouped(ns.length)} readings`).waitFor();
      await energy.getByText(percent(afterHoursKwh() / kwh), { exact: true }).waitFor();
      await energy.getByText(`${grouped(afterHoursKwh())} kWh outside opening hours`).waitFor();
      const greatest = Math.max(...ns.map(wattsAt)) / 1_000;
      await energy.getByText(grouped(greatest, 1), { exact: true }).waitFor();

      const uses = await csvOf(region("Uses"));
      expect(uses.slice(1).map(([name]) => name)).toEqual(["Heating", "Not seen by a sub-meter"]);
      expect(Number(uses[1]?.[1])).toBeCloseTo(kwh * hvacShare, 3);
      expect(Number(uses[1]?.[2])).toBeCloseTo(hvacShare, 6);
      expect(Number(uses[2]?.[1])).toBeCloseTo(kwh * (1 - hvacShare), 3);

      const profile = await api<{
        baseKw: number;
        peakLoadKw: number;
        loadDuration: { share: number; kw: number }[];
        week: { weekday: number; hour: number; meanKw: number }[];
      }>(
        `buildings/b1/energy/profile?from=${new Date(timeOf(ns[0]!)).toISOString()}&to=${new Date(timeOf(ns.at(-1)! + 1)).toISOString()}`,
      );
      await energy.getByText(grouped(profile.baseKw, 1), { exact: true }).waitFor();
      const curve = (await csvOf(region("Load duration"))).slice(1);
      expect(curve.map(([share, kw]) => ({ share: Number(share), kw: Number(kw) }))).toEqual(
        profile.loadDuration,
      );
      const sorted = ns.map((n) => wattsAt(n) / 1_000).toSorted((a, b) => b - a);
      expect(Number(curve[0]?.[1])).toBeCloseTo(sorted[0]!, 6);
      expect(Number(curve.at(-1)?.[1])).toBeCloseTo(sorted.at(-1)!, 6);

      const week = region("Demand by weekday and hour");
      expect(await week.getByRole("cell").count()).toBe(168);
      const monday = (await csvOf(week))[1]!;
      const nine = ns.filter((n) => local(n).weekday === "Mon" && local(n).hour === 9);
      const mean = nine.reduce((sum, n) => sum + wattsAt(n) / 1_000, 0) / nine.length;
      expect(Number(monday[10])).toBeCloseTo(mean, 6);
      expect(profile.week.find(({ weekday, hour }) => weekday === 1 && hour === 9)?.meanKw).toBe(
        Number(monday[10]),
      );
    });

    test("the load profile by pointer, by keys, as table and as CSV says the same", async () => {
      const [first, last] = [96, 192];
      const iso = (n: number): string => new Date(timeOf(n)).toISOString();
      const ns = Array.from({ length: last - first }, (_, n) => first + n);
      await go(`/buildings/b1/energy?from=${iso(first)}&to=${iso(last)}`);
      expect(await page.title()).toBe("Energy · Test Federal Building · Muniment");
      const panel = region("Load profile by 15 minutes");
      const kw = (n: number): string => `${(wattsAt(n) / 1_000).toFixed(1)} kW on average`;
      await panel.getByRole("slider").focus();
      await page.keyboard.press("Home");
      await panel.getByRole("status").getByText(kw(first)).waitFor();
      await page.keyboard.press("ArrowRight");
      await panel
        .getByRole("status")
        .getByText(kw(first + 1))
        .waitFor();
      await panel.getByText("Show as table").click();
      await expect.poll(() => panel.getByRole("row").count(), waiting).toBe(ns.length + 1);
      const csv = (await csvOf(panel)).slice(1);
      expect(csv).toHaveLength(ns.length);
      const sum = csv.reduce((total, line) => total + Number(line[1]), 0);
      expect(sum).toBeCloseTo(kwhOf(ns), 3);
      await panel.scrollIntoViewIfNeeded();
      const plot = (await panel.locator(".u-over").boundingBox())!;
      await page.mouse.move(plot.x + plot.width - 2, plot.y + plot.height / 2);
      await panel
        .getByRole("status")
        .getByText(kw(last - 1))
        .waitFor();
    });

    test("each derived figure tells its formula, one click away", async () => {
      await go("/buildings/b1/energy");
      await page
        .getByText(/^How this is computed/)
        .first()
        .click();
      await page.getByText("kWh outside opening hours ÷ kWh").waitFor();
      await go("/buildings/b1/occupancy");
      await page
        .getByText(/^How this is computed/)
        .first()
        .click();
      await page.getByText("mean persons ÷ (usable ft² ÷ 150)").waitFor();
      await page
        .getByText(/USE IT Act/)
        .first()
        .waitFor();
    });

    test("which room is overfull, and what its CSV says", async () => {
      const { query, ns } = wholeDays();
      await go(`/buildings/b1/rooms?${query}`);
      const table = page.getByRole("table", { name: "Rooms now and over the range" });
      const cabinet = table.getByRole("row", { name: /Cabinet/ });
      await cabinet.getByText("6 of 4 seats").waitFor();
      await table.getByRole("row", { name: /Store/ }).getByText("not counted").waitFor();
      const rows = await csvOf(region("Rooms now and over the range"));
      const columnOf = (title: string): number => rows[0]!.indexOf(title);
      const desk = rows.find(([name]) => name === "Reading room")!;
      expect(Number(desk[columnOf("Seats")])).toBe(30);
      expect(Number(desk[columnOf("Peak persons")])).toBe(Math.max(...ns.map(deskPersonsAt)));
      expect(Number(desk[columnOf("Greatest CO₂, ppm")])).toBeCloseTo(
        Math.max(...ns.map(ppmAt)),
        6,
      );
      const [open, close] = openMinutes;
      const whileOpen = ns.filter((n) => {
        const { minutes } = local(n);
        const counted = n < uncounted.from || n >= uncounted.to;
        return counted && !isWeekend(n) && minutes >= open && minutes < close;
      });
      const inUse = whileOpen.filter((n) => deskPersonsAt(n) > 0).length / whileOpen.length;
      expect(Number(desk[columnOf("Share of open hours in use")])).toBeCloseTo(inUse, 6);
      await cabinet.getByRole("link", { name: "Cabinet" }).click();
      await page.getByRole("heading", { level: 1, name: "Cabinet" }).waitFor();
      await settled(page);
      await region("Occupancy").getByText("6", { exact: true }).first().waitFor();
    });

    test("which device is silent, and which was born otherwise than enrolled", async () => {
      await go("/devices");
      await page.getByRole("link", { name: "Silent", exact: true }).click();
      const table = page.getByRole("table", { name: "Devices and how they do" });
      await expect
        .poll(() => table.getByRole("rowheader").allTextContents(), waiting)
        .toEqual(["mute-1"]);
      expect(page.url()).toContain("show=silent");
      await page.getByRole("link", { name: "With a problem" }).click();
      await table.getByRole("link", { name: "room-1", exact: true }).click();
      await page.getByRole("heading", { level: 1, name: "room-1" }).waitFor();
      await page.getByText("birth differs from the registry").waitFor();
      const born = page.getByRole("table", { name: "Points as the device declares them" });
      await born.getByRole("row", { name: /co2.*has another brick/ }).waitFor();
      await born.getByRole("row", { name: /people.*agrees/ }).waitFor();
    });

    test("why a message was refused, in words, and how the gateway does", async () => {
      await go("/gateways");
      const row = page.getByRole("row", { name: /gw-1/ });
      await row.getByText("active").waitFor();
      await row.getByText("1 signed by a key nobody enrolled").waitFor();
      await page.getByRole("link", { name: "Refused messages" }).click();
      await page.getByRole("cell", { name: "Signed by a key nobody enrolled" }).waitFor();
      await page.getByRole("cell", { name: /Enrol the device if it is yours/ }).waitFor();
      await page.getByRole("link", { name: "Signed by a key nobody enrolled: 1" }).click();
      await expect.poll(() => page.url(), waiting).toContain("standing=unknown-key");
    });

    test("a rule is added, its alarm rings without a reload, and somebody says that they know", async () => {
      await go("/alarms/rules");
      await page.getByLabel("Title").fill("Stuffy air");
      await page.getByLabel("Building").selectOption({ label: "Test Federal Building" });
      await page.getByLabel("Reading").selectOption({ label: "CO2 Level Sensor, ppm" });
      await page.getByLabel("Limit, ppm").fill("1400");
      await page.getByRole("button", { name: "Add the rule" }).click();
      await page.getByText("Rule “Stuffy air” is in force.").waitFor();
      await page.getByRole("row", { name: /Stuffy air.*above 1,400 ppm/ }).waitFor();

      await page.getByRole("link", { name: "Alarms", exact: true }).last().click();
      await page.getByText("No alarm is open.").waitFor();
      await stack.sayNow("room-1", { name: "co2", unit: "/", value: 0.0015 });
      const row = page.getByRole("row", { name: /Stuffy air/ });
      await row.getByText("1,500 ppm").waitFor();
      const masthead = page.getByRole("navigation", { name: "Main" });
      await masthead.getByRole("link", { name: /^Alarms\s*1 open$/ }).waitFor();
      await row.getByText("Acknowledge", { exact: false }).first().click();
      await row.getByLabel("Your name").fill("Facility desk");
      await row.getByLabel("Note, if any").fill("Window opened");
      await row.getByRole("button", { name: "I know" }).click();
      await page.getByText("No alarm is open.").waitFor();
      await masthead.getByRole("link", { name: "Alarms", exact: true }).waitFor();
      await page.getByRole("link", { name: "Acknowledged", exact: true }).click();
      await row.getByText("Facility desk").waitFor();
      await row.getByText("Window opened").waitFor();

      // A rule that cannot be is refused in the node's own words; a rule that goes takes its alarms along.
      await page.getByRole("link", { name: "Rules", exact: true }).click();
      await page.getByLabel("Title").fill("Stuffy air");
      await page.getByLabel("Rings when").selectOption({ label: "A device is silent" });
      await page.getByRole("button", { name: "Add the rule" }).click();
      await page.locator(".form .usa-error-message").waitFor();
      await page.getByRole("button", { name: "Remove Stuffy air" }).click();
      await page.getByText("No rule yet, so nothing rings.").waitFor();
    });

    test("what is said now is on the page without a reload, and not while it is paused", async () => {
      await go("/buildings/b1/rooms");
      const desk = page.getByRole("row", { name: /Reading room/ });
      const say = (value: number): Promise<void> =>
        stack.sayNow("room-1", { name: "people", unit: "count", value });
      await say(17);
      await desk.getByText("17 of 30", { exact: true }).waitFor();
      const asOf = page.locator(".range__as-of");
      await page.getByRole("button", { name: "Pause live updates" }).click();
      await page.getByText("Paused", { exact: true }).waitFor();
      const before = await asOf.textContent();
      await say(31);
      await stack.node.caughtUp();
      expect(await asOf.textContent()).toBe(before);
      await page.getByRole("button", { name: "Resume live updates" }).click();
      await desk.getByText("31 of 30", { exact: true }).waitFor();
      await desk.getByText("overfull").waitFor();
      await expect.poll(() => asOf.textContent(), waiting).not.toBe(before);
      await say(0);
      await desk.getByText("free", { exact: true }).waitFor();
    });

    test("the range is in the URL and the back button undoes it", async () => {
      await go("/buildings/b1");
      await page.getByRole("link", { name: "30 days" }).click();
      await expect.poll(() => page.url(), waiting).toContain("range=30d");
      await page.getByRole("link", { name: "Occupancy", exact: true }).click();
      await page.getByRole("heading", { name: "Persons by weekday and hour" }).waitFor();
      expect(page.url()).toContain("/occupancy?range=30d");
      await page.getByLabel("From", { exact: true }).fill("2026-01-05");
      await page.getByLabel("to", { exact: true }).fill("2026-01-06");
      await page.getByRole("button", { name: "Apply" }).click();
      await expect.poll(() => page.url(), waiting).toContain("from=2026-01-05&to=2026-01-06");
      await page.getByText("Mon, Jan 5, 00:00 – Wed, Jan 7, 00:00 EST").waitFor();
      await page.getByRole("link", { name: "Earlier" }).click();
      await page.getByText("Sat, Jan 3, 00:00 – Mon, Jan 5, 00:00 EST").waitFor();
      await page.goBack();
      await page.goBack();
      await expect.poll(() => page.url(), waiting).toContain("range=30d");
    });

    test("from a figure to a reading to its evidence, which verifies here and notices each forgery", async () => {
      await go("/buildings/b1/points");
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
      const policy = await (await fetch(`${stack.node.url}/policy`)).text();
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

    test("the data goes along in every format that the page offers", async () => {
      await go(`/buildings/b1/points?${wholeDays().query}`);
      const links = region("Exports").getByRole("link");
      const hrefs = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")!));
      expect(hrefs).toHaveLength(10);
      for (const href of hrefs) {
        const answer = await fetch(stack.node.url + href);
        expect([href, answer.status]).toEqual([href, 200]);
        expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(0);
      }
      const { ns } = wholeDays();
      const energy = hrefs.find((href) => /format=csv&of=energy/.test(href))!;
      const [head = "", ...lines] = (await (await fetch(stack.node.url + energy)).text())
        .trimEnd()
        .split(/\r?\n/);
      const at = head.split(",").indexOf("kwh");
      const sum = lines.reduce((total, line) => total + Number(line.split(",")[at]), 0);
      expect(sum).toBeCloseTo(kwhOf(ns), 3);
    });

    test("what the public sees: whole weeks, and small counts withheld in words", async () => {
      await go("/public");
      await page.getByRole("link", { name: "Test Federal Building" }).click();
      await page.getByRole("heading", { level: 1, name: "Test Federal Building" }).waitFor();
      await settled(page);
      const shown = await api<{
        days: { date: string; persons: number | null; suppressed: boolean }[];
      }>(`public/buildings/b1/days?from=${new Date(timeOf(0) - 30 * 86_400_000).toISOString()}`);
      const rows = page.getByRole("table", { name: "Public figures by day" }).getByRole("row");
      expect(shown.days.length).toBeGreaterThan(0);
      const texts = await rows.allTextContents();
      for (const { persons, suppressed } of shown.days) {
        const words = suppressed ? "withheld: few persons" : persons === null ? "no figure" : null;
        if (words !== null) expect(texts.some((text) => text.includes(words))).toBe(true);
      }
    });

    test("by keyboard alone from the portfolio to the values of a room", async () => {
      await go("/");
      const focused = (): Promise<string> =>
        page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
      const tabTo = async (text: RegExp): Promise<void> => {
        const tabsMax = 150;
        for (let n = 0; n < tabsMax; n++) {
          await page.keyboard.press("Tab");
          if (text.test(await focused())) return;
        }
        throw new Error(`not reached with ${tabsMax} tabs: ${text}`);
      };
      await page.keyboard.press("Tab");
      expect(await focused()).toBe("Skip to main content");
      await page.keyboard.press("Enter");
      expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
      await tabTo(/^Test Federal Building$/);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "Test Federal Building" }).waitFor();
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.tagName), waiting)
        .toBe("H1");
      await tabTo(/^Rooms$/);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 2, name: "Rooms" }).waitFor();
      await settled(page);
      await tabTo(/^Reading room$/);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "Reading room" }).waitFor();
      await settled(page);
      for (let n = 0; n < 150; n++) {
        await page.keyboard.press("Tab");
        if (await page.evaluate(() => document.activeElement?.getAttribute("role") === "slider"))
          break;
      }
      await page.keyboard.press("Home");
      await page
        .getByRole("status")
        .getByText(/persons on average/)
        .waitFor();
      await tabTo(/^Show as table/);
      await page.keyboard.press("Enter");
      await page
        .getByRole("table", { name: /^Persons by/ })
        .first()
        .waitFor();
    });

    test("what a node does not offer, and what is not there, is said calmly in its place", async () => {
      await page.route(/\/api\/v1\/buildings\/b1\/rooms/, (route) =>
        route.fulfill({
          status: 404,
          contentType: "application/problem+json",
          body: JSON.stringify({ title: "nothing is here", code: "request.not-found" }),
        }),
      );
      await go("/buildings/b1/rooms");
      await page.getByText("This ledger node does not offer the rooms.").waitFor();
      await go("/buildings/nobody");
      await page
        .getByRole("alert")
        .getByText(/Could not load the building/)
        .waitFor();
      await go("/nowhere");
      await page.getByRole("heading", { level: 1 }).waitFor();
    });
  },
  240_000,
);
