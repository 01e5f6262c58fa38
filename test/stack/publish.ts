// One device that publishes messages over MQTT and waits for the acknowledgement of each.

import { connect } from "node:net";
import { answerReader, connectPacket, publishPacket } from "./raw-mqtt.ts";

const ANSWER_MS_MAX = 30_000;

/** Publishes to a topic as the device, QoS 1; resolves when all is acknowledged. */
export function publishAll(
  port: number,
  device: string,
  topic: string,
  payloads: readonly Uint8Array[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const timer = setTimeout(() => end(new Error("no acknowledgement in time")), ANSWER_MS_MAX);
    const end = (error?: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    let acknowledged = 0;
    const read = answerReader({
      connack: (code) => {
        if (code !== 0) return end(new Error(`CONNACK ${code}`));
        for (const [i, payload] of payloads.entries())
          socket.write(publishPacket(topic, i + 1, payload));
      },
      puback: () => {
        acknowledged += 1;
        if (acknowledged === payloads.length) end();
      },
    });
    socket.on("data", read);
    socket.on("error", end);
    socket.on("close", () => end(new Error("the gateway closed the connection")));
    socket.on("connect", () => socket.write(connectPacket(device)));
  });
}
