// The face of the gateway: run one, commission one.

export type { Alarm } from "./alarms.ts";
export type { Commission } from "./commission.ts";
export { type GatewayConfig, type GatewaySettings, resolveConfig } from "./config.ts";
export { type Enrolment, type EnrolOptions, enrol } from "./enrol.ts";
export { GATEWAY_CODES, type GatewayCode, GatewayError } from "./errors.ts";
export { createGateway, type Gateway, type GatewayWorld } from "./gateway.ts";
export type { GatewayStatus } from "./http/status.ts";
