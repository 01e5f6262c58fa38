// One batch on its way to the ledger, as a pure machine: every input in every state.

import { describe, expect, it } from "vitest";
import { backoffMs, type Delivery, type DeliveryInput, deliver, newDelivery } from "./delivery.ts";

const limits = { answerMsMax: 1_000, backoffBaseMs: 100, backoffMsMax: 5_000 };
const step = (state: Delivery, input: DeliveryInput) => deliver(state, input, limits);

describe("the delivery of one batch", () => {
  const sent = step(newDelivery(50), { type: "timer", now: 50 });

  it("sends when its time has come, not before", () => {
    expect(step(newDelivery(50), { type: "timer", now: 49 }).output).toEqual({
      type: "wait",
      until: 50,
    });
    expect(sent).toEqual({
      state: { phase: "sent", attempt: 0, deadline: 1_050 },
      output: { type: "send" },
    });
  });

  it("is final on a verified receipt, and stays so", () => {
    const final = step(sent.state, { type: "receipt-verified" });
    expect(final).toEqual({ state: { phase: "accepted" }, output: { type: "finalise" } });
    expect(step(final.state, { type: "failed", now: 0, random: 0 }).state).toEqual({
      phase: "accepted",
    });
  });

  it("counts an answer as lost at the deadline and sends again", () => {
    expect(step(sent.state, { type: "timer", now: 1_049 }).output).toEqual({
      type: "wait",
      until: 1_050,
    });
    const lost = step(sent.state, { type: "timer", now: 1_050 });
    expect(lost.state).toEqual({ phase: "pending", attempt: 1, at: 1_050 });
    expect(step(lost.state, { type: "timer", now: 1_050 }).output).toEqual({ type: "send" });
  });

  it("backs off with full jitter under a cap", () => {
    expect(step(sent.state, { type: "failed", now: 60, random: 0.5 }).output).toEqual({
      type: "wait",
      until: 110,
    });
    expect(backoffMs(3, 0.999, limits)).toBe(799);
    expect(backoffMs(1_000, 0.999, limits)).toBe(4_995);
    expect(backoffMs(1_000, 0, limits)).toBe(1);
  });

  it("stops when refused or forked, and hears nothing more", () => {
    const refused = step(sent.state, { type: "refused", code: "batch.root", message: "no" });
    expect(refused.output).toEqual({ type: "stop" });
    const forked = step(sent.state, { type: "conflict", theirs: "note" });
    expect(forked.state).toEqual({ phase: "forked", theirs: "note" });
    expect(step(forked.state, { type: "receipt-verified" })).toEqual({
      state: forked.state,
      output: { type: "stop" },
    });
    expect(step(forked.state, { type: "timer", now: 1e9 }).output).toEqual({ type: "stop" });
  });

  it("ignores an answer that comes after the deadline was declared", () => {
    const lost = step(sent.state, { type: "timer", now: 1_050 });
    expect(step(lost.state, { type: "receipt-verified" }).state).toEqual(lost.state);
  });
});
