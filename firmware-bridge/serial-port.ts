// The real serial port (ports: OpenPort); the only file that imports serialport.

import { SerialPort as NativePort } from "serialport";
import { BridgeError } from "./errors.ts";
import type { OpenPort } from "./ports.ts";

/** How often a port is asked whether its device is still there. */
const aliveMsMax = 250;

/** What a driver says of a device that is gone. A pty, or a driver without modem lines, says something else. */
const GONE = /input\/output error|no such device|bad file descriptor/i;

/**
 * Opens a tty with a fresh port object: one that lost its device would first write what was left in it. Closing leaves DTR
 * alone (`hupcl`), which would reset many boards. A device that goes away between two reads is not noticed by the library, which
 * then reads nothing for ever (serialport/node-serialport#2043); asking for the modem lines tells.
 */
export const openSerialPort: OpenPort = (path, baudRate, on) =>
  new Promise((resolve, reject) => {
    const native = new NativePort({ path, baudRate, hupcl: false, autoOpen: false });
    let fault: Error | null = null;
    const end = (error: Error): void => {
      fault ??= error;
      if (native.isOpen) native.close(() => {});
    };
    native.on("data", (bytes: Buffer) => on.received(bytes));
    native.on("error", end);
    native.open((error) => {
      if (error) {
        reject(new BridgeError("line.failed", `${path}: ${error.message}`, { cause: error }));
        return;
      }
      const watch = setInterval(() => {
        if (!native.isOpen) return;
        native.get((problem) => {
          if (problem !== null && GONE.test(problem.message)) end(problem);
        });
      }, aliveMsMax);
      const ended = new Promise<void>((done) => {
        native.once("close", (cause?: Error | null) => {
          clearInterval(watch);
          on.ended(fault?.message ?? cause?.message ?? "closed");
          done();
        });
      });
      resolve({
        write(bytes) {
          if (native.isOpen) native.write(bytes);
        },
        queuedBytes: () => native.writableLength,
        async close() {
          if (native.isOpen) native.close(() => {});
          await ended;
        },
      });
    });
  });
