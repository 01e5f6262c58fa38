// The one error of the gateway, with a stable code from one table (house rule 8).

/** Every code that the gateway can fail with, and what it means. Codes are stable; messages are not. */
export const GATEWAY_CODES = {
  "journal.full": "the byte budget of the journal is used up",
  "journal.failed": "a durable write failed and its outcome is unknown; only a restart can tell",
  "journal.write": "a write failed and was taken back",
  "journal.corrupt": "a record in the middle of the journal is damaged",
  "journal.cursor": "the cursor lies outside what the journal holds",
  "journal.closed": "the journal is closed",
  "journal.record": "a record longer than allowed",
  "quarantine.full": "the byte budget of the quarantine is used up",
  "quarantine.client-full": "one client has used up its share of the quarantine",
  "quarantine.held": "as many statements of unknown keys wait as are allowed",
  "log.damaged": "the files of the log do not give what its state recorded",
  "log.journal-lost": "the journal no longer holds what the log key may have signed",
  "verify.failed": "the verification workers could not judge a message",
  "ingest.closed": "the gateway is stopping",
  "ingest.busy": "more messages in flight than allowed",
  "packet.first": "the first packet is not CONNECT, or a later one is (MQTT-3.1.0-1, MQTT-3.1.0-2)",
  "packet.type": "a packet type that no client may send here",
  "packet.flags": "fixed header flags other than the standard fixes (MQTT-2.2.2-2)",
  "packet.length": "a remaining length of more than four bytes (MQTT 2.2.3)",
  "packet.too-large": "a packet larger than allowed",
  "packet.qos2": "QoS 2 is not offered",
  "packet.malformed": "a packet that the rules of MQTT 3.1.1 do not allow",
  "packet.slow": "a packet that does not come to its end in time",
  "connect.timeout": "no CONNECT in time",
  "connect.idle": "no traffic in time",
  "connect.lost": "the connection ended before everything was answered",
  "connect.limit": "more clients than allowed",
  "connect.client-id": "the client id is not a device id: 1 to 64 of [a-z0-9-]",
  "connect.will": "the last will is not on the client's own state topic",
  "connect.version": "not MQTT 3.1.1",
  "connect.certificate": "the common name of the certificate is not the client id",
  "publish.topic": "a topic that this client may not publish to",
  "publish.qos": "a statement that is not QoS 1, or is retained",
  "publish.too-large": "a state longer than allowed",
  "config.invalid": "the configuration is not valid",
  "commission.missing": "the gateway has not been enrolled: run `muniment gateway enrol` first",
  "commission.invalid": "the commission file is not valid",
  "enrol.refused": "the ledger refused the enrolment",
  "enrol.genesis":
    "the ledger's genesis and policy do not belong together, or are not the expected ones",
  "ledger.unreachable": "no ledger node answered",
  "ledger.answer": "a ledger node gave an answer that cannot be read",
  "log.behind-anchor": "the ledger holds more of this log than this gateway does",
  "archive.invalid": "the archive's files do not lead to the anchored root of this log",
  "log.forked": "the ledger holds another history under this log's signature",
  "receipt.invalid": "a receipt does not prove that the batch is final",
  "registry.answer": "a registry answer cannot be read",
  "registry.rollback": "a node showed a ledger smaller than the one already seen",
  "registry.forked": "a node showed a ledger that does not extend the one already seen",
  "registry.proof": "a registry record is not proven",
  "registry.gap": "registry records do not follow one another",
  "registry.enrolment": "the ledger's enrolment of this gateway names another key or building",
  "registry.withheld":
    "the ledger has more registry records for this building than any node served",
  "sync.refused": "the ledger refuses this gateway's batch",
} as const;

export type GatewayCode = keyof typeof GATEWAY_CODES;

/** A failure of the gateway itself. `code` is from GATEWAY_CODES; the message says what was expected and found. */
export class GatewayError extends Error {
  readonly code: GatewayCode;

  constructor(code: GatewayCode, found?: string, options?: ErrorOptions) {
    super(found === undefined ? GATEWAY_CODES[code] : `${GATEWAY_CODES[code]}: ${found}`, options);
    this.name = "GatewayError";
    this.code = code;
  }
}
