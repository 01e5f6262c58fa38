// Destroys access bodies on their retention clock: first the disposition stands on the ledger, then the bodies go (D8, FORMAT 4.3).

import {
  bodiesHash,
  buildTransaction,
  type Disposition,
  decode,
  decodeEffects,
  decodeLedgerEntry,
  dispositionBody,
  FormatError,
  keyThumbprint,
  parseStatement,
  parseTransaction,
  readDisposition,
  runsOf,
  type Signer,
  stretchesOf,
  TILE_WIDTH,
  toHex,
} from "@muniment/core";
import type { Archive } from "../archive/archive.ts";
import type { Bodies, BodyDay, BodyPlace } from "../archive/bodies.ts";
import type { Consensus } from "../consensus/consensus.ts";
import type { Clock } from "../ports.ts";
import { holdOver, isPast, policyInForce, type RetentionPolicy } from "./clock.ts";

/** Bodies of one transaction: each takes at most six bytes of it, so that it stays below 60 KiB. */
const BODIES_PER_TRANSACTION_MAX = 8_192;
/** Ledger entries looked through before the place in the log is kept. */
const ENTRIES_PER_STEP_MAX = 10_000;

export interface RetentionNeeds {
  readonly consensus: Consensus;
  readonly archive: Archive;
  readonly bodies: Bodies;
  readonly clock: Clock;
  /** Signs dispositions: a key that the ledger knows as an archivist's or an operator's. */
  readonly signer: Signer;
  /** Distinct persons that were counted on a local day; null when nothing of it is counted. */
  readonly persons: (day: BodyDay) => Promise<number | null>;
  /** Runs work while no batch of the gateway is in flight, if that is soon. */
  readonly whileIdle: (gateway: string, work: () => Promise<void>) => Promise<unknown>;
}

/** What one run did. */
export interface RetentionReport {
  /** The policy in force; null: nothing is ever destroyed. */
  readonly policy: RetentionPolicy | null;
  /** Ledger indices of the dispositions it submitted. */
  readonly dispositions: readonly number[];
  /** Bodies that they name. */
  readonly bodies: number;
  /** Days that are kept because their clock has not run out, or because of a hold. */
  readonly kept: number;
  readonly held: readonly (BodyDay & { readonly hold: string })[];
  /** Days of which the ledger refused a disposition. */
  readonly refused: readonly (BodyDay & { readonly code: string; readonly message: string })[];
}

/** An anchored entry whose body is kept, and the hash that its statement signed. */
interface Anchored extends BodyPlace {
  readonly hash: Uint8Array;
}

export class Retention {
  readonly #needs: RetentionNeeds;
  #last: Promise<unknown> = Promise.resolve();

  constructor(needs: RetentionNeeds) {
    this.#needs = needs;
  }

  /** Destroys what the ledger log says is disposed of and is still, or again, here: after a crash, or from a backup. */
  apply(): Promise<void> {
    return this.#inTurn(() => this.#apply());
  }

  /** Disposes of what is past its clock and not held. */
  run(): Promise<RetentionReport> {
    return this.#inTurn(() => this.#run());
  }

  /** Waits for what is under way. */
  async settled(): Promise<void> {
    await this.#last;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #run(): Promise<RetentionReport> {
    const { consensus, bodies, clock } = this.#needs;
    await this.#apply();
    const read = (key: string) => consensus.get(key);
    const policy = policyInForce(read, clock.now());
    const dispositions: number[] = [];
    const held: (BodyDay & { hold: string })[] = [];
    const refused: (BodyDay & { code: string; message: string })[] = [];
    let count = 0;
    let kept = 0;
    for await (const day of bodies.days()) {
      if (policy === null || !isPast(day, policy.days, read, clock.now())) {
        kept += 1;
        continue;
      }
      const hold = holdOver(day, read);
      if (hold !== null) {
        held.push({ ...day, hold });
        continue;
      }
      let refusal: { code: string; message: string } | null = null;
      for (const disposition of await this.#dispositionsOf(day, policy)) {
        const submission = await consensus.submit(this.#sign(disposition));
        // Die here: it is written that they are gone, and they are not. The next start destroys them before it serves anything.
        if (!submission.ok) {
          refusal = { code: submission.code, message: submission.message };
          break;
        }
        dispositions.push(submission.index);
        count += disposition.count;
      }
      await this.#apply();
      if (refusal === null) await this.#forgetUnanchored(day);
      else refused.push({ ...day, ...refusal });
    }
    return { policy, dispositions, bodies: count, kept, held, refused };
  }

  /** The dispositions of a day: one for each gateway, or more where it would be too long. */
  async #dispositionsOf(day: BodyDay, policy: RetentionPolicy): Promise<readonly Disposition[]> {
    const anchored = await this.#anchored(await this.#needs.bodies.places(day));
    if (anchored.length === 0) return [];
    const readable = (await this.#needs.bodies.read(anchored[0]!)) !== null;
    const persons = (await this.#needs.persons(day)) ?? (readable ? 0 : null);
    const parts: Anchored[][] = [];
    for (const one of anchored) {
      const part = parts.at(-1);
      const fits = part?.[0]?.gateway === one.gateway && part.length < BODIES_PER_TRANSACTION_MAX;
      if (fits) part.push(one);
      else parts.push([one]);
    }
    return parts.map((part) => ({
      building: day.building,
      day: day.date,
      gateway: part[0]!.gateway,
      entries: runsOf(part.map(({ index }) => index)),
      count: part.length,
      bodies: bodiesHash(part.map(({ hash }) => hash)),
      persons,
      from: policy.from,
      citation: policy.citation,
    }));
  }

  /** Which of these places, given in order, are entries of a published log that name a body. */
  async #anchored(places: readonly BodyPlace[]): Promise<Anchored[]> {
    const { archive } = this.#needs;
    const found: Anchored[] = [];
    let read = { gateway: "", from: 0, entries: [] as readonly Uint8Array[] };
    for (const { gateway, index } of places) {
      const size = archive.size(gateway);
      if (index >= size) continue;
      const from = index - (index % TILE_WIDTH);
      if (read.gateway !== gateway || read.from !== from) {
        const to = Math.min(size, from + TILE_WIDTH);
        read = { gateway, from, entries: await archive.entries(gateway, from, to) };
      }
      const hash = bodyHashOf(read.entries[index - from]!);
      if (hash !== null) found.push({ gateway, index, hash });
    }
    return found;
  }

  #sign(disposition: Disposition): Uint8Array {
    const { consensus, signer } = this.#needs;
    const last = consensus.get(`seq/${toHex(keyThumbprint(signer.publicKey))}`);
    return buildTransaction({
      ledger: consensus.head().origin,
      kind: "disposition",
      sequence: (last === undefined ? 0 : (decode(last) as number)) + 1,
      body: dispositionBody(disposition),
      signer,
    });
  }

  /** Applies the dispositions of the ledger log that were not applied here. */
  async #apply(): Promise<void> {
    const { consensus, bodies } = this.#needs;
    const { size } = consensus.head();
    for (let from = await bodies.applied(); from < size; ) {
      const to = Math.min(size, from + ENTRIES_PER_STEP_MAX);
      for await (const { index, leaf, effects } of consensus.entries(from, to)) {
        const disposes = decodeEffects(effects).some(([key]) => key.startsWith("disposition/"));
        if (disposes) await this.#destroy(index, leaf);
      }
      // Die here: destroyed, and not yet known to be. The next start does it again, to no effect.
      await bodies.setApplied(to);
      from = to;
    }
  }

  async #destroy(index: number, leaf: Uint8Array): Promise<void> {
    const transaction = parseTransaction(decodeLedgerEntry(leaf).transaction);
    const { building, day, gateway, entries } = readDisposition(transaction.body);
    const places: BodyPlace[] = [];
    for (const { from, to } of stretchesOf(entries))
      for (let at = from; at < to; at++) places.push({ gateway, index: at });
    await this.#needs.bodies.destroy({ building, date: day }, places, index);
  }

  /** What is left of a day was of batches that were never anchored: nothing on the ledger speaks of it, so it goes without a word. */
  async #forgetUnanchored(day: BodyDay): Promise<void> {
    const { archive, bodies, whileIdle } = this.#needs;
    const left = await bodies.places(day);
    for (const gateway of new Set(left.map((place) => place.gateway))) {
      await whileIdle(gateway, async () => {
        for (const batch of await archive.staged(gateway)) await archive.drop(batch);
        // Die here: the gateway sends its batch again, with the bodies.
        const places = (await bodies.places(day)).filter((place) => place.gateway === gateway);
        const anchored = await this.#anchored(places);
        const known = new Set(anchored.map(({ index }) => index));
        await bodies.destroy(
          day,
          places.filter(({ index }) => !known.has(index)),
        );
      });
    }
  }
}

function bodyHashOf(entry: Uint8Array): Uint8Array | null {
  try {
    return parseStatement(entry).bodyHash;
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}
