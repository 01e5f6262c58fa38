// The one error of the bridge, with a stable code from one table (house rule 8).

/** Every code that the bridge can fail with, and what it means. Codes are stable; messages are not. */
export const BRIDGE_CODES = {
  "config.invalid": "the configuration is not valid",
  "frame.too-long": "a message longer than a frame may be",
  "line.failed": "the serial port could not be opened",
  "devices.answer": "the ledger's list of devices cannot be read",
  "devices.cache": "the stored list of devices cannot be read",
  "ledger.unreachable": "the ledger does not answer",
} as const;

export type BridgeCode = keyof typeof BRIDGE_CODES;

/** A failure of the bridge itself. `code` is from BRIDGE_CODES; the message says what was expected and found. */
export class BridgeError extends Error {
  readonly code: BridgeCode;

  constructor(code: BridgeCode, found?: string, options?: ErrorOptions) {
    super(found === undefined ? BRIDGE_CODES[code] : `${BRIDGE_CODES[code]}: ${found}`, options);
    this.name = "BridgeError";
    this.code = code;
  }
}
