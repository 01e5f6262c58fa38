// slipmux frames against the vectors of other implementations (draft-bormann-t2trg-slipmux-03, RFC 1662).

import { fromHex, toHex } from "@muniment/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  encodeCoapFrame,
  encodeDiagnosticFrame,
  FCS_GOOD,
  FCS_START,
  fcs16,
  fcsStep,
  frameBytesMax,
  messageBytesMax,
} from "./frame.ts";

describe("FCS-16", () => {
  test("has the check value of CRC-16/IBM-SDLC", () => {
    expect(fcs16(Buffer.from("123456789"))).toBe(0x906e);
    // The state from which the sequence of every CoAP frame goes on.
    expect(fcsStep(FCS_START, 0xa9)).toBe(0x374c);
  });

  test("leaves the good residue after any bytes and their own sequence, and no other", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.integer({ min: 1, max: 0xffff }),
        (bytes, flips) => {
          const fcs = fcs16(bytes);
          const residue = (value: number): number =>
            [...bytes, value & 0xff, value >>> 8].reduce(fcsStep, FCS_START);
          expect(residue(fcs)).toBe(FCS_GOOD);
          expect(residue(fcs ^ flips)).not.toBe(FCS_GOOD);
        },
      ),
    );
  });
});

describe("frames", () => {
  test.each([
    ["GET, message id 0", "40010000", "c0a940010000bc38c0"],
    ["ping, message id 1", "40000001", "c0a940000001e973c0"],
    ["ACK 2.04, message id 1234, token 0102", "6244" + "1234" + "0102", "c0a9624412340102d06ec0"],
  ])("%s", (_name, message, frame) => {
    expect(toHex(encodeCoapFrame(fromHex(message)))).toBe(frame);
  });

  test("a diagnostic has no check sequence", () => {
    expect(toHex(encodeDiagnosticFrame("boot"))).toBe("c00a626f6f74c0");
  });

  test("delimiter and escape are escaped wherever they stand", () => {
    const frame = toHex(encodeCoapFrame(fromHex("4001c0db")));
    expect(frame.startsWith("c0a94001dbdcdbdd")).toBe(true);
    expect(frame.slice(2, -2)).not.toContain("c0");
  });

  test("what does not fit is refused", () => {
    expect(messageBytesMax).toBe(frameBytesMax - 3);
    expect(encodeCoapFrame(new Uint8Array(messageBytesMax)).length).toBeGreaterThan(frameBytesMax);
    expect(() => encodeCoapFrame(new Uint8Array(messageBytesMax + 1))).toThrow(/frame/);
    expect(() => encodeDiagnosticFrame("x".repeat(frameBytesMax))).toThrow(
      /1280 bytes, found 1281/,
    );
  });
});
