// Which links carry the range on.
import { expect, test } from "vitest";
import { withRange } from "./range-carried.ts";

test("a range is carried on, other words of the query are not", () => {
  expect(withRange("/buildings/b1", "?range=30d&status=open")).toBe("/buildings/b1?range=30d");
  expect(withRange("/", "?from=2026-11-01&to=2026-11-02")).toBe("/?from=2026-11-01&to=2026-11-02");
  expect(withRange("/devices?building=b1", "?range=24h")).toBe("/devices?building=b1&range=24h");
  expect(withRange("/ledger", "")).toBe("/ledger");
});

test("a link that says its own range keeps it", () => {
  expect(withRange("/?range=24h", "?range=30d")).toBe("/?range=24h");
  expect(withRange("/?from=a&to=b", "?range=30d")).toBe("/?from=a&to=b");
});
