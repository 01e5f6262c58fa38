// Settings of the alarms: channels with their secrets in files, and limits. Part of the node's settings (config.ts).

import { readFile } from "node:fs/promises";
import { z } from "zod";
import { LedgerError } from "../errors.ts";

const ChannelName = z.string().regex(/^[a-z0-9-]{1,64}$/, "expected 1 to 64 of a-z, 0-9 and -");
const Address = z
  .string()
  .max(254)
  .regex(/^[^\s<>@,;:"\\]+@[A-Za-z0-9.-]+$/, "expected an address such as alarms@example.gov");

const Webhook = z.strictObject({
  name: ChannelName,
  /** Where it is posted to. Whoever answers with a redirect is not followed. */
  url: z.url({ protocol: /^https?$/ }).refine((url) => new URL(url).username === "", {
    message: "expected no password in an address: requests are signed",
  }),
  /** Its first lines are secrets, `whsec_` and base64; each signs, so that one can follow another. */
  secretFile: z.string().min(1),
});

const Smtp = z
  .strictObject({
    name: ChannelName.default("email"),
    host: z.string().min(1),
    port: z.coerce.number().int().min(1).max(65_535).optional(),
    /** `starttls`: refused where it is not offered; `tls`: from the first byte; `none`: on this machine only, or without a password. */
    security: z.enum(["starttls", "tls", "none"]).default("starttls"),
    /** Two lines: user, password. */
    authFile: z.string().min(1).optional(),
    /** Certificates (PEM) to trust instead of those that this machine trusts. */
    caFile: z.string().min(1).optional(),
    from: Address,
    to: z.array(Address).min(1).max(50),
  })
  .refine(
    ({ security, authFile, host }) =>
      security !== "none" || authFile === undefined || isThisMachine(host),
    { message: "expected starttls or tls where a password is sent", path: ["security"] },
  );

/** Settings of the alarms, as the node's file gives them under `alarms`. */
export const AlarmSettings = z
  .strictObject({
    webhooks: z.array(Webhook).max(16).default([]),
    smtp: Smtp.optional(),
    /** Address of the pages, for links in messages. */
    pageUrl: z.url({ protocol: /^https?$/ }).optional(),
    /** Alarms found later than this after they opened are history: nobody is told. */
    tellWithinSeconds: z.coerce.number().int().min(1).default(86_400),
    /** Alarms told one by one in a window, on each channel; the rest come as one summary. */
    stormMax: z.coerce.number().int().min(1).default(20),
    stormWindowSeconds: z.coerce.number().int().min(1).default(600),
    /** A message that could not be delivered for so long is given up. */
    giveUpSeconds: z.coerce.number().int().min(1).default(86_400),
    /** Longest wait for an answer. */
    answerMsMax: z.coerce.number().int().min(100).max(120_000).default(20_000),
    /** The wait before the second attempt; it doubles from then on, to an hour at most. */
    retryMsMin: z.coerce.number().int().min(10).default(5_000),
  })
  .refine(
    ({ webhooks, smtp }) => {
      const names = [
        ...webhooks.map(({ name }) => name),
        ...(smtp === undefined ? [] : [smtp.name]),
      ];
      return new Set(names).size === names.length;
    },
    { message: "expected channels with different names", path: ["webhooks"] },
  );
export type AlarmSettings = z.output<typeof AlarmSettings>;
export type SmtpSettings = NonNullable<AlarmSettings["smtp"]>;

const secretPrefix = "whsec_";
/** Standard Webhooks: 24 to 64 bytes. */
const secretBytesMin = 24;
const secretBytesMax = 64;
const secretsMax = 4;

/** The secrets of a webhook, newest first. Errors: `config.value`, naming the file and never what is in it. */
export async function loadSecrets(path: string): Promise<readonly Uint8Array[]> {
  const lines = (await readSetting(path)).split(/\r?\n/).filter((line) => line !== "");
  const secrets = lines.map((line) => {
    const text = line.startsWith(secretPrefix) ? line.slice(secretPrefix.length) : "";
    return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, "base64") : Buffer.alloc(0);
  });
  const fits = ({ length }: Uint8Array): boolean =>
    length >= secretBytesMin && length <= secretBytesMax;
  if (secrets.length === 0 || secrets.length > secretsMax || !secrets.every(fits))
    throw new LedgerError(
      "config.value",
      `${path}: expected 1 to ${secretsMax} lines, each ${secretPrefix} and the base64 of ${secretBytesMin} to ${secretBytesMax} bytes`,
    );
  return secrets;
}

/** User and password. Errors: `config.value`, naming the file and never what is in it. */
export async function loadLogin(
  path: string,
): Promise<{ readonly user: string; readonly pass: string }> {
  const [user = "", pass = ""] = (await readSetting(path)).split(/\r?\n/);
  if (user === "" || pass === "")
    throw new LedgerError("config.value", `${path}: expected two lines, user and password`);
  return { user, pass };
}

/** Certificates in PEM. Errors: `config.value`. */
export async function loadCertificates(path: string): Promise<string> {
  const text = await readSetting(path);
  if (!text.includes("-----BEGIN CERTIFICATE-----"))
    throw new LedgerError("config.value", `${path}: expected certificates in PEM`);
  return text;
}

async function readSetting(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new LedgerError("config.value", `${path}: cannot be read`, { cause });
  }
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
