// The built dashboard at `/`: static files, and its one page for every address that is the dashboard's own.

import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { App } from "./app.ts";
import { sendProblem } from "./problem.ts";

/** Addresses that programs call: a missing one is a problem document, never a page. `/gateways` itself is a page. */
const PROGRAM_PATHS =
  /^\/(api|assets|checkpoint|evidence|gateways(?=\/)|genesis|health|metrics|openapi\.json|policy|tile|transactions)(\/|\?|$)/;

const NOT_BUILT = `The pages of this node are not built. Build them with

    npm run build:web

and start the node again. The API answers without them: /openapi.json, /health.
`;

/** Serves the pages of `directory`, which may be missing. */
export async function registerPages(app: App, directory: string): Promise<void> {
  const built = existsSync(join(directory, "index.html"));
  if (built) {
    await app.register(fastifyStatic, {
      root: directory,
      preCompressed: true,
      cacheControl: false,
      setHeaders: (response, path) => {
        // Names under assets/ carry a hash of their content.
        const forEver = path.includes(`${directory}/assets/`);
        void response.header(
          "cache-control",
          forEver ? "public, max-age=31536000, immutable" : "no-cache",
        );
      },
    });
  }
  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const forPeople =
      (request.method === "GET" || request.method === "HEAD") && !PROGRAM_PATHS.test(request.url);
    if (!forPeople)
      return sendProblem(
        reply,
        "request.not-found",
        `${request.method} ${request.url.split("?")[0]}`,
      );
    if (built) return reply.sendFile("index.html");
    return reply.code(503).type("text/plain; charset=utf-8").send(NOT_BUILT);
  });
}
