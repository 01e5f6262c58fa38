// The board's end of a serial line: CoAP over slipmux, one request at a time, sent again until the bridge answers (F9, RFC 7252 4.2).
import { encode } from "@muniment/core";
import {
  type Clock,
  type CoapMessage,
  decodeMessage,
  encodeCoapFrame,
  encodeDiagnosticFrame,
  encodeMessage,
  type Frame,
  type Line,
  lineLimits,
  messageBytesMax,
  type OpenPort,
  openLine,
  openSerialPort,
  systemClock,
  uintOf,
  uintOption,
} from "@muniment/firmware-bridge";
import { SimulatorError } from "./errors.ts";
import type { Publisher, StatementResult } from "./publisher.ts";

export interface SerialBoardConfig {
  /** The tty, or the pty that stands for one. */
  readonly path: string;
  readonly baudRate?: number;
  /** Milliseconds before a message is sent again for the first time (RFC 7252 4.8, ACK_TIMEOUT). */
  readonly ackTimeoutMs?: number;
  /** Called when the line is lost or can not be opened, with how long the next attempt waits. */
  readonly onTrouble?: (reason: string, waitMs: number) => void;
  readonly random?: () => number;
  readonly clock?: Clock;
  /** Another port than the real one, such as the end of a cable in memory. */
  readonly open?: OpenPort;
}

/** One board: everything that it says goes over one line, one request after the other (NSTART 1). */
export interface SerialBoard {
  /** A device on this board. Its close() ends nothing but its own requests. */
  publisher(on?: { readonly onResult?: (result: StatementResult) => void }): Publisher;
  /** The gateway's signed word on the time, or null when the bridge has none. */
  time(): Promise<Uint8Array | null>;
  /** A line of text for the bridge's log. */
  say(text: string): void;
  readonly counts: BoardCounts;
  close(): Promise<void>;
}

export interface BoardCounts {
  readonly requests: number;
  readonly retransmissions: number;
}

// RFC 7252 4.8, with ACK_TIMEOUT as short as a line from point to point allows (F9).
const ackTimeoutMsDefault = 1_000;
const ackRandomFactor = 1.5;
const maxRetransmit = 4;
/** Pause after a reset, and where a busy bridge does not say how long. */
const pauseMsDefault = 1_000;
/** A refusal is believed when it was heard so often: a check sequence of 16 bits lets one in 65,536 damaged requests through. */
const refusalsNeeded = 2;

/** What a frame has room for beside header, token, path, content format and payload marker. */
const payloadBytesMax = messageBytesMax - 4 - 4 - 2 - 2 - 1;

const contentFormat = { cose: 18, cbor: 60 } as const;

const GET = "0.01";
const POST = "0.02";

interface Request {
  readonly code: typeof GET | typeof POST;
  readonly path: string;
  readonly format: number | null;
  readonly payload: Uint8Array;
  readonly owner: object;
  refusals: number;
  readonly done: (answer: CoapMessage) => void;
  readonly failed: (error: Error) => void;
}

/** Opens a board on a line; the line may come later, and come back. */
export function openSerialBoard(config: SerialBoardConfig): SerialBoard {
  const { clock = systemClock, random = Math.random, ackTimeoutMs = ackTimeoutMsDefault } = config;
  const counts = { requests: 0, retransmissions: 0 };
  const queue: Request[] = [];
  let messageId = Math.floor(random() * 0x1_0000);
  /** The message on its way for queue[0]. */
  let exchange: {
    readonly messageId: number;
    readonly token: Buffer;
    readonly frame: Uint8Array;
  } | null = null;
  let cancelTimer = (): void => {};
  let closed = false;

  const line: Line = openLine({
    path: config.path,
    baudRate: config.baudRate ?? 115_200,
    open: config.open ?? openSerialPort,
    clock,
    random,
    limits: lineLimits,
    on: {
      opened: next,
      frame: received,
      lost(reason, waitMs) {
        config.onTrouble?.(reason, waitMs);
      },
    },
  });

  /** Sends the oldest request as a new message. */
  function next(): void {
    cancelTimer();
    exchange = null;
    const request = queue[0];
    if (closed || request === undefined || !line.isOpen()) return;
    messageId = (messageId + 1) & 0xffff;
    const token = Buffer.alloc(4);
    token.writeUInt32BE(Math.floor(random() * 0x1_0000_0000));
    const options = [{ name: "Uri-Path", value: Buffer.from(request.path) }];
    const format = request.format === null ? [] : [uintOption("Content-Format", request.format)];
    const { code, payload } = request;
    const message = encodeMessage({
      ...{ type: "CON", code, messageId, token, payload },
      options: [...options, ...format],
    });
    exchange = { messageId, token, frame: encodeCoapFrame(message) };
    counts.requests += 1;
    transmit(0, ackTimeoutMs * (1 + random() * (ackRandomFactor - 1)));
  }

  function transmit(retransmitted: number, timeoutMs: number): void {
    if (exchange === null) return;
    line.send(exchange.frame);
    cancelTimer = clock.after(timeoutMs, () => {
      if (retransmitted === maxRetransmit) return next();
      counts.retransmissions += 1;
      transmit(retransmitted + 1, timeoutMs * 2);
    });
  }

  function received(frame: Frame): void {
    if (frame.kind !== "coap" || exchange === null) return;
    const message = decodeMessage(frame.message);
    if (message.type === "fault" || message.messageId !== exchange.messageId) return;
    if (message.type === "RST") {
      pause(pauseMsDefault);
      return;
    }
    if (message.type !== "ACK" || !exchange.token.equals(message.token)) return;
    const request = queue[0]!;
    if (request.code === POST && isLater(message)) {
      pause(maxAgeMs(message) ?? pauseMsDefault);
      return;
    }
    if (message.code.startsWith("4.") && ++request.refusals < refusalsNeeded) {
      next();
      return;
    }
    queue.shift();
    next();
    request.done(message);
  }

  function pause(ms: number): void {
    cancelTimer();
    exchange = null;
    cancelTimer = clock.after(ms, next);
  }

  const ask = (request: Omit<Request, "done" | "failed" | "refusals">): Promise<CoapMessage> =>
    new Promise((done, failed) => {
      if (closed) return failed(new SimulatorError("publisher.closed", config.path));
      queue.push({ ...request, refusals: 0, done, failed });
      if (queue.length === 1) next();
    });

  const drop = (ofOwner: (request: Request) => boolean): void => {
    const wasFirst = queue[0];
    const dropped = queue.filter(ofOwner);
    queue.splice(0, queue.length, ...queue.filter((request) => !ofOwner(request)));
    for (const request of dropped)
      request.failed(new SimulatorError("publisher.closed", config.path));
    if (queue[0] !== wasFirst) next();
  };

  return {
    counts,
    publisher(on = {}) {
      const owner = {};
      return {
        async send({ sequence, statement, body }) {
          const payload = body === undefined ? statement : encode([statement, body]);
          if (payload.length > payloadBytesMax)
            throw new SimulatorError("publisher.too-large", `${payload.length} bytes`);
          const answer = await ask({
            ...{ code: POST, path: "r", owner },
            format: body === undefined ? contentFormat.cose : contentFormat.cbor,
            payload,
          });
          on.onResult?.({ sequence, result: resultOf(answer) });
        },
        close: async () => drop((request) => request.owner === owner),
      };
    },
    async time() {
      const answer = await ask({
        ...{ code: GET, path: "t", owner: counts },
        ...{ format: null, payload: new Uint8Array(0) },
      });
      return answer.code === "2.05" ? answer.payload : null;
    },
    say(text) {
      line.send(encodeDiagnosticFrame(text));
    },
    async close() {
      closed = true;
      cancelTimer();
      drop(() => true);
      await line.close();
    },
  };
}

/** Nothing is durable, and it is worth asking again. */
function isLater({ code }: CoapMessage): boolean {
  return code === "4.29" || code === "5.03";
}

function maxAgeMs({ options }: CoapMessage): number | null {
  const maxAge = options.find(({ name }) => name === "Max-Age");
  const seconds = maxAge === undefined ? null : uintOf(maxAge);
  return seconds === null ? null : seconds * 1_000;
}

/** The bridge's answer in the gateway's words: a refusal carries the reason as its text. */
function resultOf({ code, payload }: CoapMessage): string {
  if (code === "2.04") return "acknowledged";
  return Buffer.from(payload).toString("utf8") || code;
}
