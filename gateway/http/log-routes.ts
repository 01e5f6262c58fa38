// The gateway's own log as static files (F3, C2SP tlog-tiles).

import { utf8 } from "@muniment/core";
import type { Log } from "../log/log.ts";
import { problem, type Route } from "./server.ts";

/** Index in groups of three digits, all but the last with an x; partial width 1 to 255. Nothing else reaches a disk. */
const TILE =
  /^tile\/(?:entries|\d|[1-5]\d|6[0-3])\/(?:x\d{3}\/){0,5}\d{3}(?:\.p\/(?:[1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-5]))?$/;
const YEAR_S = 31_536_000;

/**
 * `/checkpoint` and `/tile/…`. Tiles never change, so they may be cached for ever. Hashes are public; entries are
 * readings of people's rooms, and leave this machine only through the ledger, which asks who wants them.
 */
export function logRoutes(
  log: Pick<Log, "checkpoint" | "readTile">,
  serveEntries: boolean,
): Route[] {
  return [
    {
      path: "/checkpoint",
      answer: () => ({ type: "text/plain; charset=utf-8", body: utf8(log.checkpoint()) }),
    },
    {
      path: "/tile/",
      async answer({ pathname }) {
        const path = pathname.slice(1);
        if (path.startsWith("tile/entries/") && !serveEntries) {
          return problem(403, "http.entries", "entries are served on the loopback address only");
        }
        const bytes = TILE.test(path) ? await log.readTile(path) : null;
        return bytes && { type: "application/octet-stream", body: bytes, maxAge: YEAR_S };
      },
    },
  ];
}
