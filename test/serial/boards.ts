// A building whose devices are boards on a serial line: ledger, gateway and bridge as real processes, the boards in here.

import { decode, decodeSign1, parseStatement, readEntries, toHex } from "@muniment/core";
import { openSerialBoard, type SerialBoard } from "../../simulator/serial-publisher.ts";
import { type Fleet, type FleetDevice, startFleet, until } from "../stack/fleet.ts";
import { type Product, startProduct } from "../stack/process.ts";

export const BRIDGE = "br-1";

/** What one device signed, and what it was told is durable. */
export interface Account {
  readonly device: FleetDevice;
  readonly signed: Map<number, Uint8Array>;
  readonly acknowledged: Set<number>;
  /** What it was told instead, by sequence number. */
  readonly refused: Map<number, string>;
}

export interface SerialFleet {
  readonly fleet: Fleet;
  bridge: Product;
  startBridge(path: string): Promise<Product>;
  health(): Promise<BridgeHealth>;
  close(): Promise<void>;
}

export interface BridgeHealth {
  readonly status: string;
  readonly problems: readonly string[];
  readonly building: string | null;
  readonly gateway: { readonly granted: number };
  readonly devices: { readonly bound: number };
  readonly counters: {
    readonly framesIn: number;
    readonly diagnostics: number;
    readonly lineOpened: number;
    readonly mqttConnected: number;
    readonly discards: Readonly<Record<string, number>>;
    readonly events: Readonly<Record<string, number>>;
    readonly answers: Readonly<Record<string, number>>;
    readonly results: Readonly<Record<string, number>>;
  };
}

/** Starts the stack with `count` boards bound to one bridge, whose port is at `path`. */
export async function startSerialFleet(count: number, path: string): Promise<SerialFleet> {
  const fleet = await startFleet(count, {
    bridge: BRIDGE,
    devicePrefix: "board",
    gatewayArgs: ["--batch-age-ms-max", "300"],
  });
  const startBridge = (serial: string): Promise<Product> =>
    startProduct([
      ...["bridge", "--data", fleet.data, "--id", BRIDGE, "--serial", serial],
      ...["--mqtt", `mqtt://127.0.0.1:${fleet.mqttPort()}`, "--ledger", fleet.ledgerUrl],
      ...["--http-port", "0", "--log-level", "warn"],
    ]);
  const stack: SerialFleet = {
    fleet,
    startBridge,
    bridge: await startBridge(path),
    health: async () =>
      (await (await fetch(`${String(stack.bridge.ready.http)}/health`)).json()) as BridgeHealth,
    async close() {
      await stack.bridge.stop();
      await fleet.close();
    },
  };
  await until("the bridge speaks for all boards", async () => {
    const { gateway } = await stack.health();
    return gateway.granted === count + 1;
  });
  return stack;
}

/** A board on a line that signs and sends one reading after the other, each until it was answered. */
export class Board {
  readonly board: SerialBoard;
  readonly account: Account;
  #stopped = false;

  constructor(device: FleetDevice, path: string, random: () => number, ackTimeoutMs?: number) {
    this.board = openSerialBoard({
      path,
      random,
      ...(ackTimeoutMs === undefined ? {} : { ackTimeoutMs }),
    });
    this.account = { device, signed: new Map(), acknowledged: new Set(), refused: new Map() };
  }

  /** Sends `count` readings, or as many as it can before stop(). */
  async send(count = Number.POSITIVE_INFINITY): Promise<void> {
    const { device, signed, acknowledged, refused } = this.account;
    const publisher = this.board.publisher({
      onResult({ sequence, result }) {
        if (result === "acknowledged") acknowledged.add(sequence);
        else refused.set(sequence, result);
      },
    });
    for (let sent = 0; sent < count && !this.#stopped; sent++) {
      const value = (sent % 400) / 10;
      const time = Math.floor(Date.now() / 1000) - 1_000_000 + device.sequence * 60;
      const statement = device.sign([{ name: "temp", unit: "Cel", value, time }]);
      signed.set(device.sequence, statement);
      await publisher.send({ sequence: device.sequence, statement });
    }
  }

  /** Ends the line. */
  async close(): Promise<void> {
    this.#stopped = true;
    await this.board.close();
  }

  /** No new readings; the one on its way is still sent until it is answered. */
  stop(): void {
    this.#stopped = true;
  }
}

/** What the gateway's own log holds of each account: nothing lost, nothing twice, nothing altered. */
export async function balance(
  fleet: Fleet,
  accounts: readonly Account[],
): Promise<{ readonly logged: number; readonly trouble: readonly string[] }> {
  const wanted = accounts.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
  const size = async (): Promise<number> =>
    Number((await (await fetch(`${fleet.gatewayUrl()}/checkpoint`)).text()).split("\n")[1]);
  await until("all acknowledged readings are in the log", async () => (await size()) > wanted);
  const end = await size();
  const entries = await readEntries(0, end, end, async (path) => {
    const response = await fetch(`${fleet.gatewayUrl()}/${path}`);
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
  });
  const byKey = new Map(accounts.map((account) => [kidOf(account), account]));
  const found = new Map<Account, Map<number, number>>();
  const trouble: string[] = [];
  for (const entry of entries.slice(1)) {
    const { kid, sequence } = parseStatement(entry);
    const account = byKey.get(toHex(kid));
    if (account === undefined) continue;
    const counts = found.get(account) ?? new Map<number, number>();
    found.set(account, counts.set(sequence, (counts.get(sequence) ?? 0) + 1));
    const own = account.signed.get(sequence);
    if (own === undefined || !Buffer.from(own).equals(entry))
      trouble.push(`altered: ${account.device.id} ${sequence}`);
  }
  for (const account of accounts) {
    const counts = found.get(account) ?? new Map<number, number>();
    for (const sequence of account.acknowledged)
      if (!counts.has(sequence)) trouble.push(`lost: ${account.device.id} ${sequence}`);
    for (const [sequence, times] of counts)
      if (times > 1) trouble.push(`${times} times: ${account.device.id} ${sequence}`);
    for (const [sequence, result] of account.refused)
      trouble.push(`refused: ${account.device.id} ${sequence} ${result}`);
  }
  return { logged: entries.length - 1, trouble };
}

function kidOf({ device, signed }: Account): string {
  const first = signed.get(1);
  if (first === undefined) throw new Error(`${device.id} never signed anything`);
  return toHex(parseStatement(first).kid);
}

/** The milliseconds that the gateway signed for. */
export function timeOf(signed: Uint8Array): number {
  const said = decode(decodeSign1(signed).payload);
  return said instanceof Map ? Number(said.get("time")) : Number.NaN;
}
