// What core makes of some bytes: null when it accepts them, else the code of its refusal.

import { FormatError } from "@muniment/core";

/** The stable code that a call was refused with, or null. Any other error is a bug and is thrown on. */
export function refusal(call: () => unknown): string | null {
  try {
    call();
    return null;
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
}
