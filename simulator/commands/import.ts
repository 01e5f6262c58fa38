// `muniment import`: what a person has in a file becomes signed readings, marked as entered by a person.
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { SenmlRecord } from "@muniment/core";
import { type Command, Option } from "commander";
import type { Point } from "../devices.ts";
import type { BillColumns, billUnits } from "../import/bills.ts";
import type { ManualDevice } from "../import/manual-device.ts";
import { dataOption, gatewayOption, ledgerOption, mqttOption } from "./options.ts";

interface Options {
  readonly device: string;
  readonly key: string;
  readonly mqtt: string;
  readonly ledger: string;
  readonly gateway: string;
  readonly data: string;
  readonly enrol?: true;
  readonly building?: string;
  readonly place?: string;
  readonly again?: true;
  readonly json?: true;
}

/** What an import reads from its file, before it knows the device. */
interface Source {
  readonly points: readonly Point[];
  /** Readings in order of time, and what is not carried, by why. */
  recordsFor(device: ManualDevice): Promise<{
    readonly records: readonly SenmlRecord[];
    readonly left: Readonly<Record<string, number>>;
  }>;
}

/** Bytes of one file. */
const fileBytesMax = 64 * 1024 * 1024;

/** Adds `import greenbutton` and `import bills`. */
export function registerImport(program: Command): void {
  const group = program
    .command("import")
    .description("what a person has in a file becomes signed readings, marked as such");
  const greenbutton = group
    .command("greenbutton")
    .description(
      "send the interval readings of a Green Button file (NAESB ESPI), with their costs and quality codes.\n" +
        "Run again, it sends only what is newer than what it sent before. Exit 0 when nothing was refused, 1 otherwise.",
    )
    .argument("<file>", "Green Button file (XML)")
    .option("--again", "send also what was sent before: it replaces what it corrects");
  withImportOptions(greenbutton).action(async (file: string, options: Options) => {
    const { parseGreenButton } = await import("../import/green-button.ts");
    const { pointsOf, recordsFor } = await import("../import/green-button-points.ts");
    const parsed = parseGreenButton(await textOf(file, "greenbutton.format"));
    await run(options, {
      points: pointsOf(parsed),
      recordsFor: async (device) => recordsFor(parsed, device),
    });
  });
  withImportOptions(billsCommand(group)).action(async (file: string, options: BillOptions) => {
    const { billPoints, readBills, continueAfter } = await import("../import/bills.ts");
    const { zone } = await import("../zone.ts");
    // What is new follows from the total, so the delivery need not look at times.
    await run(
      { ...options, again: true },
      {
        points: billPoints,
        recordsFor: async (device) => {
          const { start, end, usage, cost, estimation, unit, dates } = options;
          const bills = await readBills([await textOf(file, "csv.format")], {
            columns: { start, end, usage, cost, estimation },
            unit,
            dates,
            zone: zone(device.zone),
            endIncluded: options.endIncluded === true,
          });
          const last = device.points.get("energy")?.last ?? null;
          return { ...bills, records: continueAfter(bills.records, last) };
        },
      },
    );
  });
}

interface BillOptions extends Options, BillColumns {
  readonly unit: keyof typeof billUnits;
  readonly dates: string;
  readonly endIncluded?: true;
}

function billsCommand(group: Command): Command {
  return group
    .command("bills")
    .description(
      "send monthly bills of electricity, a CSV file with a row for each, as ENERGY STAR Portfolio Manager has them.\n" +
        "Later bills: the file with all of them; what was sent before is not sent again.",
    )
    .argument("<file>", "CSV file with a header line")
    .addOption(
      new Option("--unit <unit>", "unit of the usage")
        .choices(["kWh", "MWh", "kBtu"])
        .default("kWh"),
    )
    .option("--dates <pattern>", "how dates are written, such as MM/DD/YYYY", "YYYY-MM-DD")
    .option("--end-included", "the end is the last day of a bill, not the day after it")
    .option("--start <column>", "column of the first day", "Start Date")
    .option("--end <column>", "column of the end", "End Date")
    .option("--usage <column>", "column of the usage", "Usage")
    .option("--cost <column>", "column of the cost, if there is one", "Cost")
    .option("--estimation <column>", "column that says whether it is estimated", "Estimation");
}

function withImportOptions(command: Command): Command {
  return command
    .requiredOption(
      "--device <id>",
      "device whose readings they become, enrolled with trust manual",
    )
    .requiredOption("--key <file>", "its private key (PEM); its sequence is kept beside it")
    .addOption(mqttOption())
    .addOption(ledgerOption())
    .option("--enrol", "enrol the device first, with the points that the file needs and a new key")
    .option("--building <id>", "with --enrol: its building")
    .option("--place <path>", "with --enrol: its place (the building)")
    .addOption(dataOption())
    .addOption(gatewayOption())
    .option("--json", "the summary as one JSON line");
}

async function textOf(file: string, code: "greenbutton.format" | "csv.format"): Promise<string> {
  const { SimulatorError } = await import("../errors.ts");
  const { size } = await stat(file);
  if (size > fileBytesMax)
    throw new SimulatorError(code, `${file}: expected at most ${fileBytesMax} bytes, got ${size}`);
  return readFile(file, "utf8");
}

async function run(options: Options, source: Source): Promise<void> {
  const { loadOrCreateKey, loadSigner } = await import("@muniment/core/files");
  const { deliver } = await import("../import/delivery.ts");
  const { enrolManualDevice, findManualDevice } = await import("../import/manual-device.ts");
  const { gatewayKnows } = await import("../gateway-status.ts");
  const { SimulatorError } = await import("../errors.ts");
  const { device, key, ledger, building, place } = options;
  const signer = await (options.enrol ? loadOrCreateKey(key) : loadSigner(key));
  if (options.enrol) {
    if (building === undefined)
      throw new SimulatorError("import.device", "expected --building with --enrol");
    await enrolManualDevice({
      ledger,
      operatorKey: join(options.data, "keys", "operator.pem"),
      building,
      place: place ?? building,
      device,
      signer,
      points: source.points,
    });
    await gatewayKnows(options.gateway, ledger);
  }
  const to = await findManualDevice(ledger, device);
  const { records, left } = await source.recordsFor(to);
  const delivery = await deliver(records, {
    to,
    signer,
    outboxPath: `${key}.outbox.json`,
    mqtt: options.mqtt,
    again: options.again === true,
    onTrouble: (reason, waitMs) =>
      console.error(`${device}: ${reason}; next attempt in ${waitMs} ms`),
  });
  if (Object.keys(delivery.refused).length > 0) process.exitCode = 1;
  const summary = { device, readings: records.length, ...delivery, left };
  if (options.json) return console.log(JSON.stringify(summary));
  const counts = (codes: Readonly<Record<string, number>>) =>
    Object.entries(codes)
      .map(([code, count]) => `${count} ${code}`)
      .join(", ") || "0";
  console.log(`readings        ${records.length}, sent before ${delivery.already}`);
  console.log(`sent            ${delivery.sent} in ${delivery.statements} statements`);
  console.log(`acknowledged    ${delivery.acknowledged}`);
  console.log(`refused         ${counts(delivery.refused)}`);
  console.log(`not carried     ${counts(left)}`);
}
