// The few file idioms that every server-side part shares: durable writes and key files.

export * from "./durable.ts";
export * from "./key-file.ts";
export * from "./operator.ts";
export * from "./sealing-keys.ts";
