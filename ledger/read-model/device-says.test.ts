// The fold of what devices say: the latest by the device's own numbering, and times for those without a clock.

import { expect, test } from "vitest";
import { DeviceSays, type Heard, type SayingRow } from "./device-says.ts";

const heard = (signer: number, sequence: number, change: Partial<Heard> = {}): Heard => ({
  ...{ device: "meter", signer, sequence, t: 1_000 * sequence, gateway: 1, index: sequence },
  ...{ clockless: false, says: null, ...change },
});
const state = (state: "ready" | "alert", battery?: number): Pick<Heard, "says"> => ({
  says: { kind: "state", state: { state, ...(battery === undefined ? {} : { battery }) } },
});
const birth = (boot: string): Pick<Heard, "says"> => ({
  says: { kind: "birth", birth: { points: [], boot } },
});
const kept = (rows: readonly SayingRow[]) =>
  rows.map(({ name, sequence, says }) => [name, sequence, JSON.parse(says)]);

test("the latest of each kind is kept, whatever came in between or late", () => {
  const says = new DeviceSays();
  says.hear(heard(1, 3, birth("3")));
  says.hear(heard(1, 5, state("ready", 90)));
  says.hear(heard(1, 6, state("alert")));
  says.hear(heard(1, 4, state("ready", 80)));
  says.hear(heard(1, 2, birth("2")));
  expect(kept(says.changes())).toEqual([
    ["statement", 6, "set"],
    ["birth", 3, { points: [], boot: "3" }],
    ["state", 6, "alert"],
    ["battery", 5, 90],
  ]);
  expect(says.changes()).toEqual([]);
  says.hear(heard(1, 7));
  expect(kept(says.changes())).toEqual([["statement", 7, "set"]]);
});

test("a later key is later, whatever its sequence", () => {
  const says = new DeviceSays();
  says.hear(heard(1, 900, state("ready")));
  says.hear(heard(2, 1, state("alert")));
  says.hear(heard(1, 901, state("ready")));
  expect(kept(says.changes())).toEqual([
    ["statement", 1, "set"],
    ["state", 1, "alert"],
  ]);
});

test("devices do not mix, and a restored fold goes on as the old one would", () => {
  const one = new DeviceSays();
  const heardOnce = [heard(1, 1, { clockless: true, t: 5_000 }), heard(1, 1, { device: "room" })];
  for (const item of heardOnce) one.hear(item);
  const two = DeviceSays.restore(one.changes());
  expect(two.changes()).toEqual([]);
  for (const says of [one, two]) {
    expect(says.clocklessAt("meter", 4_000)).toBe(5_001);
    expect(says.clocklessAt("meter", 6_000)).toBe(6_000);
    expect(says.clocklessAt("room", 4_000)).toBe(4_000);
    says.hear(heard(1, 2, state("ready")));
  }
  expect(one.changes()).toEqual(two.changes());
});

test("times are given away once, even when an old number comes late", () => {
  const says = new DeviceSays();
  says.hear(heard(1, 9, { clockless: true, t: 5_000 }));
  says.hear(heard(1, 3, { clockless: true, t: 5_001 }));
  expect(says.clocklessAt("meter", 0)).toBe(5_002);
  const statement = says.changes().find(({ name }) => name === "statement");
  expect(statement).toMatchObject({ sequence: 9, t: 5_000, says: '"none"' });
});
