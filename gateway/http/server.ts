// The gateway's HTTP face: GET only, a short table of routes, its own log as static files (FORMAT, "HTTP").

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a route answers. */
export interface Page {
  readonly status?: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  /** Seconds a cache may keep it; without, it must not. */
  readonly maxAge?: number;
}

/** A route: an exact path, or every path below one that ends in "/". Null is 404. */
export interface Route {
  readonly path: string;
  readonly answer: (url: URL) => Promise<Page | null> | Page | null;
}

export interface HttpLimits {
  readonly connectionsMax: number;
  readonly requestMsMax: number;
  readonly headerBytesMax: number;
}

export const httpLimits: HttpLimits = {
  connectionsMax: 256,
  requestMsMax: 10_000,
  headerBytesMax: 8_192,
};

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves the routes. Port 0 is any free one. */
export async function serve(
  routes: readonly Route[],
  at: { readonly host: string; readonly port: number },
  onError: (error: unknown) => void,
  limits: HttpLimits = httpLimits,
): Promise<HttpServer> {
  const server = createServer(
    { maxHeaderSize: limits.headerBytesMax, requestTimeout: limits.requestMsMax },
    (request, response) => {
      respond(routes, request, response).catch((error: unknown) => {
        onError(error);
        if (!response.headersSent)
          send(response, problem(500, "http.internal", "the gateway could not answer"));
      });
    },
  );
  server.maxConnections = limits.connectionsMax;
  await listen(server, at);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function respond(
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    return send(response, problem(405, "http.method", `${request.method} is not offered`));
  }
  const target = request.url ?? "/";
  const url = URL.canParse(target, "http://gateway") ? new URL(target, "http://gateway") : null;
  if (url === null) return send(response, problem(400, "http.url", "the URL cannot be read"));
  const path = url.pathname;
  const route = routes.find((one) =>
    one.path.endsWith("/") ? path.startsWith(one.path) : path === one.path,
  );
  const page = (await route?.answer(url)) ?? problem(404, "http.not-found", `nothing at ${path}`);
  send(response, page, request.method === "HEAD");
}

function send(response: ServerResponse, page: Page, headOnly = false): void {
  const body = typeof page.body === "string" ? Buffer.from(page.body) : page.body;
  response.writeHead(page.status ?? 200, {
    "content-type": page.type,
    "content-length": body.length,
    "cache-control":
      page.maxAge === undefined ? "no-store" : `public, max-age=${page.maxAge}, immutable`,
    "x-content-type-options": "nosniff",
  });
  response.end(headOnly ? undefined : body);
}

/** An error as RFC 9457 wants it, with our stable code. */
export function problem(status: number, code: string, detail: string): Page {
  return {
    status,
    type: "application/problem+json",
    body: `${JSON.stringify({ type: "about:blank", title: code, status, detail, code })}\n`,
  };
}

/** A JSON page. */
export function json(value: unknown): Page {
  return { type: "application/json", body: `${JSON.stringify(value)}\n` };
}
