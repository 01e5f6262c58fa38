// A year of two real buildings through devices, gateway and ledger: every reading once, and the figures an independent sum gives.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Fleet, startFleet, until } from "../stack/fleet.ts";
import { type Product, ROOT, runProduct, startProduct } from "../stack/process.ts";

const material = process.env.MUNIMENT_MATERIAL ?? join(ROOT, "..", "shared", "material");

interface Case {
  readonly map: string;
  readonly file: string;
  readonly building: string;
  readonly column: number;
  /** Offset of the file's times from UTC, hours. */
  readonly offset: number;
  readonly from: string;
  readonly to: string;
  readonly hours: number;
}

const CASES: readonly Case[] = [
  {
    map: "cambridge-electricity.json",
    file: "domain/cambridge_b0_electricity_2019.csv",
    building: "cambridge-b0",
    column: 1,
    offset: 0,
    from: "2019-01-01T00:00:00Z",
    to: "2020-01-01T00:00:00Z",
    hours: 8_760,
  },
  {
    map: "bdg2-office.json",
    file: "domain/bdg2_office_10k_25k_hourly.csv",
    building: "cockatoo-office-lorraine",
    column: -1,
    offset: -5,
    from: "2016-01-01T05:00:00Z",
    to: "2017-01-01T05:00:00Z",
    hours: 8_784,
  },
];

const present = CASES.filter(({ file }) => existsSync(join(material, file)));
if (present.length < CASES.length)
  console.log(
    `SKIPPED: a year of real buildings: no data sets in MUNIMENT_MATERIAL or beside the repository`,
  );

/** What the CSV says by itself, in integer joules as a meter would count them. */
function independent({ file, column, offset, from, to }: Case): {
  kwh: number;
  peakKw: number;
  received: number;
} {
  const [header = "", ...lines] = readFileSync(join(material, file), "utf8").trim().split(/\r?\n/);
  const index =
    column >= 0
      ? column
      : header.split(",").findIndex((name) => /Cockatoo_office_Lorraine/.test(name));
  let joules = 0;
  let peak = 0;
  let received = 0;
  for (const line of lines) {
    const cells = line.split(",");
    const at = Date.parse(`${cells[0]!.replace(" ", "T")}Z`) - offset * 3_600_000;
    if (at < Date.parse(from) || at >= Date.parse(to) || (cells[index] ?? "").trim() === "")
      continue;
    const value = Math.round(Number(cells[index]) * 3_600_000);
    joules += value;
    peak = Math.max(peak, value);
    received += 1;
  }
  return { kwh: joules / 3_600_000, peakKw: peak / 3_600_000, received };
}

let fleet: Fleet;
const gateways: Product[] = [];

beforeAll(async () => {
  if (present.length > 0) fleet = await startFleet(1);
});

afterAll(async () => {
  for (const gateway of gateways) await gateway.stop();
  await fleet?.close();
});

for (const one of CASES) {
  test.skipIf(!present.includes(one))(
    one.file,
    async () => {
      const map = join(ROOT, "simulator/maps", one.map);
      const registered = await runProduct([
        "building",
        "register",
        "--data",
        fleet.data,
        "--ledger",
        fleet.ledgerUrl,
        "--building",
        one.building,
        "--name",
        one.building,
        "--zone",
        "UTC",
      ]);
      expect(registered.stderr + registered.stdout, "register").not.toMatch(/refused/);
      const gatewayId = `gw-${gateways.length + 2}`;
      const enrolled = await runProduct([
        "gateway",
        "enrol",
        "--data",
        fleet.data,
        "--id",
        gatewayId,
        "--building",
        one.building,
        "--ledger",
        fleet.ledgerUrl,
      ]);
      expect(enrolled.code, enrolled.stderr).toBe(0);
      const gateway = await startProduct([
        "gateway",
        "--data",
        fleet.data,
        "--id",
        gatewayId,
        "--mqtt-port",
        "0",
        "--http-port",
        "0",
        "--batch-age-ms-max",
        "500",
      ]);
      gateways.push(gateway);
      const sent = await runProduct([
        "replay",
        join(material, one.file),
        "--map",
        map,
        "--data",
        fleet.data,
        "--ledger",
        fleet.ledgerUrl,
        "--mqtt",
        String(gateway.ready.mqtt),
        "--gateway",
        String(gateway.ready.http),
        "--json",
      ]);
      expect(sent.code, sent.stderr).toBe(0);

      const url = `${fleet.ledgerUrl}/api/v1/buildings/${one.building}/energy?from=${one.from}&to=${one.to}&step=P1D`;
      const energy = async () =>
        (await (await fetch(url)).json()) as {
          total: { kwh: number; peakKw: number; received: number; expected: number };
        };
      const truth = independent(one);
      await until(
        "every reading is projected",
        async () => (await energy()).total.received >= truth.received,
        60_000,
      );
      const { total } = await energy();
      console.log(
        `${one.building}: ${JSON.stringify(total)}, independently ${JSON.stringify(truth)}`,
      );
      expect(total.received).toBe(truth.received);
      expect(total.expected).toBe(one.hours);
      expect(total.kwh).toBeCloseTo(truth.kwh, 6);
      expect(total.peakKw).toBeCloseTo(truth.peakKw, 9);
    },
    240_000,
  );
}
