// A node's settings: flags over environment (`MUNIMENT_…`) over file over these defaults.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AlarmSettings } from "./alarms/settings.ts";
import { LedgerError } from "./errors.ts";

const Settings = z.strictObject({
  /** Folder of everything the node keeps: `ledger/` below it, and `keys/operator.pem`. */
  data: z.string().min(1).default("data"),
  /** Address to listen on. */
  host: z.string().min(1).default("127.0.0.1"),
  /** Port to listen on; 0 means any free one. */
  port: z.coerce.number().int().min(0).max(65_535).default(8480),
  /** Name of the ledger and of its log; fixed by genesis, so it counts at the first start only. */
  origin: z.string().min(1).default("ledger.muniment.example/demo"),
  /** File whose first line opens entries and evidence to callers from other machines. */
  accessTokenFile: z.string().min(1).optional(),
  /** Requests of one remote address a minute. */
  requestsPerMinuteMax: z.coerce.number().int().min(1).default(6_000),
  /** How often the node looks for access bodies that are past their retention clock. */
  retentionEveryMs: z.coerce.number().int().min(1_000).default(3_600_000),
  /** The built pages; by default those of this package. */
  pages: z.string().min(1).optional(),
  /** Channels and limits of the alarms; in the environment as JSON. */
  alarms: z.preprocess(parsedJson, AlarmSettings.optional()).optional(),
  logLevel: z.enum(["fatal", "error", "warn", "info", "debug", "silent"]).default("warn"),
});

export type NodeConfig = z.output<typeof Settings>;

/** What a caller may leave out: everything has a default. */
export type NodeSettings = z.input<typeof Settings>;

const TOKEN_CHARACTERS_MIN = 32;

/**
 * Settings from flags, environment and `<data>/ledger.json`, in this order of precedence.
 * Errors: `config.value`, naming the setting.
 */
export async function loadConfig(
  flags: NodeSettings = {},
  environment: NodeJS.ProcessEnv = {},
): Promise<NodeConfig> {
  const given = { ...fromEnvironment(environment), ...withoutUndefined(flags) };
  const file = join(String(given.data ?? Settings.shape.data.parse(undefined)), "ledger.json");
  const stored: unknown = existsSync(file) ? parseJson(file, await readFile(file, "utf8")) : {};
  const parsed = Settings.safeParse({ ...(stored as object), ...given });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new LedgerError("config.value", `${issue!.path.join(".") || file}: ${issue!.message}`);
  }
  return parsed.data;
}

/** A setting that may come as the JSON of an environment variable; what is not JSON is left to be refused. */
function parsedJson(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** The token of a file, or null without a file. Errors: `config.value` when it is too short to be a secret. */
export async function loadAccessToken(path: string | undefined): Promise<string | null> {
  if (path === undefined) return null;
  const token = (await readFile(path, "utf8")).split("\n")[0]!.trim();
  if (token.length < TOKEN_CHARACTERS_MIN || !/^[!-~]+$/.test(token)) {
    throw new LedgerError(
      "config.value",
      `accessTokenFile ${path}: expected ${TOKEN_CHARACTERS_MIN} or more printable characters, found ${token.length}`,
    );
  }
  return token;
}

/** `MUNIMENT_DATA` is shared by all parts; the rest begins with `MUNIMENT_LEDGER_`, such as `MUNIMENT_LEDGER_PORT`. */
function fromEnvironment(environment: NodeJS.ProcessEnv): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(Settings.shape)) {
    const words = name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
    const own = name === "data" ? words : `LEDGER_${words}`;
    const value = environment[`MUNIMENT_${own}`];
    if (value !== undefined) given[name] = value;
  }
  return given;
}

function withoutUndefined(settings: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function parseJson(file: string, text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
    throw new LedgerError("config.value", `${file}: expected an object`);
  } catch (cause) {
    if (cause instanceof LedgerError) throw cause;
    throw new LedgerError("config.value", `${file}: not JSON`, { cause });
  }
}
