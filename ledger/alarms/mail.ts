// Mail by SMTP: one letter an event, threaded by alarm (RFC 5322 3.6.4), marked as sent by a machine (RFC 3834).

import { createTransport } from "nodemailer";
import { type Attempt, type Channel, failed } from "./channel.ts";
import type { Delivery } from "./delivery.ts";
import { letterOf } from "./message.ts";
import type { SmtpSettings } from "./settings.ts";

const PORTS = { starttls: 587, tls: 465, none: 25 } as const;

export interface MailOptions {
  readonly settings: SmtpSettings;
  readonly login: { readonly user: string; readonly pass: string } | null;
  /** Certificates to trust, in PEM; null: those that this machine trusts. */
  readonly certificates: string | null;
  readonly pageUrl: string | null;
  readonly answerMsMax: number;
}

export function createMail(options: MailOptions): Channel {
  const { settings, login, certificates, pageUrl, answerMsMax } = options;
  const { name, host, security, from, to } = settings;
  const domain = from.slice(from.indexOf("@") + 1);
  return {
    name,
    kind: "smtp",
    async send(delivery: Delivery, now: number, signal: AbortSignal): Promise<Attempt> {
      // A connection of its own for each letter: alarms are rare, and a connection that idles is one that broke.
      const transport = createTransport({
        host,
        port: settings.port ?? PORTS[security],
        secure: security === "tls",
        requireTLS: security === "starttls",
        ignoreTLS: security === "none",
        ...(login === null ? {} : { auth: login }),
        ...(certificates === null ? {} : { tls: { ca: certificates } }),
        connectionTimeout: answerMsMax,
        greetingTimeout: answerMsMax,
        socketTimeout: answerMsMax,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      const { promise: late, end } = deadline(answerMsMax, signal);
      try {
        const sent = transport.sendMail({
          from,
          to: [...to],
          ...letterOf(delivery, pageUrl),
          date: new Date(now),
          messageId: messageId(delivery, domain),
          ...threadOf(delivery, domain),
          headers: { "auto-submitted": "auto-generated" },
        });
        // What comes after the deadline is met by nobody; it must not count as unhandled.
        sent.catch(() => undefined);
        const answer = await Promise.race([sent, late]);
        if (answer === "late") return failed(`no answer within ${answerMsMax} ms`);
        if (answer === "interrupted") return failed("interrupted");
        const refused = answer.rejected.length;
        return {
          ok: true,
          note: refused === 0 ? null : `${refused} of ${to.length} addresses refused`,
        };
      } catch (error) {
        return failed(reasonOf(error));
      } finally {
        end();
        transport.close();
      }
    },
  };
}

/** Stable, so that a letter that was sent twice is known as one. */
function messageId({ id }: Delivery, domain: string): string {
  return `<${id}@${domain}>`;
}

/** Later letters of an alarm answer its first. */
function threadOf(
  { event, alarm, channel, content }: Delivery,
  domain: string,
): { readonly inReplyTo?: string; readonly references?: string } {
  if (event === "opened" || event === "summary" || content?.kind !== "alarm") return {};
  const first = `<${alarm}_${channel}_opened_0@${domain}>`;
  return { inReplyTo: first, references: first };
}

/** Resolves when the time is over or the signal comes, whichever is first. */
function deadline(
  ms: number,
  signal: AbortSignal,
): { readonly promise: Promise<"late" | "interrupted">; end(): void } {
  let end = (): void => undefined;
  const promise = new Promise<"late" | "interrupted">((resolve) => {
    const timer = setTimeout(() => resolve("late"), ms);
    const interrupt = (): void => resolve("interrupted");
    signal.addEventListener("abort", interrupt, { once: true });
    if (signal.aborted) interrupt();
    end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", interrupt);
    };
  });
  return { promise, end };
}

/** The server's status, or the code of what went wrong: texts of servers hold names and addresses. */
function reasonOf(error: unknown): string {
  const { responseCode, code } = error as {
    readonly responseCode?: unknown;
    readonly code?: unknown;
  };
  const status = typeof responseCode === "number" ? `SMTP ${responseCode}` : null;
  const name = typeof code === "string" ? code : null;
  return [status, name].filter((part) => part !== null).join(", ") || "the connection failed";
}
