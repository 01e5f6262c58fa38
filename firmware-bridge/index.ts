// The bridge's one face: boards on a serial line become MQTT devices (F9); the codec, for those who play the board.

export { type Bridge, type BridgeWorld, createBridge } from "./bridge.ts";
export {
  type CoapMessage,
  type CoapOption,
  decodeMessage,
  encodeMessage,
  uintOf,
  uintOption,
} from "./coap.ts";
export type { BridgeSettings } from "./config.ts";
export { encodeCoapFrame, encodeDiagnosticFrame, messageBytesMax } from "./frame.ts";
export type { Frame } from "./frame-decoder.ts";
export type { Health } from "./health.ts";
export { type Line, type LineOptions, lineLimits, openLine } from "./line.ts";
export type { Clock, OpenPort, Random } from "./ports.ts";
export { openSerialPort } from "./serial-port.ts";
export { systemClock } from "./system-clock.ts";
