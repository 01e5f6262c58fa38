// A gateway that comes back from an old backup: real processes, kill -9, and an account that must balance afterwards (D4, life of a reading 8).

import { cp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseCheckpoint, parseNote } from "@muniment/core";
import { expect, test } from "vitest";
import { Sender } from "../crash/sender.ts";
import { type Fleet, GATEWAY, startFleet, until } from "../stack/fleet.ts";
import { runProduct } from "../stack/process.ts";

const DEVICES = 3;
const SEND_EVERY_MS = 10;

interface Health {
  readonly status: string;
  readonly log: {
    readonly size: number;
    readonly anchoredSize: number;
    readonly pending: number;
    readonly lag: number;
  };
  readonly quarantine: { readonly count: number };
  readonly alarms: readonly { readonly code: string }[];
}

async function health(fleet: Fleet): Promise<Health> {
  return (await (await fetch(`${fleet.gatewayUrl()}/health`)).json()) as Health;
}

/** Standing of the gateway's entries in the ledger, by code. */
async function standing(fleet: Fleet): Promise<Readonly<Record<string, number>>> {
  const answer = (await (await fetch(`${fleet.ledgerUrl}/api/v1/gateways`)).json()) as {
    readonly items: readonly {
      readonly id: string;
      readonly standing: Readonly<Record<string, number>>;
    }[];
  };
  return answer.items.find(({ id }) => id === GATEWAY)?.standing ?? {};
}

async function anchored(fleet: Fleet, readings: number): Promise<boolean> {
  return (await health(fleet)).log.anchoredSize >= readings + 1;
}

test("a gateway restored from an old backup rebuilds its log, and goes on without loss or doubles", async () => {
  // Batches close late, so that the backup has readings which are acknowledged and in the journal alone.
  const fleet = await startFleet(DEVICES, { gatewayArgs: ["--batch-age-ms-max", "1500"] });
  const folder = join(fleet.data, "gateways", GATEWAY);
  const backup = join(fleet.data, "backup");
  const senders = fleet.devices.map((device) => new Sender(device, fleet.mqttPort, SEND_EVERY_MS));
  const again: Sender[] = [];
  const acked = () => senders.reduce((sum, sender) => sum + sender.acked.size, 0);
  const pending = () => senders.reduce((sum, sender) => sum + sender.pending(), 0);
  try {
    for (const sender of senders) sender.start();
    await until("a first batch is anchored, another waits", async () => {
      const { log } = await health(fleet);
      return log.anchoredSize > 1 && log.pending > 50;
    });
    await fleet.gateway.kill();
    await cp(folder, backup, { recursive: true });
    const note = parseNote(await readFile(join(backup, "log", "checkpoint"), "utf8"));
    const inBackup = parseCheckpoint(note.text).size;
    expect(inBackup - 1, "readings that only the journal of the backup has").toBeLessThan(acked());
    await fleet.restartGateway();
    const atBackup = acked();

    await until("much more is sent", () => acked() > atBackup + 1_000);
    for (const sender of senders) sender.pause();
    await until("all is acknowledged and anchored", async () => {
      return pending() === 0 && (await anchored(fleet, acked()));
    });
    const lost = await health(fleet);
    const anchoredNote = await (await fetch(`${fleet.gatewayUrl()}/checkpoint`)).text();
    await fleet.gateway.kill();
    await rm(folder, { recursive: true });
    await cp(backup, folder, { recursive: true });

    await fleet.restartGateway();
    await until("the log is rebuilt", async () => (await health(fleet)).status === "ok");
    const rebuilt = await health(fleet);
    expect(rebuilt.log.size).toBeGreaterThan(inBackup + 1_000);
    expect(rebuilt.log).toMatchObject({ size: lost.log.size, pending: 0, lag: 0 });
    expect(await (await fetch(`${fleet.gatewayUrl()}/checkpoint`)).text()).toBe(anchoredNote);

    // The devices forget what was acknowledged to them, and send everything again; then they go on with new readings.
    const before = acked();
    again.push(...fleet.devices.map((device) => new Sender(device, fleet.mqttPort, SEND_EVERY_MS)));
    for (const [at, sender] of again.entries()) {
      for (const [sequence, sent] of senders[at]!.sent) sender.sent.set(sequence, sent);
      senders[at]!.stop();
      sender.start();
    }
    const total = () => again.reduce((sum, sender) => sum + sender.acked.size, 0);
    await until("old and new readings are acknowledged", () => total() > before + 300);
    for (const sender of again) sender.pause();
    await until("all of it is anchored", async () => {
      return again.every((sender) => sender.pending() === 0) && (await anchored(fleet, total()));
    });
    for (const sender of again) sender.stop();

    expect(await health(fleet)).toMatchObject({
      status: "ok",
      quarantine: { count: 0 },
      log: { size: total() + 1 },
    });
    await until("the ledger counts each reading", async () => {
      const { counted = 0, late = 0 } = await standing(fleet);
      return counted + late >= total();
    });
    expect(await standing(fleet)).toEqual({ genesis: 1, counted: total() });
    for (const log of [join(folder, "log"), join(fleet.data, "ledger", "archive", GATEWAY)]) {
      const { code, stdout, stderr } = await runProduct(["fsck", log]);
      expect([code, stdout + stderr]).toEqual([0, expect.stringContaining("All agrees.")]);
    }
  } finally {
    for (const sender of [...senders, ...again]) sender.stop();
    await fleet.close();
  }
}, 120_000);
