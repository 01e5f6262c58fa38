// The gateway's configuration: file < environment (MUNIMENT_…) < flag, checked once at the door.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { GatewayError } from "./errors.ts";
import { brokerLimits } from "./ingest/broker.ts";
import { batchLimits } from "./log/policy.ts";
import { deliveryLimits } from "./sync/delivery.ts";

const port = z.coerce.number().int().min(0).max(65_535);
const count = z.coerce.number().int().positive();

const schema = z.strictObject({
  /** Data folder; the gateway's own is `gateways/<id>` in it. */
  data: z.string().min(1).default("./data"),
  id: z.string().regex(/^[a-z0-9-]{1,64}$/, "expected 1 to 64 of [a-z0-9-]"),
  host: z.string().min(1).default("127.0.0.1"),
  /** 0 = any free port. */
  mqttPort: port.default(1883),
  httpPort: port.default(8481),
  /** MQTT connections at a time. */
  clientsMax: count.max(65_535).default(brokerLimits.clientsMax),
  /** From a connection to the end of its CONNECT. */
  connectMsMax: count.max(600_000).default(brokerLimits.connectMsMax),
  /** How often a device that listens on down/time is told the time. */
  timeEveryMs: count.max(86_400_000).default(60_000),
  /** Threads that verify signatures. */
  workers: count.max(64).default(2),
  batchCountMax: count.max(batchLimits.batchCountMax).default(batchLimits.batchCountMax),
  batchBytesMax: count.max(batchLimits.batchBytesMax).default(batchLimits.batchBytesMax),
  batchAgeMsMax: count.default(batchLimits.batchAgeMsMax),
  journalBytesMax: count.default(8 * 1024 ** 3),
  journalSegmentBytesMax: count.max(1024 ** 3).default(64 * 1024 ** 2),
  quarantineBytesMax: count.max(16 * 1024 ** 3).default(1024 ** 3),
  quarantineClientBytesMax: count.default(64 * 1024 ** 2),
  /** How long one key seals bodies of access events on this disk; it is destroyed soon after the ledger has what it sealed. */
  bodyKeyMs: count.min(100).default(6 * 3_600_000),
  /** After so many days what lies in quarantine and may hold a body cannot be opened any more; at most the ledger's `retention.access`. */
  quarantineBodyDaysMax: count.default(30),
  /** `until-final` removes entry bundles once the ledger's archive holds them. */
  keepEntries: z.enum(["always", "until-final"]).default("always"),
  /** Ledger nodes, in the order in which they are asked, instead of those the gateway was commissioned with; trust is in the pinned policy (D14). */
  ledger: z
    .preprocess(
      (value) => (typeof value === "string" ? value.split(/[\s,]+/) : value),
      z.array(z.url({ protocol: /^https?$/ })).min(1),
    )
    .optional(),
  /** Shown to a ledger node that is not on this machine, to read this log's entries from its archive. */
  ledgerToken: z.string().min(1).optional(),
  registryPollMs: count.default(5_000),
  answerMsMax: count.default(deliveryLimits.answerMsMax),
  backoffBaseMs: count.default(deliveryLimits.backoffBaseMs),
  backoffMsMax: count.default(deliveryLimits.backoffMsMax),
  /** How long the start waits to learn where the ledger stands; readings are taken after that, whatever it says. */
  lookMsMax: count.default(5_000),
  logLevel: z.enum(["silent", "fatal", "error", "warn", "info", "debug", "trace"]).default("info"),
});

/** All set. */
export type GatewayConfig = z.output<typeof schema>;
/** What a caller may leave out. */
export type GatewaySettings = z.input<typeof schema>;

/** Fills in the defaults. Errors: `config.invalid`, naming the setting. */
export function gatewayConfig(settings: Readonly<Record<string, unknown>>): GatewayConfig {
  const result = schema.safeParse(settings);
  if (result.success) return result.data;
  throw new GatewayError("config.invalid", z.prettifyError(result.error));
}

/**
 * The configuration of a process: the file's settings, over them the environment's (`mqttPort` is
 * `MUNIMENT_GATEWAY_MQTT_PORT` or `MUNIMENT_MQTT_PORT`), over them the flags'.
 */
export function resolveConfig(from: {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file?: string;
}): GatewayConfig {
  const environment: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const suffix = name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
    const value =
      from.environment[`MUNIMENT_GATEWAY_${suffix}`] ?? from.environment[`MUNIMENT_${suffix}`];
    if (value !== undefined && value !== "") environment[name] = value;
  }
  const flags = Object.fromEntries(
    Object.entries(from.flags).filter(([, value]) => value !== undefined),
  );
  const over = { ...environment, ...flags };
  const file = from.file ?? environmentFile(from.environment, over);
  return gatewayConfig({ ...readSettings(file), ...over });
}

/** `MUNIMENT_GATEWAY_CONFIG`, else `gateway.json` in the gateway's folder when there is one. */
function environmentFile(
  environment: Readonly<Record<string, string | undefined>>,
  over: Readonly<Record<string, unknown>>,
): string | null {
  if (environment.MUNIMENT_GATEWAY_CONFIG !== undefined) return environment.MUNIMENT_GATEWAY_CONFIG;
  const path = join(
    String(over.data ?? "./data"),
    "gateways",
    String(over.id ?? ""),
    "gateway.json",
  );
  return existsSync(path) ? path : null;
}

function readSettings(path: string | null): Record<string, unknown> {
  if (path === null) return {};
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new GatewayError("config.invalid", `${path}: ${String(cause)}`, { cause });
  }
}

/** The gateway's own folder. */
export function gatewayDirectory(config: Pick<GatewayConfig, "data" | "id">): string {
  return join(config.data, "gateways", config.id);
}
