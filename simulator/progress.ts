// A progress bar on stderr for whatever takes longer than a second; without a terminal it prints a line now and then.
import cliProgress from "cli-progress";

export interface Progress {
  update(done: number, total: number, says: string): void;
  stop(): void;
}

/** A bar that appears with the first update. */
export function progressBar(title: string): Progress {
  let bar: cliProgress.SingleBar | null = null;
  return {
    update(done, total, says) {
      if (bar === null) {
        bar = new cliProgress.SingleBar({
          format: `${title} {bar} {percentage}% {says}`,
          barCompleteChar: "#",
          barIncompleteChar: ".",
          barsize: 28,
          hideCursor: true,
          stream: process.stderr,
          noTTYOutput: true,
          notTTYSchedule: 5_000,
        });
        bar.start(total, 0, { says });
      }
      bar.setTotal(total);
      bar.update(done, { says });
    },
    stop() {
      bar?.stop();
      bar = null;
    },
  };
}
