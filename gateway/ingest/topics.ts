// The grammar of topics and client ids (F8): who may publish what, and subscribe to what.

const ID = /^[a-z0-9-]{1,64}$/;
const UPWARD =
  /^muniment\/v1\/([a-z0-9-]{1,64})\/([a-z0-9-]{1,64})\/(up\/statement|up\/birth|state)$/;
const DOWNWARD = /^muniment\/v1\/([a-z0-9-]{1,64})\/([a-z0-9-]{1,64})\/down\/(#|[a-z0-9-]{1,64})$/;

/** A topic that a device publishes to. Births are statements, and have a place of their own. */
export interface UpTopic {
  readonly kind: "statement" | "state";
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
    kind: rest === "state" ? "state" : "statement",
  };
}

/** The device whose `down/#`, or one topic of it, a filter asks for; null when nobody may subscribe to it. */
export function parseDownFilter(
  filter: string,
): { readonly building: string; readonly device: string } | null {
  const match = DOWNWARD.exec(filter);
  if (match === null) return null;
  const [, building, device] = match as unknown as [string, string, string];
  return { building, device };
}

/** Whether a filter takes in `down/ack`. */
export function coversAck(filter: string): boolean {
  return filter.endsWith("/down/#") || filter.endsWith("/down/ack");
}

/** Where filters of one client let it hear the time: `down/time` of each device whose filter takes it in. */
export function timeTopics(filters: readonly string[]): ReadonlySet<string> {
  const topics = new Set<string>();
  for (const filter of filters) {
    const [, building, device, rest] = DOWNWARD.exec(filter) ?? [];
    if (rest === "#" || rest === "time") topics.add(`muniment/v1/${building}/${device}/down/time`);
  }
  return topics;
}

/** Where a device hears what became of its statements. */
export function ackTopic(building: string, device: string): string {
  return `muniment/v1/${building}/${device}/down/ack`;
}
