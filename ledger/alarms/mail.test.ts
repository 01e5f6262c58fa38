// Mail through a real SMTP server: implicit TLS, STARTTLS with a password, threads, and what is refused.

import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type Alarm, closeAlarm, openAlarm } from "./alarm.ts";
import type { Attempt } from "./channel.ts";
import type { Delivery } from "./delivery.ts";
import { createMail } from "./mail.ts";
import type { SmtpSettings } from "./settings.ts";

let folder: string;
let certificate: { readonly key: Buffer; readonly cert: Buffer } | null = null;
const servers: SMTPServer[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muniment-mail-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const made = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost"],
    ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
  ]);
  if (made.status === 0) certificate = { key: await readFile(key), cert: await readFile(cert) };
});
afterEach(async () => {
  for (const server of servers.splice(0))
    await new Promise<void>((resolve) => server.close(() => resolve()));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: string | null;
  readonly head: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A server on a free port, and the mails it took. */
async function startServer(
  options: SMTPServerOptions,
): Promise<{ readonly port: number; readonly mails: Mail[] }> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        mails.push({
          from: session.envelope.mailFrom === false ? "" : session.envelope.mailFrom.address,
          to: session.envelope.rcptTo.map(({ address }) => address),
          secure: session.secure,
          user: session.user === undefined ? null : String(session.user),
          head: headOf(text),
          text: decoded(text),
        });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => undefined);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.server.address() as AddressInfo).port, mails };
}

function headOf(text: string): Readonly<Record<string, string>> {
  const [head = ""] = text.split("\r\n\r\n");
  const lines = head.replace(/\r\n[ \t]+/g, " ").split("\r\n");
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

/** Quoted-printable undone, as far as these letters use it. */
function decoded(text: string): string {
  return text
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const base: SmtpSettings = {
  name: "email",
  host: "localhost",
  port: 0,
  security: "none",
  from: "alarms@example.gov",
  to: ["manager@example.gov", "desk@example.gov"],
};

const opened = Date.UTC(2026, 5, 1, 18, 5);
function alarmOf(says = "dev.co2 (b1/lab) reads 1240 ppm, above 1000 ppm"): Alarm {
  const subject = {
    id: "dev.co2",
    kind: "point" as const,
    building: "b1",
    place: "b1/lab",
    unit: "ppm",
    brick: null,
    zone: "America/New_York",
  };
  const facts = {
    rule: "co2",
    ruleSince: 0,
    subject,
    severity: "critical" as const,
    title: "CO2 too high",
    says,
  };
  const proof = { gateway: "gw-1", index: 7, point: "dev.co2", time: opened, clockless: false };
  const change = { kind: "raised" as const, at: opened, since: opened, value: 1_240, worst: 1_240 };
  return openAlarm({ ...facts, proof, foundAt: opened, historyMs: 1_000 }, change);
}
function deliveryOf(event: "opened" | "closed", alarm: Alarm): Delivery {
  return {
    id: `${alarm.id}_email_${event}_${alarm.reopened}`,
    channel: "email",
    event,
    alarm: alarm.id,
    state: "waiting",
    createdAt: 0,
    dueAt: 0,
    attempts: 0,
    at: 0,
    error: null,
    content: { kind: "alarm", alarm },
  };
}

function send(
  settings: Partial<SmtpSettings>,
  delivery: Delivery,
  more: { readonly login?: { user: string; pass: string }; readonly trust?: boolean } = {},
): Promise<Attempt> {
  const channel = createMail({
    settings: { ...base, ...settings },
    login: more.login ?? null,
    certificates: more.trust === false || certificate === null ? null : certificate.cert.toString(),
    pageUrl: "https://ledger.example.gov/alarms",
    answerMsMax: 2_000,
  });
  return channel.send(delivery, opened + 1_000, new AbortController().signal);
}

it("says the alarm in text and HTML, in the building's own time, and threads by alarm", async () => {
  const { port, mails } = await startServer({ disabledCommands: ["STARTTLS", "AUTH"] });
  const alarm = alarmOf("<b>dev.co2</b> reads 1240 ppm");
  expect(await send({ port }, deliveryOf("opened", alarm))).toEqual({ ok: true, note: null });
  const closed = closeAlarm(alarm, opened + 600_000, "cleared");
  expect(await send({ port }, deliveryOf("closed", closed))).toEqual({ ok: true, note: null });
  const [first, second] = mails as [Mail, Mail];
  expect(first).toMatchObject({ from: "alarms@example.gov", to: base.to });
  expect(first.head).toMatchObject({
    subject: "[critical] CO2 too high: dev.co2",
    "message-id": `<${alarm.id}_email_opened_0@example.gov>`,
    "auto-submitted": "auto-generated",
    date: "Mon, 01 Jun 2026 18:05:01 +0000",
  });
  expect(first.head["in-reply-to"]).toBeUndefined();
  expect(first.head["content-type"]).toMatch(/^multipart\/alternative/);
  expect(first.text).toContain(
    "Opened: 2026-06-01, 14:05:00 America/New_York (2026-06-01T18:05:00.000Z)",
  );
  expect(first.text).toContain("Evidence: entry 7 of gateway gw-1, dev.co2");
  expect(first.text).toContain("https://ledger.example.gov/alarms");
  expect(first.text).toContain("<p>&lt;b&gt;dev.co2&lt;/b&gt; reads 1240 ppm.</p>");
  expect(second.head).toMatchObject({
    subject: "[closed] CO2 too high: dev.co2",
    "in-reply-to": first.head["message-id"],
    references: first.head["message-id"],
  });
  expect(second.text).toContain("after 10 minutes");
});

it("logs in over STARTTLS, and sends nothing where that is not offered", async (context) => {
  if (certificate === null) {
    console.warn("SKIPPED: STARTTLS, because openssl made no certificate");
    context.skip();
    return;
  }
  const asked: (string | undefined)[] = [];
  const { port, mails } = await startServer({
    ...certificate,
    authOptional: false,
    onAuth({ username, password }, session, done) {
      asked.push(username);
      expect(session.secure).toBe(true);
      if (password === "pw") done(null, { user: String(username) });
      else done(new Error("wrong"));
    },
  });
  const settings = { port, security: "starttls" } as const;
  const login = { user: "node", pass: "pw" };
  const delivery = deliveryOf("opened", alarmOf());
  expect(await send(settings, delivery, { login })).toEqual({ ok: true, note: null });
  expect(mails).toMatchObject([{ secure: true, user: "node" }]);
  const wrong = await send(settings, delivery, { login: { user: "node", pass: "no" } });
  expect(wrong).toMatchObject({ ok: false, error: "SMTP 535, EAUTH" });
  // A certificate that nobody vouches for.
  expect(await send(settings, delivery, { login, trust: false })).toMatchObject({ ok: false });

  const plain = await startServer({ disabledCommands: ["STARTTLS"], authOptional: true });
  expect(await send({ port: plain.port, security: "starttls" }, delivery, { login })).toMatchObject(
    {
      ok: false,
    },
  );
  expect(await send({ port: plain.port, security: "starttls" }, delivery)).toMatchObject({
    ok: false,
  });
  expect(plain.mails).toEqual([]);
  expect(asked).toEqual(["node", "node"]);
});

it("speaks TLS from the first byte", async (context) => {
  if (certificate === null) {
    console.warn("SKIPPED: TLS, because openssl made no certificate");
    context.skip();
    return;
  }
  const { port, mails } = await startServer({ ...certificate, secure: true });
  expect(await send({ port, security: "tls" }, deliveryOf("opened", alarmOf()))).toMatchObject({
    ok: true,
  });
  expect(mails).toMatchObject([{ secure: true }]);
});

it("tells refusals by their status: of the letter, of one address, and of a server that is not there", async () => {
  const { port } = await startServer({
    disabledCommands: ["STARTTLS", "AUTH"],
    onRcptTo({ address }, _session, done) {
      done(
        address.startsWith("desk") ? Object.assign(new Error("who?"), { responseCode: 550 }) : null,
      );
    },
  });
  const delivery = deliveryOf("opened", alarmOf());
  expect(await send({ port }, delivery)).toEqual({ ok: true, note: "1 of 2 addresses refused" });
  expect(await send({ port, to: ["desk@example.gov"] }, delivery)).toMatchObject({
    ok: false,
    error: expect.stringMatching(/^SMTP 550/),
  });
  await new Promise<void>((resolve) => servers.pop()!.close(() => resolve()));
  const absent = await send({ port }, delivery);
  expect(absent).toMatchObject({ ok: false, error: expect.stringMatching(/ECONN|ESOCKET/) });
  expect(JSON.stringify(absent)).not.toContain("127.0.0.1");
});

it("files hold the secrets, and messages about them do not", async () => {
  const { loadLogin, loadSecrets, AlarmSettings } = await import("./settings.ts");
  const path = join(folder, "secret");
  const good = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  await writeFile(path, `${good}\n${good}\n`);
  expect(await loadSecrets(path)).toEqual([Buffer.alloc(32, 7), Buffer.alloc(32, 7)]);
  for (const text of ["", "hunter2hunter2hunter2", "whsec_c2hvcnQ=", `${good}\nhunter2`]) {
    await writeFile(path, text);
    await expect(loadSecrets(path)).rejects.toMatchObject({
      code: "config.value",
      message: expect.not.stringContaining("hunter2"),
    });
  }
  await writeFile(path, "node\npw\n");
  expect(await loadLogin(path)).toEqual({ user: "node", pass: "pw" });
  await writeFile(path, "hunter2");
  await expect(loadLogin(path)).rejects.toMatchObject({ code: "config.value" });
  const smtp = { host: "mail.example.gov", from: "a@example.gov", to: ["b@example.gov"] };
  const refused = (settings: object) => AlarmSettings.safeParse(settings).success === false;
  expect(refused({ smtp })).toBe(false);
  expect(refused({ smtp: { ...smtp, security: "none", authFile: "x" } })).toBe(true);
  expect(refused({ smtp: { ...smtp, to: ["b@example.gov\r\nBcc: c@d"] } })).toBe(true);
  expect(
    refused({ webhooks: [{ name: "email", url: "https://x.example", secretFile: "x" }], smtp }),
  ).toBe(true);
  expect(refused({ webhooks: [{ name: "a", url: "file:///etc/passwd", secretFile: "x" }] })).toBe(
    true,
  );
  expect(
    refused({ webhooks: [{ name: "a", url: "https://u:p@x.example", secretFile: "x" }] }),
  ).toBe(true);
});
