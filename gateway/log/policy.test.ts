// When a batch is full, and when it is old enough.

import { describe, expect, it } from "vitest";
import {
  batchLimits,
  closeReason,
  closesInMs,
  entryBytes,
  hasRoom,
  nothingPending,
  together,
  withEntry,
} from "./policy.ts";

const limits = { batchCountMax: 3, batchBytesMax: 100, batchAgeMsMax: 1_000 };

describe("when a batch closes", () => {
  it("stays open while nothing is pending, whatever the time", () => {
    expect(closeReason(nothingPending, limits, 1e15)).toBeNull();
    expect(closesInMs(nothingPending, limits, 0)).toBeNull();
  });

  it("closes by count, bytes and age, and names the reason", () => {
    const one = withEntry(nothingPending, 10, 5_000);
    expect(closeReason(one, limits, 5_999)).toBeNull();
    expect(closeReason(one, limits, 6_000)).toBe("age");
    expect(closesInMs(one, limits, 5_400)).toBe(600);
    const three = withEntry(withEntry(one, 10, 5_001), 10, 5_002);
    expect(closeReason(three, limits, 5_003)).toBe("count");
    expect(closeReason(withEntry(one, 90, 5_001), limits, 5_003)).toBe("bytes");
  });

  it("closes at once when the clock was set back behind the arrival", () => {
    expect(closeReason(withEntry(nothingPending, 10, 5_000), limits, 4_000)).toBe("age");
  });

  it("has room up to the limits, and always for a first entry", () => {
    expect(hasRoom(nothingPending, 1_000, limits)).toBe(true);
    const held = { count: 2, bytes: 60, since: 0 };
    expect(hasRoom(held, 40, limits)).toBe(true);
    expect(hasRoom(held, 41, limits)).toBe(false);
    expect(hasRoom({ ...held, count: 3 }, 1, limits)).toBe(false);
  });

  it("counts frame, statement and body", () => {
    expect(entryBytes(new Uint8Array(10), null)).toBe(12);
    expect(entryBytes(new Uint8Array(10), new Uint8Array(5))).toBe(17);
  });

  it("joins what waited and what arrived, keeping the older time", () => {
    const earlier = { count: 1, bytes: 10, since: 1 };
    const later = { count: 2, bytes: 20, since: 2 };
    expect(together(earlier, later)).toEqual({ count: 3, bytes: 30, since: 1 });
    expect(together(nothingPending, later)).toEqual(later);
  });

  it("fits the ledger's limits by default", () => {
    expect(batchLimits.batchCountMax).toBe(4_096);
    expect(batchLimits.batchBytesMax).toBe(4_194_304);
  });
});
