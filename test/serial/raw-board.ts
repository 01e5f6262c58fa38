// A board that says whatever a test wants it to, and shows the answer as it came.

import {
  type CoapMessage,
  decodeMessage,
  encodeCoapFrame,
  encodeMessage,
  type Frame,
  type Line,
  lineLimits,
  openLine,
  openSerialPort,
  systemClock,
  uintOption,
} from "@muniment/firmware-bridge";

const ANSWER_MS_MAX = 10_000;

export interface RawBoard {
  /** POST /r with these bytes; content format 18 unless another is given. */
  post(payload: Uint8Array, format?: number): Promise<CoapMessage>;
  ask(message: Partial<CoapMessage>): Promise<CoapMessage>;
  /** Bytes as they are, delimiters included. */
  write(bytes: Uint8Array): void;
  /** The next frame, whatever it is. */
  next(): Promise<CoapMessage>;
  close(): Promise<void>;
}

/** Opens a board on a port that is there. */
export async function openRawBoard(path: string): Promise<RawBoard> {
  const heard: CoapMessage[] = [];
  const waiting: ((message: CoapMessage) => void)[] = [];
  let messageId = Math.floor(Math.random() * 0x8000);
  const take = (frame: Frame): void => {
    if (frame.kind !== "coap") throw new Error(`the bridge sent ${JSON.stringify(frame)}`);
    const message = decodeMessage(frame.message);
    if (message.type === "fault") throw new Error("the bridge sent no CoAP");
    const first = waiting.shift();
    if (first === undefined) heard.push(message);
    else first(message);
  };
  const line = await new Promise<Line>((resolve) => {
    const opening: Line = openLine({
      ...{ path, baudRate: 115_200, open: openSerialPort, clock: systemClock, random: Math.random },
      limits: lineLimits,
      on: { opened: () => resolve(opening), frame: take, lost: () => {} },
    });
  });
  const next = (): Promise<CoapMessage> =>
    new Promise((resolve, reject) => {
      const first = heard.shift();
      if (first !== undefined) return resolve(first);
      const timer = setTimeout(() => reject(new Error("no answer")), ANSWER_MS_MAX);
      waiting.push((message) => {
        clearTimeout(timer);
        resolve(message);
      });
    });
  const ask = (message: Partial<CoapMessage>): Promise<CoapMessage> => {
    messageId += 1;
    line.send(
      encodeCoapFrame(
        encodeMessage({
          ...{ type: "CON", code: "0.02", messageId, token: Uint8Array.of(1, 2) },
          ...{ options: [], payload: new Uint8Array(0), ...message },
        }),
      ),
    );
    return next();
  };
  const r = { name: "Uri-Path", value: Buffer.from("r") };
  return {
    ask,
    next,
    post: (payload, format = 18) =>
      ask({ payload, options: [r, uintOption("Content-Format", format)] }),
    write: (bytes) => void line.send(bytes),
    close: () => line.close(),
  };
}

/** Code, reason and Max-Age of an answer, in words. */
export function inWords({ code, payload, options }: CoapMessage): string {
  const maxAge = options.find(({ name }) => name === "Max-Age");
  const words = [code, Buffer.from(payload).toString()];
  if (maxAge !== undefined) words.push(`age ${maxAge.value[0] ?? 0}`);
  return words.filter((word) => word !== "").join(" ");
}
