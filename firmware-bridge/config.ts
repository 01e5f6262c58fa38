// The bridge's configuration: file < environment (MUNIMENT_…) < flag, checked once at the door.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { BridgeError } from "./errors.ts";

const count = z.coerce.number().int().positive();
const DATA_DEFAULT = "./data";

const schema = z.strictObject({
  /** Data folder; the bridge's own is `bridges/<id>` in it. */
  data: z.string().min(1).default(DATA_DEFAULT),
  /** The bridge is an enrolled device of this id. */
  id: z.string().regex(/^[a-z0-9-]{1,64}$/, "expected 1 to 64 of [a-z0-9-]"),
  /** The serial port: a tty, best by a name that stays (/dev/serial/by-id/…). */
  serial: z.string().min(1),
  baud: count.max(4_000_000).default(115_200),
  /** The gateway's broker. */
  mqtt: z.url({ protocol: /^mqtts?$/ }).default("mqtt://127.0.0.1:1883"),
  /** A ledger node: it says which devices are bound to this bridge. */
  ledger: z.url({ protocol: /^https?$/ }).default("http://127.0.0.1:8480"),
  host: z.string().min(1).default("127.0.0.1"),
  /** 0 = any free port. */
  httpPort: z.coerce.number().int().min(0).max(65_535).default(8482),
  /** How often the ledger is asked for the devices. */
  pollMs: count.default(30_000),
  logLevel: z.enum(["silent", "fatal", "error", "warn", "info", "debug", "trace"]).default("info"),
});

/** All set. */
export type BridgeConfig = z.output<typeof schema>;
/** What a caller may leave out. */
export type BridgeSettings = z.input<typeof schema>;

/** Fills in the defaults. Errors: `config.invalid`, naming the setting. */
export function bridgeConfig(settings: Readonly<Record<string, unknown>>): BridgeConfig {
  const result = schema.safeParse(settings);
  if (result.success) return result.data;
  throw new BridgeError("config.invalid", z.prettifyError(result.error));
}

/** Where a setting may come from; what is set further down counts. */
export interface ConfigSources {
  /** `bridge.json` in the bridge's folder when absent, if there is one. */
  readonly file?: string;
  /** `httpPort` is MUNIMENT_BRIDGE_HTTP_PORT, or what all parts share: MUNIMENT_HTTP_PORT. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly flags: Readonly<Record<string, unknown>>;
}

/** The configuration of a process. Errors: `config.invalid`. */
export function resolveConfig({ file, environment, flags }: ConfigSources): BridgeConfig {
  const over: Record<string, unknown> = {};
  for (const setting of Object.keys(schema.shape)) {
    const name = setting.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
    const named = environment[`MUNIMENT_BRIDGE_${name}`] ?? environment[`MUNIMENT_${name}`];
    const value = flags[setting] ?? (named === "" ? undefined : named);
    if (value !== undefined) over[setting] = value;
  }
  const path = file ?? environment.MUNIMENT_BRIDGE_CONFIG ?? ownFile(over);
  return bridgeConfig({ ...(path === null ? {} : readSettings(path)), ...over });
}

function ownFile({
  data = DATA_DEFAULT,
  id = "",
}: Readonly<Record<string, unknown>>): string | null {
  const path = join(bridgeDirectory({ data: String(data), id: String(id) }), "bridge.json");
  return existsSync(path) ? path : null;
}

function readSettings(path: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new BridgeError("config.invalid", `${path}: ${String(cause)}`, { cause });
  }
}

/** The bridge's own folder. */
export function bridgeDirectory({ data, id }: Pick<BridgeConfig, "data" | "id">): string {
  return join(data, "bridges", id);
}
