// The link machine: every input in every state.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Answer } from "./answer.ts";
import {
  type CoapMessage,
  type CoapOption,
  decodeMessage,
  encodeMessage,
  uintOption,
} from "./coap.ts";
import {
  type LinkInput,
  type LinkLimits,
  type LinkOutput,
  type LinkState,
  linkStart,
  linkStep,
} from "./link.ts";

const limits: LinkLimits = {
  pendingMax: 2,
  answerMsMax: 15_000,
  exchangeMsMax: 247_000,
  rememberedMax: 3,
  retrySeconds: 2,
};
const COSE = uintOption("Content-Format", 18);
const path = (name: string): CoapOption => ({ name: "Uri-Path", value: Buffer.from(name) });

const request = (messageId: number, change: Partial<CoapMessage> = {}): Uint8Array =>
  encodeMessage({
    type: "CON",
    code: "0.02",
    messageId,
    token: Uint8Array.of(messageId & 0xff, 7),
    options: [path("r"), COSE],
    payload: Buffer.from("statement"),
    ...change,
  });
const message = (bytes: Uint8Array, now = 0): LinkInput => ({ kind: "message", bytes, now });
const outcome = (exchange: number, answer: Answer, now = 0): LinkInput => ({
  ...{ kind: "outcome", exchange, answer, now },
});
const stored: Answer = { code: "2.04" };

/** Runs inputs one after the other; the last state and what each of them gave, in words. */
function run(inputs: readonly LinkInput[], from: LinkState = linkStart) {
  let state = from;
  const said = inputs.map((input) => {
    const step = linkStep(state, input, limits);
    state = step.state;
    return step.outputs.map(inWords);
  });
  return { state, said, last: said.at(-1) };
}

function inWords(output: LinkOutput): string {
  switch (output.kind) {
    case "send": {
      const sent = decodeMessage(output.message);
      if (sent.type === "fault") throw new Error("sent a fault");
      const maxAge = sent.options.find(({ name }) => name === "Max-Age");
      const token = Buffer.from(sent.token).toString("hex");
      const age = maxAge === undefined ? "" : ` age ${Buffer.from(maxAge.value).toString("hex")}`;
      return `${sent.type} ${sent.code} ${sent.messageId}${token === "" ? "" : ` ${token}`}${age}`;
    }
    case "event":
      return output.event;
    case "judge":
      return `judge ${output.exchange} ${Buffer.from(output.payload).toString()} ${output.ms}`;
    case "time":
      return `time ${output.exchange} ${output.ms}`;
  }
}

describe("a statement", () => {
  test("is judged, and answered once its outcome is known: silence until then", () => {
    const { said, state } = run([message(request(5)), outcome(1, stored)]);
    expect(said).toEqual([["judge 1 statement 15000"], ["ACK 2.04 5 0507"]]);
    expect(state.pending.size).toBe(0);
  });

  test("that comes again while it is judged is not judged again", () => {
    const { said } = run([message(request(5)), message(request(5)), outcome(1, stored)]);
    expect(said.slice(1)).toEqual([["retransmission"], ["ACK 2.04 5 0507"]]);
  });

  test("that comes again after its answer has the same answer, for the lifetime of an exchange", () => {
    const { state } = run([message(request(5)), outcome(1, stored, 1_000)]);
    expect(run([message(request(5), 247_999)], state).last).toEqual([
      "retransmission",
      "ACK 2.04 5 0507",
    ]);
    expect(run([message(request(5), 248_000)], state).last).toEqual(["judge 2 statement 15000"]);
  });

  test("a refusal is remembered as well, with its reason", () => {
    const refused: Answer = { code: "4.01", payload: Buffer.from("unknown-key") };
    const { said } = run([message(request(5)), outcome(1, refused), message(request(5))]);
    expect(said.slice(1)).toEqual([["ACK 4.01 5 0507"], ["retransmission", "ACK 4.01 5 0507"]]);
  });

  test("'later' is remembered no longer than it says", () => {
    const later: Answer = { code: "5.03", maxAge: 2 };
    const { state, last } = run([message(request(5)), outcome(1, later)]);
    expect(last).toEqual(["ACK 5.03 5 0507 age 02"]);
    expect(run([message(request(5), 1_999)], state).last).toEqual([
      "retransmission",
      "ACK 5.03 5 0507 age 02",
    ]);
    expect(run([message(request(5), 2_000)], state).last).toEqual(["judge 2 statement 15000"]);
  });

  test("without an outcome in time is answered 'later', and the late outcome by nothing", () => {
    const timeout: LinkInput = { kind: "timeout", exchange: 1, now: 15_000 };
    const { said } = run([message(request(5)), timeout, outcome(1, stored)]);
    expect(said.slice(1)).toEqual([["ACK 5.03 5 0507 age 02"], ["outdated"]]);
  });

  test("under the id of another that waits takes its place: a board may begin its ids anew", () => {
    const second = request(5, { payload: Buffer.from("other") });
    const { said } = run([
      message(request(5)),
      message(second),
      outcome(1, stored),
      outcome(2, stored),
    ]);
    expect(said.slice(1)).toEqual([
      ["superseded", "judge 2 other 15000"],
      ["outdated"],
      ["ACK 2.04 5 0507"],
    ]);
  });

  test("under the id of another that was answered is judged", () => {
    const second = request(5, { payload: Buffer.from("other") });
    const { last } = run([message(request(5)), outcome(1, stored), message(second)]);
    expect(last).toEqual(["judge 2 other 15000"]);
  });

  test("beyond the limit of pending ones is answered 4.29", () => {
    const { said, state } = run([1, 2, 3].map((id) => message(request(id))));
    expect(said[2]).toEqual(["ACK 4.29 3 0307 age 02"]);
    expect(run([outcome(1, stored), message(request(3), 2_000)], state).last).toEqual([
      "judge 3 statement 15000",
    ]);
  });

  test("only the last answers are remembered; the sequence number does the rest", () => {
    const ids = [1, 2, 3, 4];
    const { state } = run(ids.flatMap((id) => [message(request(id)), outcome(id, stored)]));
    expect(state.answered.size).toBe(3);
    expect(run([message(request(1))], state).last).toEqual(["judge 5 statement 15000"]);
    expect(run([message(request(2))], state).last).toEqual(["retransmission", "ACK 2.04 2 0207"]);
  });

  test("a new connection forgets everything: another board may be there", () => {
    const { state } = run([
      message(request(5)),
      message(request(6)),
      outcome(1, stored),
      { kind: "opened" },
    ]);
    expect(run([outcome(2, stored)], state).last).toEqual(["outdated"]);
    expect(run([message(request(5))], state).last).toEqual(["judge 3 statement 15000"]);
  });
});

describe("the time", () => {
  const get = request(9, { code: "0.01", options: [path("t")], payload: new Uint8Array(0) });

  test("is asked for each time: an old one is never sent again", () => {
    const now: Answer = {
      code: "2.05",
      maxAge: 0,
      payload: Buffer.from("time"),
      contentFormat: 18,
    };
    const { said } = run([message(get), outcome(1, now), message(get)]);
    expect(said).toEqual([["time 1 15000"], ["ACK 2.05 9 0907 age "], ["time 2 15000"]]);
  });
});

describe("other requests", () => {
  test.each<[string, Partial<CoapMessage>, string]>([
    ["another path", { options: [path("x"), COSE] }, "4.04"],
    ["no path", { options: [COSE] }, "4.04"],
    ["a longer path", { options: [path("r"), path("r"), COSE] }, "4.04"],
    ["another method", { code: "0.01" }, "4.05"],
    ["a statement to the time", { options: [path("t"), COSE] }, "4.05"],
    ["no content format", { options: [path("r")] }, "4.15"],
    ["another content format", { options: [path("r"), uintOption("Content-Format", 50)] }, "4.15"],
    ["an option to be understood", { options: [path("r"), COSE, uintOption("Block1", 1)] }, "4.02"],
    [
      "another, without a name",
      { options: [path("r"), COSE, { name: "65001", value: Uint8Array.of(1) }] },
      "4.02",
    ],
  ])("%s", (_name, change, code) => {
    expect(run([message(request(5, change))]).last).toEqual([`ACK ${code} 5 0507`]);
  });

  test("options that need not be understood do not matter", () => {
    const options = [
      path("r"),
      COSE,
      uintOption("Size1", 9),
      { name: "65000", value: Uint8Array.of(1) },
    ];
    expect(run([message(request(5, { options }))]).last).toEqual(["judge 1 statement 15000"]);
    const host = { name: "Uri-Host", value: Buffer.from("bridge") };
    expect(run([message(request(5, { options: [host, path("r"), COSE] }))]).last).toHaveLength(1);
  });

  test("an access event comes as CBOR", () => {
    const options = [path("r"), uintOption("Content-Format", 60)];
    expect(run([message(request(5, { options }))]).last).toEqual(["judge 1 statement 15000"]);
  });

  test("one that is too long is answered from its beginning; anything else that is too long is not", () => {
    const long = (head: Uint8Array): LinkInput => ({ kind: "oversize", head, now: 0 });
    expect(run([long(request(5))]).last).toEqual(["ACK 4.13 5 0507"]);
    expect(run([long(request(5, { type: "NON" }))]).last).toEqual(["ignored"]);
  });
});

describe("what is no request", () => {
  const bare = { token: new Uint8Array(0), options: [], payload: new Uint8Array(0) };

  test("a ping is answered by a reset", () => {
    expect(run([message(request(5, { ...bare, code: "0.00" }))]).last).toEqual([
      "ping",
      "RST 0.00 5",
    ]);
  });

  test("what is not understood is reset", () => {
    expect(run([message(request(5, { type: "NON" }))]).last).toEqual(["reset", "RST 0.00 5"]);
    expect(run([message(request(5, { code: "2.05" }))]).last).toEqual(["reset", "RST 0.00 5"]);
    expect(run([message(request(5, { code: "7.01" }))]).last).toEqual(["reset", "RST 0.00 5"]);
    expect(run([message(Uint8Array.of(0x40, 2, 0, 7, 0xff))]).last).toEqual([
      "reset",
      "RST 0.00 7",
    ]);
  });

  test("acknowledgements, resets and what has no id are ignored", () => {
    expect(run([message(request(5, { type: "ACK", code: "2.04" }))]).last).toEqual(["ignored"]);
    expect(run([message(request(5, { ...bare, type: "RST", code: "0.00" }))]).last).toEqual([
      "ignored",
    ]);
    expect(run([message(Uint8Array.of(0x80, 2, 0, 7))]).last).toEqual(["ignored"]);
  });

  test("an outcome or a timeout of nothing is outdated", () => {
    expect(run([outcome(1, stored)]).last).toEqual(["outdated"]);
    expect(run([{ kind: "timeout", exchange: 1, now: 0 }]).last).toEqual(["outdated"]);
  });
});

test("whatever comes, the state stays within its limits, nothing is thrown, and each exchange ends once", () => {
  const bytes = fc.oneof(
    fc.integer({ min: 0, max: 6 }).map((id) => request(id)),
    fc.integer({ min: 0, max: 6 }).map((id) => request(id, { payload: Buffer.from("other") })),
    fc.integer({ min: 0, max: 6 }).map((id) => request(id, { options: [path("t")], code: "0.01" })),
    fc.uint8Array({ maxLength: 20 }),
  );
  const answer = fc.constantFrom<Answer>(stored, { code: "5.03", maxAge: 2 }, { code: "4.01" });
  const exchange = fc.integer({ min: 0, max: 30 });
  const now = fc.nat({ max: 500_000 });
  const input = fc.oneof<fc.Arbitrary<LinkInput>[]>(
    fc.record({ kind: fc.constant("message" as const), bytes, now }),
    fc.record({
      kind: fc.constant("oversize" as const),
      head: fc.uint8Array({ minLength: 8, maxLength: 20 }),
      now,
    }),
    fc.record({ kind: fc.constant("outcome" as const), exchange, answer, now }),
    fc.record({ kind: fc.constant("timeout" as const), exchange, now }),
    fc.constant({ kind: "opened" as const }),
  );
  fc.assert(
    fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
      let state = linkStart;
      let asked = 0;
      let ended = 0;
      for (const one of inputs) {
        const { state: next, outputs } = linkStep(state, one, limits);
        asked += outputs.filter(({ kind }) => kind === "judge" || kind === "time").length;
        const answered = outputs.some((output) => output.kind === "send" && output.code !== null);
        if ((one.kind === "outcome" || one.kind === "timeout") && answered) ended += 1;
        if (one.kind === "opened") ended += state.pending.size;
        ended += outputs.filter(
          (output) => output.kind === "event" && output.event === "superseded",
        ).length;
        expect(next.pending.size).toBe(asked - ended);
        expect(next.pending.size).toBeLessThanOrEqual(limits.pendingMax);
        expect(next.answered.size).toBeLessThanOrEqual(limits.rememberedMax);
        state = next;
      }
    }),
  );
});
