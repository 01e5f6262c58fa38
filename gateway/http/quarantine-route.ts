// `/quarantine?after&limit`: what was refused, oldest first, with its reason (JSON, paged by cursor).

import { toBase64, toHex } from "@muniment/core";
import type { Quarantine } from "../journal/quarantine.ts";
import { json, problem, type Route } from "./server.ts";

const LIMIT_DEFAULT = 100;
export const QUARANTINE_LIMIT_MAX = 1_000;

/** Items and the cursor of the next page, null when there is none. Payloads are readings of people's rooms: without
 * `servePayloads` they stay on this machine, as the log's entries do. */
export function quarantineRoute(
  quarantine: Pick<Quarantine, "read">,
  servePayloads: boolean,
): Route {
  return {
    path: "/quarantine",
    async answer({ searchParams }) {
      const after = wholeNumber(searchParams.get("after"), 0);
      const limit = wholeNumber(searchParams.get("limit"), LIMIT_DEFAULT);
      if (after === null || limit === null || limit < 1 || limit > QUARANTINE_LIMIT_MAX) {
        return problem(
          400,
          "http.query",
          `expected whole numbers, limit 1 to ${QUARANTINE_LIMIT_MAX}`,
        );
      }
      const entries = await quarantine.read(after, limit);
      const items = entries.map((entry) => ({
        id: entry.id,
        arrivedAt: new Date(entry.arrivedAt).toISOString(),
        reason: entry.reason,
        building: entry.building,
        device: entry.device,
        kid: entry.kid === null ? null : toHex(entry.kid),
        sequence: entry.sequence,
        bytes: entry.payload?.length ?? null,
        payload: servePayloads && entry.payload !== null ? toBase64(entry.payload) : null,
      }));
      const last = items.at(-1);
      return json({ items, next: last !== undefined && items.length === limit ? last.id : null });
    },
  };
}

function wholeNumber(text: string | null, otherwise: number): number | null {
  if (text === null) return otherwise;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : null;
}
