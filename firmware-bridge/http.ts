// The bridge's HTTP face: a few pages to look at, GET only.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Page {
  readonly type: string;
  readonly body: string;
}

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

const connectionsMax = 64;
const requestMsMax = 10_000;

/** Serves pages by their paths. Port 0 is any free one. */
export async function serveHttp(options: {
  readonly host: string;
  readonly port: number;
  readonly pages: Readonly<Record<string, () => Promise<Page>>>;
}): Promise<HttpServer> {
  const problem = (status: number, code: string) => ({
    status,
    type: "application/problem+json",
    body: `${JSON.stringify({ type: "about:blank", title: code, status, code })}\n`,
  });
  const answer = async (method: string | undefined, target: string | undefined) => {
    if (method !== "GET" && method !== "HEAD") return problem(405, "http.method");
    const path = (target ?? "/").split("?", 1)[0]!;
    const page = Object.hasOwn(options.pages, path) ? options.pages[path] : undefined;
    if (page === undefined) return problem(404, "http.not-found");
    return { status: 200, ...(await page()) };
  };
  const server = createServer({ requestTimeout: requestMsMax }, (request, response) => {
    answer(request.method, request.url)
      .catch(() => problem(500, "http.internal"))
      .then(
        ({ status, type, body }) => {
          response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
          response.end(request.method === "HEAD" ? undefined : body);
        },
        () => response.destroy(),
      );
  });
  server.maxConnections = connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
