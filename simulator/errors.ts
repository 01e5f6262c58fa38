// What can go wrong in the simulator and the sending commands, one class and one table of codes (house rule 8).
export const simulatorCodes = {
  "map.format": "the map file is not one that replay understands",
  "csv.format": "the CSV file is not RFC 4180",
  "greenbutton.format": "the file is not Green Button (NAESB ESPI) as it can be read",
  "greenbutton.unsupported": "the file measures something that is not imported",
  "import.device": "the device is not enrolled for what is to be imported",
  "import.bills": "the rows are not bills",
  "senml.json": "the line is not SenML JSON",
  "outbox.format": "the outbox file is damaged or belongs to another key",
  "world.differs": "the data folder holds another building",
  "world.future": "a simulated life cannot begin in the future",
  "ledger.unreachable": "the ledger does not answer",
  "ledger.refused": "the ledger refused the transaction",
  "device.unknown": "the ledger does not know the device",
  "misbehave.order": "the order of a misbehaviour cannot be carried out",
  "fault.order": "the order of a fault cannot be carried out",
  "port.busy": "a port is taken by another program",
  "child.ended": "a process of the demo ended by itself",
  "child.stopped": "nothing is started any more",
  "ready.timeout": "what was waited for did not happen in time",
  "publisher.too-large": "a statement longer than a serial frame may be",
  "publisher.closed": "the publisher was closed before the broker acknowledged",
} as const;

export type SimulatorCode = keyof typeof simulatorCodes;

/** What went wrong, by code. The message says what was expected and found; `cause` is kept. */
export class SimulatorError extends Error {
  readonly code: SimulatorCode;

  constructor(code: SimulatorCode, found: string, options?: ErrorOptions) {
    super(`${simulatorCodes[code]}: ${found}`, options);
    this.name = "SimulatorError";
    this.code = code;
  }
}
