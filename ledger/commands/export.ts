// `muniment export`: a building's readings, figures or model as a file, from a running node or from its data folder.
import { createWriteStream } from "node:fs";
import { access, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Command, Option } from "commander";
import type { ExportFormat, ExportTable } from "../exports/export.ts";
import type { Step } from "../read-model/steps.ts";

interface Options {
  readonly format: ExportFormat;
  readonly building: string;
  readonly of?: ExportTable;
  readonly step?: Step;
  readonly points?: string;
  readonly from?: string;
  readonly to?: string;
  readonly out?: string;
  readonly partitioned?: string;
  readonly ledger: string;
  readonly data?: string;
  readonly accessToken?: string;
  readonly json?: true;
}

interface WrittenFile {
  readonly file: string;
  readonly bytes: number;
}

/** Adds `export`. */
export function registerExport(program: Command): void {
  const command = program
    .command("export")
    .description(
      "write a building's readings, figures or model into a file. Readings as CSV come with a second file that says\n" +
        "how many of them were received and owed. Exit 0 when the whole file was written.",
    )
    .requiredOption("--building <id>", "building")
    .addOption(
      new Option("--format <format>", "file format")
        .choices(["csv", "parquet", "greenbutton", "brick"])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option("--of <table>", "what CSV and Parquet hold (readings)").choices([
        "readings",
        "energy",
        "occupancy",
        "completeness",
      ]),
    )
    .addOption(
      new Option("--step <duration>", "step of energy and occupancy (P1D)").choices([
        "PT15M",
        "PT1H",
        "P1D",
        "P1M",
      ]),
    )
    .option("--points <ids>", "points, separated by commas (all that the format is about)")
    .option("--from <time>", "start, RFC 3339 (seven days before the end)")
    .option("--to <time>", "end, RFC 3339, exclusive (the ledger's time)")
    .option("--out <file>", "file to write; - writes to standard output")
    .option(
      "--partitioned <folder>",
      "Parquet by building and month instead: <folder>/building=<id>/month=<YYYY-MM>/<table>.parquet",
    )
    .addOption(
      new Option("--ledger <url>", "a ledger node")
        .env("MUNIMENT_LEDGER")
        .default("http://127.0.0.1:8480"),
    )
    .option(
      "--data <folder>",
      "read this data folder, which no node has open, instead of asking one",
    )
    .addOption(
      new Option(
        "--access-token <file>",
        "file with the node's access token, where it has one",
      ).env("MUNIMENT_LEDGER_ACCESS_TOKEN_FILE"),
    )
    .option("--json", "what was written as one JSON line")
    .action(async (options: Options) => {
      if ((options.out === undefined) === (options.partitioned === undefined))
        return command.error("error: expected --out <file> or --partitioned <folder>");
      if (options.partitioned !== undefined && options.format !== "parquet")
        return command.error("error: expected --format parquet with --partitioned");
      const { url, close } = await nodeOf(options);
      try {
        const token = options.accessToken && (await readFile(options.accessToken, "utf8"));
        const node = new Node(url, token === undefined ? null : token.split("\n")[0]!.trim());
        const files =
          options.partitioned === undefined
            ? await writeOne(node, options, options.out!)
            : await writePartitions(node, options, options.partitioned);
        if (options.out === "-") return;
        if (options.json) console.log(JSON.stringify({ files }));
        else for (const { file, bytes } of files) console.log(`${file}: ${bytes} bytes`);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        fail(error.message);
      } finally {
        await close();
      }
    });
}

function fail(message: string): void {
  console.error(`muniment export: ${message}`);
  process.exitCode = 1;
}

/** The node to ask: the one named, or one of our own on a data folder, on a free port of this machine. */
async function nodeOf({
  data,
  ledger,
}: Options): Promise<{ readonly url: string; close(): Promise<void> }> {
  if (data === undefined)
    return { url: ledger.replace(/\/+$/, ""), close: () => Promise.resolve() };
  // A start on an empty folder would found a new ledger.
  await access(join(data, "ledger", "genesis.cbor"));
  const { createNode } = await import("../node.ts");
  const node = await createNode({ data, port: 0, host: "127.0.0.1" }, {});
  await node.caughtUp();
  return node;
}

/** What the node answered instead of a file. */
class Refused extends Error {}

class Node {
  readonly #url: string;
  readonly #token: string | null;

  constructor(url: string, token: string | null) {
    this.#url = url;
    this.#token = token;
  }

  /** A successful answer to a question about a building. Errors: Refused, with the node's code. */
  async ask(path: string): Promise<Response> {
    const headers = this.#token === null ? {} : { authorization: `Bearer ${this.#token}` };
    const answer = await fetch(`${this.#url}/api/v1/buildings/${path}`, { headers }).catch(() => {
      throw new Refused(`expected a ledger node at ${this.#url}, got no answer`);
    });
    if (answer.ok) return answer;
    const text = await answer.text();
    try {
      const { code, detail } = JSON.parse(text) as Record<string, unknown>;
      throw new Refused(`refused, ${code}: ${detail}`);
    } catch (error) {
      if (error instanceof Refused) throw error;
      throw new Refused(`expected status 200, got ${answer.status}`);
    }
  }

  /** Streams an export into a file, which appears under its name only when it is whole. */
  async save(options: Options, file: string): Promise<WrittenFile> {
    const { building, format, of, step, points, from, to } = options;
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ format, of, step, points, from, to }))
      if (value !== undefined) query.set(name, value);
    const answer = await this.ask(`${building}/export?${query}`);
    const body = Readable.fromWeb(answer.body!);
    if (file === "-") {
      await pipeline(body, process.stdout, { end: false });
      return { file, bytes: 0 };
    }
    const part = `${file}.part`;
    const target = createWriteStream(part);
    try {
      await pipeline(body, target);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    await rename(part, file);
    return { file, bytes: target.bytesWritten };
  }
}

async function writeOne(
  node: Node,
  options: Options,
  file: string,
): Promise<readonly WrittenFile[]> {
  const written = await node.save(options, file);
  const isReadings = options.format === "csv" && (options.of ?? "readings") === "readings";
  if (!isReadings || file === "-") return [written];
  const companion = `${file.replace(/\.csv$/, "")}.completeness.csv`;
  return [written, await node.save({ ...options, of: "completeness" }, companion)];
}

/** One file for each civil month of the building, so that the sum over a file is the month's figure. */
async function writePartitions(
  node: Node,
  options: Options,
  folder: string,
): Promise<readonly WrittenFile[]> {
  const { building, of = "readings", from, to } = options;
  const period = { from: Date.parse(from ?? ""), to: Date.parse(to ?? "") };
  if (!(period.from < period.to))
    throw new Refused("expected --from and --to, RFC 3339, with --partitioned");
  const { zone } = (await (await node.ask(building)).json()) as { readonly zone: string };
  const { stepsOf } = await import("../read-model/period.ts");
  const files: WrittenFile[] = [];
  for (const { key, start, end } of stepsOf(period, "P1M", zone).list) {
    const month = `${Math.floor(key / 12)}-${String((key % 12) + 1).padStart(2, "0")}`;
    const partition = join(folder, `building=${building}`, `month=${month}`);
    await mkdir(partition, { recursive: true });
    const span = { from: new Date(start).toISOString(), to: new Date(end).toISOString() };
    files.push(await node.save({ ...options, ...span }, join(partition, `${of}.parquet`)));
  }
  return files;
}
