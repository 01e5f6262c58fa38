// CSV quoting.
import { expect, test } from "vitest";
import { toCsv } from "./csv.ts";

test("quotes, commas and line ends are quoted; unknown is empty", () => {
  const columns = [
    { title: "name", value: (row: { name: string; kwh: number | null }) => row.name },
    { title: "energy, kWh", value: (row: { name: string; kwh: number | null }) => row.kwh },
  ];
  const rows = [
    { name: 'the "old" mill', kwh: 1.5 },
    { name: "two\nlines", kwh: null },
  ];
  expect(toCsv(columns, rows)).toBe(
    'name,"energy, kWh"\r\n"the ""old"" mill",1.5\r\n"two\nlines",\r\n',
  );
});
