// A sender's durable account: the last sequence number it used, how far it has come, and the signed statements not yet acknowledged (D4).
import { readFile } from "node:fs/promises";
import { fromBase64, fromUtf8, toBase64, utf8 } from "@muniment/core";
import { writeDurably } from "@muniment/core/files";
import * as z from "zod";
import { SimulatorError } from "./errors.ts";

/** Signed bytes on their way: a statement, and the body of an access event (F2). */
export interface Outgoing {
  readonly sequence: number;
  readonly statement: Uint8Array;
  readonly body?: Uint8Array;
}

/** One file a key. A statement is in it before the first byte of it is sent, and until its acknowledgement. */
export interface Outbox {
  /** Last sequence number used. */
  readonly sequence: number;
  /** Time of the newest reading that was ever staged, unix seconds; what is not newer must not be sent again. */
  readonly through: number;
  readonly pending: readonly Outgoing[];
  /** Makes the statements, the numbers they use and the progress they mean durable, in one write. */
  stage(items: readonly Outgoing[], through: number): Promise<void>;
  /** The pending statements are acknowledged. Not written at once: if we die here they are sent again, and the gateway calls them duplicates. */
  settle(): void;
  /** Makes it durable that nothing is pending, so that the next start has nothing to send again. */
  close(): Promise<void>;
}

const schema = z.strictObject({
  sequence: z.int().min(0),
  through: z.number().nullable(),
  pending: z.array(
    z.strictObject({
      sequence: z.int().positive(),
      statement: z.string(),
      body: z.string().optional(),
    }),
  ),
});

/** Opens the account in that file, or a new one. Throws outbox.format when the file is damaged. */
export async function openOutbox(path: string): Promise<Outbox> {
  const stored = await readStored(path);
  let sequence = stored.sequence;
  let through = stored.through;
  let pending = stored.pending;
  let settledSince = false;
  const write = () =>
    writeDurably(
      path,
      utf8(
        `${JSON.stringify({
          sequence,
          through,
          pending: pending.map((item) => ({
            sequence: item.sequence,
            statement: toBase64(item.statement),
            ...(item.body === undefined ? {} : { body: toBase64(item.body) }),
          })),
        })}\n`,
      ),
    );
  return {
    get sequence() {
      return sequence;
    },
    get through() {
      return through;
    },
    get pending() {
      return pending;
    },
    async stage(items, newThrough) {
      if (pending.length > 0)
        throw new Error("expected the outbox to be settled before it is filled");
      if (items.length === 0) return;
      sequence = items.at(-1)?.sequence ?? sequence;
      through = Math.max(through, newThrough);
      pending = items;
      await write();
      // Die here: the statements are sent at the next start, the same bytes.
    },
    settle() {
      settledSince ||= pending.length > 0;
      pending = [];
    },
    async close() {
      if (settledSince && pending.length === 0) await write();
      settledSince = false;
    },
  };
}

async function readStored(path: string) {
  let text: string;
  try {
    text = fromUtf8(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return { sequence: 0, through: Number.NEGATIVE_INFINITY, pending: [] as readonly Outgoing[] };
    }
    throw error;
  }
  try {
    const { sequence, through, pending } = schema.parse(JSON.parse(text));
    const items: readonly Outgoing[] = pending.map((item) => ({
      sequence: item.sequence,
      statement: fromBase64(item.statement),
      ...(item.body === undefined ? {} : { body: fromBase64(item.body) }),
    }));
    return { sequence, through: through ?? Number.NEGATIVE_INFINITY, pending: items };
  } catch (cause) {
    throw new SimulatorError("outbox.format", `expected sequence, through and pending in ${path}`, {
      cause,
    });
  }
}
