// One line on stderr that tells how far a long check has come; silent for what takes less than a second.

export interface ProgressLine {
  update(done: number, total: number): void;
  stop(): void;
}

const firstMs = 1_000;
const terminalMs = 100;
const fileMs = 5_000;

/** A line for a count of things, such as entries. */
export function progressLine(noun: string): ProgressLine {
  const terminal = process.stderr.isTTY;
  let next = performance.now() + firstMs;
  let shown = false;
  return {
    update(done, total) {
      const now = performance.now();
      if (now < next) return;
      next = now + (terminal ? terminalMs : fileMs);
      shown = true;
      const text = `${done} of ${total} ${noun}, ${Math.floor((100 * done) / total)} %`;
      process.stderr.write(terminal ? `\r\u001b[K${text}` : `${text}\n`);
    },
    stop() {
      if (shown && terminal) process.stderr.write("\r\u001b[K");
    },
  };
}
