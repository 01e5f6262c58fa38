// What a misbehaving device does instead of what it should; which of its hours are touched is drawn from the seed, so the truth can tell without looking.
import { parseStatement, type Signer } from "@muniment/core";
import type { Outgoing } from "../outbox.ts";
import { stream } from "../prng.ts";
import { type Saying, type SenderConduct, signAt, signHonestly } from "../sender.ts";
import type { TruthConduct } from "../truth/truth-file.ts";
import type { MisbehaviourOrder } from "./order.ts";

export interface Conduct extends SenderConduct {
  /** The time that a reading of `time` arrives with; null when it arrives so that it does not count, or not at all. */
  arrivesAs(time: number): number | null;
  /** What is said, of what there was to say. */
  say(saying: Saying): readonly Saying[];
  /** How it has misbehaved so far. */
  account(): TruthConduct;
}

export interface ConductConfig {
  readonly order: MisbehaviourOrder;
  readonly device: string;
  readonly seed: number;
  /** When the simulated life begins: clocks are right then. Unix seconds. */
  readonly start: number;
  /** A key that nobody enrols. */
  readonly wrongKey: Signer;
  /** Whether the present is being told: a device without a clock has nothing to say of the past. */
  readonly isLive: () => boolean;
  /** The account of earlier runs, to go on from. */
  readonly before?: TruthConduct;
}

const hourSeconds = 3600;
const floodTimes = 10;
/** In the last 64 bytes of a statement, which are its signature. */
const turnedByteFromEnd = 20;

/** The conduct that was ordered. */
export function openConduct(config: ConductConfig): Conduct {
  const { order, device, seed, start, wrongKey, isLive } = config;
  const { kind, share } = order;
  let statements = config.before?.statements ?? 0;
  let readings = config.before?.readings ?? 0;

  const touched = (time: number): boolean =>
    stream(seed, device, kind, Math.floor(time / hourSeconds)).chance(share);
  const count = (of: readonly unknown[], times = 1): void => {
    statements += times;
    readings += of.length * times;
  };
  const slow = (time: number): number => time - Math.floor((time - start) * share);
  const ofBuilding = ({ kind: about }: Saying) => about !== "self";

  return {
    arrivesAs(time) {
      switch (kind) {
        case "silent":
        case "wrong-key":
        case "corrupted":
          return touched(time) ? null : time;
        case "drifting-clock":
          return slow(time);
        case "no-clock":
          return null;
        default:
          return time;
      }
    },
    say(saying) {
      const { records } = saying;
      const time = newest(saying);
      if (!ofBuilding(saying)) return [saying];
      if (kind === "silent" && touched(time)) {
        count(records);
        return [];
      }
      if (kind === "no-clock" && !isLive()) return [];
      if (kind === "flood" && touched(time)) {
        count(records, floodTimes - 1);
        return Array<Saying>(floodTimes).fill(saying);
      }
      return [saying];
    },
    sign(saying, head) {
      const time = newest(saying);
      if (kind === "no-clock") {
        if (ofBuilding(saying)) count(saying.records);
        return signAt(
          withTimes(saying, (one) => one - time),
          head,
          0,
        );
      }
      if (kind === "drifting-clock") {
        const told = withTimes(saying, slow);
        if (ofBuilding(saying) && slow(time) !== time) count(saying.records);
        return signAt(told, head, Math.floor(newest(told)));
      }
      if (kind === "wrong-key" && ofBuilding(saying) && touched(time)) {
        count(saying.records);
        return signHonestly(saying, { ...head, signer: wrongKey });
      }
      return signHonestly(saying, head);
    },
    transmit(items) {
      if (kind === "corrupted") {
        return items.map((item) => (isTouched(item) ? corrupted(item) : item));
      }
      if (kind === "replayed") {
        return items.flatMap((item) => (isTouched(item) ? repeated(item) : [item]));
      }
      return kind === "reordered" ? reordered(items) : items;
    },
    account: () => ({ kind, share, statements, readings }),
  };

  function isTouched({ statement }: Outgoing): boolean {
    const { kind: about, issuedAt } = parseStatement(statement);
    return (about === "reading" || about === "access") && touched(issuedAt);
  }

  function corrupted(item: Outgoing): Outgoing {
    count(recordsOf(item));
    const statement = Uint8Array.from(item.statement);
    const at = statement.length - turnedByteFromEnd;
    statement[at] = (statement[at] ?? 0) ^ 1;
    return { ...item, statement };
  }

  function repeated(item: Outgoing): readonly Outgoing[] {
    count(recordsOf(item));
    return [item, item];
  }

  /** A touched statement lets the next one pass; those that then stand behind a higher number are the late ones. */
  function reordered(items: readonly Outgoing[]): readonly Outgoing[] {
    const order = [...items];
    for (let at = 0; at + 1 < order.length; at++) {
      const [item, next] = [order[at], order[at + 1]];
      if (item === undefined || next === undefined || !isTouched(item)) continue;
      order[at] = next;
      order[at + 1] = item;
      at++;
    }
    let highest = -1;
    for (const item of order) {
      if (item.sequence < highest) count(recordsOf(item));
      highest = Math.max(highest, item.sequence);
    }
    return order;
  }
}

function recordsOf({ statement, body }: Outgoing): readonly unknown[] {
  // An access event holds one passage in its body.
  return body === undefined ? parseStatement(statement).records : [body];
}

function withTimes(saying: Saying, change: (time: number) => number): Saying {
  const records = saying.records.map((record) => ({ ...record, time: change(record.time) }));
  return { ...saying, records };
}

function newest({ records }: Saying): number {
  return Math.max(...records.map(({ time }) => time));
}
