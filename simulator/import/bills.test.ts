// Bills as a running total: months of any length, gaps, overlaps, and going on where an earlier import stopped.
import { expect, test } from "vitest";
import { zone } from "../zone.ts";
import { type BillRules, billUnits, continueAfter, readBills } from "./bills.ts";

const rules: BillRules = {
  columns: {
    start: "Start Date",
    end: "End Date",
    usage: "Usage",
    cost: "Cost",
    estimation: "Estimation",
  },
  unit: "kWh",
  dates: "YYYY-MM-DD",
  zone: zone("America/New_York"),
  endIncluded: false,
};
const header = "Start Date,End Date,Usage,Cost,Estimation";
const at = (text: string): number => Date.parse(text) / 1000;
const read = (rows: readonly string[], more: Partial<BillRules> = {}) =>
  readBills([`${[header, ...rows].join("\n")}\n`], { ...rules, ...more });
const totals = ({ records }: Awaited<ReturnType<typeof read>>) =>
  records
    .filter(({ name }) => name === "energy")
    .map(({ time, value }) => [time, Number(value) / billUnits.kWh]);

test("each bill adds to the total at its end, midnight by the building's clock", async () => {
  const bills = await read([
    '2026-01-12,2026-02-10,"1,200.5",$144.06,No',
    "2026-02-10,2026-03-11,1000,130,Yes",
  ]);
  expect(totals(bills)).toEqual([
    [at("2026-01-12T05:00:00Z"), 0],
    [at("2026-02-10T05:00:00Z"), 1200.5],
    [at("2026-03-11T04:00:00Z"), 2200.5],
  ]);
  expect(bills.records.filter(({ name }) => name !== "energy")).toEqual([
    { name: "energy-cost", unit: "/", value: 14_406, time: at("2026-01-12T05:00:00Z") },
    { name: "energy-estimated", unit: "/", value: 0, time: at("2026-01-12T05:00:00Z") },
    { name: "energy-cost", unit: "/", value: 13_000, time: at("2026-02-10T05:00:00Z") },
    { name: "energy-estimated", unit: "/", value: 1, time: at("2026-02-10T05:00:00Z") },
  ]);
  const times = bills.records.map(({ time }) => time);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test("where no bill covers the time between, the total begins again: nothing is counted that nobody knows", async () => {
  const bills = await read(["2026-01-01,2026-02-01,10,,", "2026-03-01,2026-04-01,20,,"]);
  expect(totals(bills)).toEqual([
    [at("2026-01-01T05:00:00Z"), 0],
    [at("2026-02-01T05:00:00Z"), 10],
    [at("2026-03-01T05:00:00Z"), 0],
    [at("2026-04-01T04:00:00Z"), 20],
  ]);
});

test("other dates, the last day included, other units", async () => {
  const bills = await read(["03/01/2026,03/31/2026,2,,"], {
    dates: "MM/DD/YYYY",
    endIncluded: true,
    unit: "MWh",
  });
  expect(totals(bills)).toEqual([
    [at("2026-03-01T05:00:00Z"), 0],
    [at("2026-04-01T04:00:00Z"), 2000],
  ]);
});

test("rows that are no bills are counted, by why", async () => {
  const { left, records } = await read([
    "2026-01-01,2026-02-01,10,,",
    "2026-01-15,2026-02-15,10,,",
    "2026-02-01,2026-02-01,10,,",
    "soon,2026-02-01,10,,",
    "2026-02-01,2026-03-01,unknown,,",
  ]);
  expect(left).toEqual({
    "bill that overlaps the one before": 1,
    "bill that ends as it begins": 1,
    "bill without dates": 1,
    "bill without usage": 1,
  });
  expect(records).toHaveLength(2);
  await expect(readBills(["a,b\n1,2\n"], rules)).rejects.toMatchObject({ code: "csv.format" });
});

test("later bills go on where the total stood, or the file is refused", async () => {
  const rows = ["2026-01-01,2026-02-01,10,,", "2026-02-01,2026-03-01,20,,"];
  const first = (await read(rows)).records;
  const { records } = await read([...rows, "2026-03-01,2026-04-01,30,,"]);
  const last = { time: first.at(-1)!.time, value: Number(first.at(-1)!.value) };
  expect(continueAfter(records, null)).toEqual(records);
  expect(continueAfter(records, last)).toEqual(records.slice(-1));
  const only = await read(["2026-03-01,2026-04-01,30,,"]);
  expect(() => continueAfter(only.records, last)).toThrow(
    expect.objectContaining({ code: "import.bills" }),
  );
});
