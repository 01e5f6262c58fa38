// The README's commands, run: what `npm start` prints is what the README says, its verify line verifies, and a second start continues.

import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../stack/fleet.ts";
import { ROOT, runProduct } from "../stack/process.ts";

let data: string;
const hasSocat = spawnSync("socat", ["-V"], { stdio: "ignore" }).status === 0;
if (!hasSocat) console.log("SKIPPED: the demo's serial line: no socat on this machine");

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "muniment-demo-"));
});

afterAll(async () => {
  await rm(data, { recursive: true, force: true });
});

/** Runs the demo until it says that it is live, then presses Ctrl-C, or does what `end` does. */
async function demo(
  end: (pid: number, output: string) => void | Promise<void> = (pid) =>
    void process.kill(pid, "SIGINT"),
): Promise<{ readonly output: string; readonly code: number | null }> {
  const args = [
    "demo",
    "--days",
    "2",
    "--data",
    data,
    "--port",
    "0",
    "--gateway-port",
    "0",
    "--mqtt-port",
    "0",
    "--bridge-port",
    "0",
  ];
  const child = spawn(process.execPath, ["muniment.mjs", ...args], { cwd: ROOT });
  let output = "";
  const live = new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk) => {
      output += chunk;
      if (output.includes("Ctrl-C stops everything")) resolve();
    });
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  await Promise.race([live, closed]);
  if (child.exitCode === null && child.pid !== undefined) await end(child.pid, output);
  return { code: await closed, output };
}

/** Lines without what differs from run to run: numbers, and the progress before the end. */
function shape(text: string): string[] {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  const told = lines.filter(
    (line) => line !== "" && (!line.startsWith("loading") || line.includes("100%")),
  );
  return [
    ...new Set(
      told.map((line) => line.replaceAll(data, "data").replace(/#+/g, "#").replace(/\d+/g, "N")),
    ),
  ];
}

test("npm start prints what the README says, and its verify line verifies", async () => {
  const { output, code } = await demo(async (pid, said) => {
    await floorsAreWhole(said);
    process.kill(pid, "SIGINT");
  });
  expect(code, output).toBe(0);
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  const said = /```\n(ledger {6}http[\s\S]*?)```/.exec(readme)?.[1];
  const printed = shape(output);
  for (const line of shape(said ?? "nothing"))
    if (hasSocat || !line.startsWith("serial")) expect(printed).toContain(line);
  if (!hasSocat) expect(output).toContain("floor 2 comes in over MQTT");

  const verify = /npx muniment (verify .*)/.exec(output)?.[1]?.trim().split(" ") ?? [];
  const trusted = await runProduct(verify);
  expect(trusted.code, trusted.stdout).toBe(0);
  const saidOfVerify = /```\n(ok {6}policy[\s\S]*?)```/.exec(readme)?.[1] ?? "nothing";
  const steps = (text: string) =>
    text
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/).slice(0, 2).join(" "));
  expect(steps(trusted.stdout)).toEqual(steps(saidOfVerify));

  const untrusted = await runProduct(verify.slice(0, 2));
  expect(untrusted.code).toBe(2);
  expect(untrusted.stdout).toContain("Consistent, issuer not trusted");

  const bundle = await readFile(verify[1]!, "utf8");
  const at = bundle.indexOf('"statement"') + 40;
  const spoiled = join(data, "spoiled.json");
  await writeFile(
    spoiled,
    `${bundle.slice(0, at)}${bundle[at] === "A" ? "B" : "A"}${bundle.slice(at + 1)}`,
  );
  const failed = await runProduct(["verify", spoiled, ...verify.slice(2)]);
  expect(failed.code).toBe(1);
  expect(failed.stdout).toMatch(/^failed\s+\S+/im);
}, 180_000);

test("a second start continues the same ledger and sends nothing twice", async () => {
  const { output, code } = await demo();
  expect(code, output).toBe(0);
  expect(output).toMatch(/devices {5}\d+ enrolled, 0 of them new/);
  const checked = await runProduct(["audit", "replay", "--data", data]);
  expect(checked.code, checked.stdout + checked.stderr).toBe(0);
}, 180_000);

test("when the demo itself is killed, every process that it started ends, and a start after that goes on", async () => {
  let children: readonly number[] = [];
  const { output } = await demo((pid) => {
    children = childrenOf(pid);
    process.kill(pid, "SIGKILL");
  });
  expect(children.length, output).toBe(hasSocat ? 5 : 3);
  await until("all of them ended", () => children.every((pid) => !isAlive(pid)));
  const again = await demo();
  expect(again.code, again.output).toBe(0);
  expect(again.output).toMatch(/enrolled, 0 of them new/);
}, 180_000);

/** Of the last whole day every sensor of every floor was heard, floor 2 by way of the serial line. */
async function floorsAreWhole(output: string): Promise<void> {
  const url = (label: string) => new RegExp(`${label}.*(http://[^\\s,]+)`).exec(output)?.[1];
  const midnight = Math.floor(Date.now() / 86_400_000) * 86_400_000;
  const period = new URLSearchParams({
    from: new Date(midnight - 86_400_000).toISOString(),
    to: new Date(midnight).toISOString(),
  });
  const answer = await fetch(`${url("ledger")}/api/v1/buildings/b1/rooms?${period}`);
  const { rooms } = (await answer.json()) as {
    rooms: { place: string; use: string; received: number; expected: number }[];
  };
  const sensed = rooms.filter(({ use }) => ["office", "meeting", "lobby"].includes(use));
  expect(sensed.filter(({ place }) => place.startsWith("b1/floor-2/")).length).toBe(6);
  for (const { place, received, expected } of sensed)
    expect([place, received]).toEqual([place, expected]);
  if (!hasSocat) return;
  const health = (await (await fetch(`${url("serial")}/health`)).json()) as {
    status: string;
    devices: { bound: number };
  };
  expect([health.status, health.devices.bound], JSON.stringify(health)).toEqual(["ok", 6]);
}

function childrenOf(pid: number): readonly number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => {
    const [child, parent, command] = line.trim().split(/\s+/);
    return Number(parent) === pid && command !== "ps" ? [Number(child)] : [];
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
