// The few MQTT 3.1.1 packets that a load generator needs, written by hand: a client library would be the bottleneck.

import { concat, u16be, utf8 } from "@muniment/core";

/** CONNECT: clean session, no credentials. `keepAliveSeconds` 0 turns the keep-alive off. */
export function connectPacket(clientId: string, keepAliveSeconds = 60): Uint8Array {
  const head = concat(u16be(4), utf8("MQTT"), Uint8Array.of(4, 2), u16be(keepAliveSeconds));
  return packet(0x10, concat(head, u16be(clientId.length), utf8(clientId)));
}

/** PUBLISH at QoS 1. */
export function publishPacket(topic: string, packetId: number, payload: Uint8Array): Uint8Array {
  return packet(0x32, concat(u16be(topic.length), utf8(topic), u16be(packetId), payload));
}

/** A packet with the remaining length of its body. `type` is the whole first byte, flags included. */
export function packet(type: number, body: Uint8Array): Uint8Array {
  const head = [type];
  let rest = body.length;
  do {
    head.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>= 7;
  } while (rest > 0);
  return concat(Uint8Array.from(head), body);
}

/** Splits a stream of broker packets; calls back with CONNACK return codes and PUBACK packet ids. */
export function answerReader(on: {
  connack(code: number): void;
  puback(packetId: number): void;
}): (chunk: Uint8Array) => void {
  let kept: Uint8Array = new Uint8Array(0);
  return (chunk) => {
    const bytes = kept.length === 0 ? chunk : concat(kept, chunk);
    let at = 0;
    while (at + 2 <= bytes.length) {
      const length = bytes[at + 1]!; // answers are short: one length byte
      if (at + 2 + length > bytes.length) break;
      const type = bytes[at]! >> 4;
      if (type === 2) on.connack(bytes[at + 3]!);
      else if (type === 4) on.puback((bytes[at + 2]! << 8) | bytes[at + 3]!);
      at += 2 + length;
    }
    kept = bytes.slice(at);
  };
}
