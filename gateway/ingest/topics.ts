// The grammar of topics and client ids (F8): who may publish what, and subscribe to what.

const ID = /^[a-z0-9-]{1,64}$/;
const UPWARD =
  /^muniment\/v1\/([a-z0-9-]{1,64})\/([a-z0-9-]{1,64})\/(up\/statement|up\/birth|state)$/;
const DOWNWARD = /^muniment\/v1\/([a-z0-9-]{1,64})\/([a-z0-9-]{1,64})\/down\/(#|[a-z0-9-]{1,64})$/;

/** A topic that a device publishes to. */
export interface UpTopic {
  readonly kind: "statement" | "birth" | "state";
  readonly building: string;
  readonly device: string;
}

/** Whether a text is a building or device id: one topic segment of [a-z0-9-], 1 to 64. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/** Takes a topic apart, or null when no device may publish to it. */
export function parseUpTopic(topic: string): UpTopic | null {
  const match = UPWARD.exec(topic);
  if (match === null) return null;
  const [, building, device, rest] = match as unknown as [string, string, string, string];
  return {
    building,
    device,
    kind: rest === "state" ? "state" : rest === "up/birth" ? "birth" : "statement",
  };
}

/** Whether a device may subscribe to a filter: its own `down/#`, or one topic of it. */
export function maySubscribe(device: string, filter: string): boolean {
  return DOWNWARD.exec(filter)?.[2] === device;
}

/** Whether a filter takes in `down/ack`. */
export function coversAck(filter: string): boolean {
  return filter.endsWith("/down/#") || filter.endsWith("/down/ack");
}

/** Where a device hears what became of its statements. */
export function ackTopic(building: string, device: string): string {
  return `muniment/v1/${building}/${device}/down/ack`;
}
