// A board on a real pty, with bridge, gateway and ledger as real processes: what each answer means (F9).

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildAccessEvent, buildStatement, encode, signerFromSeed } from "@muniment/core";
import { encodeDiagnosticFrame } from "@muniment/firmware-bridge";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUILDING, until } from "../stack/fleet.ts";
import { runProduct } from "../stack/process.ts";
import { Board, BRIDGE, balance, type SerialFleet, startSerialFleet, timeOf } from "./boards.ts";
import { type Cable, openCable, sayIfSkipped } from "./cable.ts";
import { inWords, openRawBoard, type RawBoard } from "./raw-board.ts";

describe.skipIf(sayIfSkipped("boards on a serial line"))("a board on a serial line", () => {
  let folder: string;
  let cable: Cable;
  let stack: SerialFleet;
  let raw: RawBoard | null = null;
  const now = () => Math.floor(Date.now() / 1000);
  const reading = (device = 0) =>
    stack.fleet.devices[device]!.sign([{ name: "temp", unit: "Cel", value: 21.5, time: now() }]);
  const rawBoard = async (): Promise<RawBoard> => {
    raw ??= await openRawBoard(cable.ends[1]);
    return raw;
  };
  const quarantined = async (): Promise<readonly { device: string; reason: string }[]> => {
    const answer = await fetch(`${stack.fleet.gatewayUrl()}/quarantine?limit=100`);
    return ((await answer.json()) as { items: { device: string; reason: string }[] }).items;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "muniment-serial-"));
    cable = await openCable(folder, "line");
    stack = await startSerialFleet(3, cable.ends[0]);
  }, 120_000);
  afterAll(async () => {
    await raw?.close();
    await stack?.close();
    await cable?.unplug();
    await rm(folder, { recursive: true, force: true });
  });

  test("hears 2.04 for what is durable, and it is in the log once; and hears the time", async () => {
    const board = new Board(stack.fleet.devices[0]!, cable.ends[1], Math.random);
    await board.send(20);
    expect(board.account.acknowledged.size).toBe(20);
    for (let again = 0; again < 3; again++) {
      const time = await board.board.time();
      expect(Math.abs(timeOf(time!) - Date.now())).toBeLessThan(10_000);
    }
    await board.close();
    expect((await balance(stack.fleet, [board.account])).trouble).toEqual([]);
    const { counters, problems, building } = await stack.health();
    expect([problems, building]).toEqual([[], "b1"]);
    expect(counters.answers).toEqual({ "2.04": 20, "2.05": 3 });
    expect(counters.results).toEqual({ admitted: 20 });
  });

  test("hears of each statement what the gateway said of it", async () => {
    const board = await rawBoard();
    const first = reading();
    const other = stack.fleet.devices[0]!;
    expect(inWords(await board.post(first))).toBe("2.04");
    expect(inWords(await board.post(first))).toBe("2.04"); // a duplicate
    other.sequence -= 1;
    const conflict = other.sign([{ name: "temp", unit: "Cel", value: 1, time: now() }]);
    expect(inWords(await board.post(conflict))).toBe("4.09 conflict");
    const bent = reading();
    bent[bent.length - 1]! ^= 1;
    expect(inWords(await board.post(bent))).toBe("4.01 bad-signature");
    const unit = other.sign([{ name: "temp", unit: "W", value: 1, time: now() }]);
    expect(inWords(await board.post(unit))).toBe("4.00 unit-mismatch");
    expect(inWords(await board.post(new Uint8Array(0)))).toMatch(/^4\.00 cose\./);
    expect(inWords(await board.post(Uint8Array.of(1, 2, 3)))).toMatch(/^4\.00 cose\./);
    const { counters } = await stack.health();
    expect(counters.results).toMatchObject({ conflict: 1, "bad-signature": 1, "unit-mismatch": 1 });
    expect(counters.results.duplicate).toBe(1);
    // What names a key goes under its device's topic, what names none under the bridge's.
    const devices = (await quarantined()).map(({ device, reason }) => `${device} ${reason}`);
    expect(devices).toContain("board-0 conflict");
    expect(devices).toContain(`${BRIDGE} cose.structure`);
  });

  test("sends an access event with its body, as CBOR", async () => {
    const board = await rawBoard();
    const device = stack.fleet.devices[1]!;
    const { statement, body } = buildAccessEvent({
      ...{ iss: `urn:dev:os:32473-${device.id}`, sub: `${BUILDING}/lab`, signer: device.signer },
      ...{ issuedAt: now(), sequence: 1, salt: new Uint8Array(16).fill(7) },
      records: [{ name: "temp", unit: "Cel", value: 1, time: now() }],
    });
    expect(inWords(await board.post(statement))).toBe("4.00 body-missing");
    expect(inWords(await board.post(encode([statement, statement]), 60))).toMatch(/^4\.00 /);
    expect(inWords(await board.post(encode([statement, body]), 60))).toBe("2.04");
    expect(inWords(await board.post(encode([statement, body]), 60))).toBe("2.04");
  });

  test("of a stranger hears 4.01, and the gateway keeps what it said under the bridge's name", async () => {
    const board = await rawBoard();
    const signer = signerFromSeed(new Uint8Array(32).fill(9));
    const statement = buildStatement({
      ...{ iss: "urn:dev:os:32473-stranger", sub: "b1/lab", issuedAt: now(), sequence: 1, signer },
      records: [{ name: "temp", unit: "Cel", value: 1, time: now() }],
    });
    expect(inWords(await board.post(statement))).toBe("4.01 unknown-key");
    expect(await quarantined()).toContainEqual(
      expect.objectContaining({ device: BRIDGE, reason: "unknown-key" }),
    );
  });

  test("that was revoked hears 4.01", async () => {
    const { code, stdout, stderr } = await runProduct([
      ...["device", "revoke", "--device", stack.fleet.devices[2]!.id, "--reason", "stolen"],
      ...["--data", stack.fleet.data, "--ledger", stack.fleet.ledgerUrl],
    ]);
    expect(code, stdout + stderr).toBe(0);
    const board = await rawBoard();
    await until("the gateway knows", async () => inWords(await board.post(reading(2))) !== "2.04");
    expect(inWords(await board.post(reading(2)))).toBe("4.01 revoked-key");
  });

  test("is told when it says what no board should", async () => {
    const board = await rawBoard();
    const { counters: before } = await stack.health();
    expect(await board.ask({ code: "0.00", token: new Uint8Array(0) })).toMatchObject({
      type: "RST",
    });
    expect(await board.ask({ type: "NON" })).toMatchObject({ type: "RST" });
    expect(inWords(await board.ask({}))).toBe("4.04");
    expect(inWords(await board.post(reading(), 50))).toBe("4.15");
    board.write(longPost());
    expect(inWords(await board.next())).toBe("4.13");
    board.write(encodeDiagnosticFrame("boot 3: watchdog"));
    board.write(Buffer.from("c0a940000001e974c0", "hex"));
    expect(inWords(await board.post(reading()))).toBe("2.04");
    const { counters } = await stack.health();
    expect(counters.diagnostics).toBe(before.diagnostics + 1);
    expect(counters.discards).toMatchObject({ fcs: 1, "too-long": 1 });
    expect(counters.events).toMatchObject({ ping: 1, reset: 1 });
  });

  test("keeps its reading while the gateway is away, and while the ledger is", async () => {
    const board = await rawBoard();
    const statement = reading();
    await stack.fleet.gateway.kill();
    await until("the bridge noticed", async () =>
      (await stack.health()).problems.includes("gateway.offline"),
    );
    expect(inWords(await board.post(statement))).toBe("5.03 offline age 2");
    await stack.fleet.restartGateway();
    await until("it is back", async () => (await stack.health()).problems.length === 0);
    expect(inWords(await board.post(statement))).toBe("2.04");

    // Started without a ledger, the bridge knows its boards from its own folder.
    await stack.fleet.ledger.kill();
    expect(await stack.bridge.stop()).toBe(0);
    stack.bridge = await stack.startBridge(cable.ends[0]);
    await until(
      "it speaks for its boards",
      async () => (await stack.health()).gateway.granted === 4,
    );
    expect((await stack.health()).problems).toEqual(["ledger.unreachable"]);
    expect(inWords(await board.post(reading()))).toBe("2.04");
    await stack.fleet.restartLedger();
  });

  test("is seen on the pages", async () => {
    const http = String(stack.bridge.ready.http);
    const metrics = await (await fetch(`${http}/metrics`)).text();
    for (const line of [
      'muniment_bridge_answers_total{code="2.04"} 1',
      'muniment_bridge_statements_total{result="admitted"} 1',
      "muniment_bridge_frames_in_total 1",
      "muniment_bridge_line_open 1",
      "muniment_bridge_mqtt_up 1",
      "muniment_bridge_devices_bound 3",
    ])
      expect(metrics).toContain(line);
    expect((await fetch(`${http}/other`)).status).toBe(404);
    expect((await fetch(`${http}/health`, { method: "POST" })).status).toBe(405);
  });
});

/** A POST of 1,400 bytes with a good check sequence, from a board that does not know the limit. */
function longPost(): Uint8Array {
  const content = Buffer.concat([
    Buffer.from("a94202700755aab17211", "hex"),
    Buffer.from("12ff", "hex"),
    Buffer.alloc(1_400),
  ]);
  let fcs = 0xffff;
  for (const byte of content) {
    fcs ^= byte;
    for (let bit = 0; bit < 8; bit++) fcs = fcs & 1 ? (fcs >>> 1) ^ 0x8408 : fcs >>> 1;
  }
  fcs ^= 0xffff;
  return Buffer.concat([Buffer.of(0xc0), content, Buffer.of(fcs & 0xff, fcs >>> 8, 0xc0)]);
}
