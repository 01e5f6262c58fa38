// The registry folded from effects: facts of buildings, places, policies and holds, and that a restart knows the same.

import { decodeEffects } from "@muniment/core";
import { expect, test } from "vitest";
import { MemorySources } from "./memory-sources.ts";
import { Registry, type RegistryRow } from "./registry.ts";

const start = Date.parse("2026-01-01T00:00:00Z");
const hours = [[], [[480, 1_080]], [[480, 1_080]], [], [], [], []];

async function filled(): Promise<Registry> {
  const sources = new MemorySources(start);
  sources.building("b1", "America/New_York", { hours, holidays: ["2026-07-03"] });
  sources.building("b2");
  sources.place("b1/floor-1", "floor", { label: "First floor", usableFt2: 9_000 });
  sources.place("b1/floor-1/room-101", "room", { use: "meeting", seats: 8 });
  sources.place("b1/floor-1/room-101", "room", { use: "office" });
  sources.policy("retention.access", 1_000, { days: 30 }, "GRS 5.6");
  sources.policy("retention.access", 2_000, { days: 60 }, "GRS 5.6 item 090");
  sources.hold("case-7", "b1", "2026-01-01", "2026-01-31");
  sources.hold("case-8", "b2", "2026-01-01", null);
  sources.hold("case-8", "b2", "2026-01-01", null, true);
  const registry = new Registry();
  for await (const { effects } of sources.ledger.entries(0, sources.ledger.head().size))
    for (const [key, value] of decodeEffects(effects)) registry.write(key, value, start);
  return registry;
}

function shown({ buildings, places, policies, holds }: Registry) {
  return { buildings, places, policies, holds };
}

test("buildings, places, policies and holds, as last written", async () => {
  const registry = await filled();
  expect(registry.buildings.get("b1")).toMatchObject({ hours, holidays: ["2026-07-03"] });
  expect(registry.buildings.get("b2")).toMatchObject({ hours: null, holidays: [] });
  expect([...registry.places.values()]).toEqual([
    {
      place: "b1/floor-1",
      building: "b1",
      kind: "floor",
      use: null,
      label: "First floor",
      usableFt2: 9_000,
      seats: null,
    },
    {
      place: "b1/floor-1/room-101",
      building: "b1",
      kind: "room",
      use: "office",
      label: null,
      usableFt2: null,
      seats: null,
    },
  ]);
  expect(registry.policyAt("retention.access", 999)).toBeNull();
  expect(registry.policyAt("retention.access", 1_999)).toMatchObject({ citation: "GRS 5.6" });
  expect(registry.policyAt("retention.access", 2_000)?.value).toEqual(new Map([["days", 60]]));
  expect(registry.policyAt("tariff.electricity", 9_999)).toBeNull();
  expect(registry.holds.get("case-7")).toMatchObject({ to: "2026-01-31", released: null });
  expect(registry.holds.get("case-8")).toMatchObject({ to: null, released: 10 });
});

test("a registry restored from its rows knows the same", async () => {
  const registry = await filled();
  const { names, rows } = registry.changes();
  const latest = new Map<string, RegistryRow>(rows.map((row) => [row.key, row]));
  expect(shown(Registry.restore(names, [...latest.values()]))).toEqual(shown(registry));
});
