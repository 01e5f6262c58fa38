// Trouble that goes on is said once, aloud; every further attempt is for those who look closely.

import type { Logger } from "pino";

export interface TroubleLog {
  trouble(reason: string, waitMs: number): void;
  /** It is over; the next trouble is news again. */
  over(message: string): void;
}

/** Says of one connection why it is not there. */
export function troubleLog(logger: Logger, message: string): TroubleLog {
  let last: string | null = null;
  return {
    trouble(reason, waitMs) {
      const details = { reason, waitMs };
      if (reason === last) logger.debug(details, message);
      else logger.warn(details, message);
      last = reason;
    },
    over(told) {
      last = null;
      logger.info(told);
    },
  };
}
