// The node's HTTP application: safety headers, limits, problem documents, OpenAPI, and the routes, one resource a file.

import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify, { type FastifyBaseLogger, LogController } from "fastify";
import type { Logger } from "pino";
import type { Alarms } from "../alarms/alarms.ts";
import type { Archive } from "../archive/archive.ts";
import type { Consensus } from "../consensus/consensus.ts";
import type { AnchorIndex } from "../evidence/anchor-index.ts";
import type { Intake } from "../intake/intake.ts";
import type { ReadModel } from "../read-model/read-model.ts";
import { createAccessCheck, createAccessRule, isLoopback } from "./access.ts";
import type { App } from "./app.ts";
import { registerMetrics } from "./metrics.ts";
import { registerPages } from "./pages.ts";
import { registerProblems, sendProblem } from "./problem.ts";
import { registerAlarmRoutes } from "./routes/alarms.ts";
import { registerEvidenceRoutes } from "./routes/evidence.ts";
import { registerExportRoutes } from "./routes/exports.ts";
import { registerGatewayRoutes } from "./routes/gateways.ts";
import { registerHealthRoutes } from "./routes/health.ts";
import { registerLogRoutes } from "./routes/log.ts";
import { registerReadRoutes } from "./routes/read.ts";
import { registerSubmitRoutes } from "./routes/submit.ts";

interface ServerConfig {
  /** Address the node listens on; entries are open without a token only on loopback. */
  readonly host: string;
  /** Token that opens entries and evidence, or null. */
  readonly accessToken: string | null;
  /** Requests of one remote address a minute; calls from the node's own machine are not counted. */
  readonly requestsPerMinuteMax: number;
  /** The built dashboard; may be missing. */
  readonly pages: string;
  readonly logger: Logger;
}

export interface ServerNeeds {
  readonly consensus: Consensus;
  readonly archive: Archive;
  readonly anchors: AnchorIndex;
  readonly intake: Intake;
  readonly readModel: ReadModel;
  readonly alarms: Alarms;
  readonly config: ServerConfig;
}

const BODY_BYTES_MAX = 65_536;
const HEADERS_MS_MAX = 10_000;
const REQUEST_MS_MAX = 120_000;
const PARAM_CHARACTERS_MAX = 200;

/** The application, ready but not listening. */
export async function createServer(needs: ServerNeeds): Promise<App> {
  const { config } = needs;
  const app: App = fastify({
    loggerInstance: config.logger as FastifyBaseLogger,
    // Metrics count requests; the log is for what went wrong.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    http: { headersTimeout: HEADERS_MS_MAX },
    routerOptions: { maxParamLength: PARAM_CHARACTERS_MAX },
    forceCloseConnections: true,
    // Errors before any route, such as an address that cannot be decoded.
    frameworkErrors: (error, _request, reply) =>
      void sendProblem(reply, "request.invalid", error.message),
    // A query key that is not known is an error, not something to pass over.
    ajv: { customOptions: { removeAdditional: false } },
  }).withTypeProvider<TypeBoxTypeProvider>();

  registerProblems(app);
  await app.register(helmet, {
    // Browsers reach a node over plain http on its own machine; TLS, where there is any, is the proxy's.
    hsts: false,
    frameguard: { action: "deny" },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
  });
  await app.register(rateLimit, {
    max: config.requestsPerMinuteMax,
    timeWindow: 60_000,
    allowList: (request) => isLoopback(request.ip),
  });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Muniment ledger node", version: "1" },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
    },
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) =>
        String(schema.$id ?? `Schema${index}`),
    },
  });
  const binary = ["application/cbor", "application/cose", "application/octet-stream"];
  app.addContentTypeParser(binary, { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );

  const mayReadEntries = createAccessCheck({ host: config.host, token: config.accessToken });
  registerMetrics(app, needs);
  registerHealthRoutes(app, needs);
  registerLogRoutes(app, needs);
  registerSubmitRoutes(app, needs);
  registerGatewayRoutes(app, { ...needs, mayReadEntries });
  registerEvidenceRoutes(app, { ...needs, mayReadEntries });
  registerExportRoutes(app, { ...needs, mayReadEntries });
  await registerReadRoutes(app, needs);
  await registerAlarmRoutes(app, {
    alarms: needs.alarms,
    mayReadEntries: createAccessRule({ host: config.host, token: config.accessToken }),
    checkAccess: mayReadEntries,
  });
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
  await registerPages(app, config.pages);
  return app;
}
