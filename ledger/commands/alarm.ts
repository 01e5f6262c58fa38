// `muniment alarm`: alarms and their rules on a ledger node, over its API.
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { type Command, Option } from "commander";

interface Options {
  readonly ledger: string;
  readonly accessToken?: string;
  readonly json?: true;
}

const answerMsMax = 30_000;
const listMax = 1_000;

/** Adds `alarm list`, `alarm ack` and `alarm rule …`. */
export function registerAlarm(program: Command): void {
  const alarm = program
    .command("alarm")
    .description("what rings on a ledger node, and what should");
  asked(alarm.command("list").description("alarms, those that opened last first"))
    .addOption(
      new Option("--status <status>", "only these").choices(["open", "acknowledged", "closed"]),
    )
    .option("--building <id>", "only of this building")
    .action(async (options: Options & { readonly status?: string; readonly building?: string }) => {
      const query = new URLSearchParams({ limit: String(listMax) });
      if (options.status !== undefined) query.set("status", options.status);
      if (options.building !== undefined) query.set("building", options.building);
      const { items } = await ask<{ items: readonly AlarmItem[] }>(options, `alarms?${query}`);
      show(options, items, items.length === 0 ? ["no alarms"] : items.map(alarmLine));
    });
  asked(alarm.command("ack").description("acknowledge an alarm: somebody has seen it"))
    .argument("<id>", "of the alarm")
    .requiredOption("--by <name>", "who has seen it")
    .option("--note <text>", "what is done about it")
    .action(
      async (id: string, options: Options & { readonly by: string; readonly note?: string }) => {
        const { by, note } = options;
        const path = `alarms/${encodeURIComponent(id)}/acknowledge`;
        const item = await ask<AlarmItem>(
          options,
          path,
          "POST",
          note === undefined ? { by } : { by, note },
        );
        show(options, item, [alarmLine(item)]);
      },
    );

  const rule = alarm.command("rule").description("what should ring");
  asked(rule.command("add").description("add a rule, or several; docs/alarms.md shows them"))
    .argument("<file>", "JSON: one rule or an array of rules; - reads it from the standard input")
    .option("--replace", "instead of rules of the same id")
    .action(async (file: string, options: Options & { readonly replace?: true }) => {
      const given: unknown = JSON.parse(
        file === "-" ? await text(process.stdin) : await readFile(file, "utf8"),
      );
      for (const body of Array.isArray(given) ? given : [given]) {
        const item = await addRule(options, body, options.replace === true);
        show(options, item, [`${item.rule.id}: watches ${item.subjects} now`]);
      }
    });
  asked(rule.command("list").description("all rules, with their defaults")).action(
    async (options: Options) => {
      const { items } = await ask<{ items: readonly RuleItem[] }>(options, "alarm-rules");
      const lines = items.map(
        ({ rule: { id, kind, severity }, subjects, open }) =>
          `${id}  ${kind}  ${severity}  watches ${subjects}, ${open} open`,
      );
      show(options, items, lines.length === 0 ? ["no rules"] : lines);
    },
  );
  asked(rule.command("remove").description("remove a rule; its open alarms are closed"))
    .argument("<id>", "of the rule")
    .action(async (id: string, options: Options) => {
      await ask(options, `alarm-rules/${encodeURIComponent(id)}`, "DELETE");
      show(options, { removed: id }, [`${id} removed`]);
    });
}

interface AlarmItem {
  readonly id: string;
  readonly severity: string;
  readonly status: string;
  readonly says: string;
  readonly openedAt: string;
}
interface RuleItem {
  readonly rule: { readonly id: string; readonly kind: string; readonly severity: string };
  readonly subjects: number;
  readonly open: number;
}

function asked(command: Command): Command {
  return command
    .addOption(
      new Option("--ledger <url>", "a ledger node")
        .env("MUNIMENT_LEDGER")
        .default("http://127.0.0.1:8480"),
    )
    .addOption(
      new Option(
        "--access-token <file>",
        "file with the node's access token, where it has one",
      ).env("MUNIMENT_LEDGER_ACCESS_TOKEN_FILE"),
    )
    .option("--json", "the answer as one JSON line");
}

async function addRule(options: Options, body: unknown, replace: boolean): Promise<RuleItem> {
  const { id } = (body ?? {}) as { readonly id?: unknown };
  if (replace && typeof id === "string") {
    const path = `alarm-rules/${encodeURIComponent(id)}`;
    const { items } = await ask<{ items: readonly RuleItem[] }>(options, "alarm-rules");
    if (items.some(({ rule }) => rule.id === id)) return ask<RuleItem>(options, path, "PUT", body);
  }
  return ask<RuleItem>(options, "alarm-rules", "POST", body);
}

/** Asks the node; throws an Error with its code when it refuses, or says that it does not answer. */
async function ask<T>(
  { ledger, accessToken }: Options,
  path: string,
  method = "GET",
  body?: unknown,
): Promise<T> {
  const { loadAccessToken } = await import("../config.ts");
  const token = await loadAccessToken(accessToken);
  const url = `${ledger.replace(/\/+$/, "")}/api/v1/${path}`;
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(answerMsMax),
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw new Error(`the ledger does not answer at ${url}; is \`muniment ledger\` running?`, {
      cause,
    });
  }
  const answer: unknown = response.status === 204 ? null : await response.json();
  if (response.ok) return answer as T;
  const { code, detail } = answer as { readonly code?: string; readonly detail?: string };
  throw Object.assign(new Error(detail ?? response.statusText), { code });
}

function alarmLine({ id, openedAt, severity, status, says }: AlarmItem): string {
  return `${id}  ${openedAt}  ${severity}  ${status}  ${says}`;
}

function show({ json }: Options, answer: unknown, lines: readonly string[]): void {
  if (json) console.log(JSON.stringify(answer));
  else for (const line of lines) console.log(line);
}
