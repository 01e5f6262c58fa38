// A ledger and an archive in memory, for tests: entries are given with the effects that the machine would have written.

import {
  addSignature,
  buildTransaction,
  COSIGNATURE_V1,
  cosign,
  ED25519,
  type Effect,
  type Encodable,
  effectsHash,
  encode,
  encodeEffects,
  encodeLedgerEntry,
  encodeSign1,
  formatPolicy,
  HEADER,
  keyThumbprint,
  leafHash,
  makeVkey,
  parseStatement,
  type Signer,
  sha256,
  signCheckpoint,
  signerFromSeed,
  toHex,
  utf8,
} from "@muniment/core";
import type { EntrySource, LedgerSource, SourceEntry } from "./sources.ts";

const ORIGIN = "ledger.example/test";

/** A signer whose seed is the hash of a name. */
export function signerNamed(name: string): Signer {
  return signerFromSeed(sha256(utf8(name)));
}

export function kidOf(signer: Signer): string {
  return toHex(keyThumbprint(signer.publicKey));
}

export interface PointPlan {
  readonly name: string;
  readonly unit: string;
  readonly kind: string;
  readonly interval?: number;
  readonly brick?: string;
  readonly label?: string;
}

/** A small ledger and the archive of its gateways: commit() appends an entry, anchor() lets a gateway's log grow. */
export class MemorySources {
  readonly operator = signerNamed("operator");
  readonly ledger: LedgerSource;
  readonly archive: EntrySource;
  /** Set to hold back what is anchored, as a slow archive does; publish() lets go. */
  holdBack = false;
  readonly #entries: SourceEntry[] = [];
  readonly #logs = new Map<string, Uint8Array[]>();
  readonly #published = new Map<string, number>();
  readonly #bodies = new Map<string, Uint8Array>();
  readonly #policies = new Map<string, readonly Encodable[]>();
  readonly #gateways = new Map<string, { readonly building: string; anchors: number }>();
  readonly #commits = new Set<() => void>();
  readonly #publications = new Set<() => void>();
  #time: number;

  constructor(time: number) {
    this.#time = time;
    const genesis = encode({
      format: 1,
      origin: ORIGIN,
      time,
      operators: [],
      validators: [],
      policy: {},
    });
    const effects = encodeEffects([keyEffect(this.operator, "operator", "operator", null)]);
    this.#entries.push({ index: 0, leaf: genesis, effects });
    const entries = this.#entries;
    const log = signerNamed("log");
    const cosigner = signerNamed("cosigner");
    const policy = formatPolicy({
      logs: [makeVkey(ORIGIN, ED25519, log.publicKey)],
      witnesses: new Map([["only", makeVkey("witness", COSIGNATURE_V1, cosigner.publicKey)]]),
      groups: new Map(),
      quorum: "only",
    });
    this.ledger = {
      head: () => {
        const size = entries.length;
        const root = leafHash(entries.at(-1)!.leaf);
        const note = signCheckpoint({ origin: ORIGIN, size, root }, log);
        const checkpoint = addSignature(
          note,
          cosign(note, { name: "witness", signer: cosigner, time: Math.floor(this.#time / 1000) }),
        );
        return { origin: ORIGIN, height: size - 1, size, root, time: this.#time, checkpoint };
      },
      entry: async (index) => entries[index] ?? null,
      entries: async function* (from, to) {
        yield* entries.slice(from, to);
      },
      onCommit: (listener) => listen(this.#commits, listener),
      policy: () => policy,
      genesis: () => genesis,
    };
    this.archive = {
      size: (gateway) => this.#published.get(gateway) ?? 0,
      entries: async (gateway, from, to) => (this.#logs.get(gateway) ?? []).slice(from, to),
      body: async ({ gateway, index }) => this.#body(this.#logs.get(gateway)![index]!),
      onPublish: (listener) => listen(this.#publications, listener),
    };
  }

  /** Appends one accepted transaction with its effects, at `time` ms or one ms after the last; returns its ledger index. */
  commit(
    kind: string,
    body: Record<string, Encodable>,
    effects: readonly Effect[],
    signer = this.operator,
    time = this.#time + 1,
  ): number {
    this.#time = time;
    const index = this.#entries.length;
    const transaction = buildTransaction({ ledger: ORIGIN, kind, sequence: index, body, signer });
    const leaf = encodeLedgerEntry({
      height: index,
      time,
      transaction,
      code: 0,
      effects: effectsHash(effects),
    });
    this.#entries.push({ index, leaf, effects: encodeEffects(effects) });
    for (const listener of this.#commits) listener();
    return index;
  }

  building(
    id: string,
    zone = "America/New_York",
    more: Readonly<Record<string, Encodable>> = {},
  ): void {
    const facts = { building: id, name: `Building ${id}`, zone, grossFt2: 10_000, ...more };
    this.commit("building.register", facts, [
      [`building/${id}`, encode({ ...facts, registry: 0 })],
    ]);
  }

  /** Registers one place; its building is the path's first segment. */
  place(place: string, kind: string, more: Readonly<Record<string, Encodable>> = {}): void {
    const building = place.split("/")[0]!;
    this.commit("place.register", { building, places: [{ place, kind, ...more }] }, [
      [`place/${place}`, encode({ building, kind, ...more })],
    ]);
  }

  /** Adds a policy value that holds from `from` ms. */
  policy(name: string, from: number, value: Encodable, citation = "a test"): void {
    const values = [...(this.#policies.get(name) ?? []), { from, value, citation }];
    this.#policies.set(name, values);
    this.commit("policy.set", { name, from, value, citation }, [
      [`policy/${name}`, encode(values)],
    ]);
  }

  /** Places a hold, or releases it. */
  hold(hold: string, building: string, from: string, to: string | null, released = false): void {
    const entry = this.#entries.length;
    const facts = { building, from, ...(to === null ? {} : { to }), reason: "a test", entry };
    this.commit(released ? "hold.release" : "hold.place", { hold }, [
      [`hold/${hold}`, encode(released ? { ...facts, released: entry } : facts)],
    ]);
  }

  /** Enrols a gateway and anchors its genesis statement as leaf 0. */
  gateway(id: string, building: string): void {
    const signer = signerNamed(id);
    this.#gateways.set(id, { building, anchors: 0 });
    this.#logs.set(id, []);
    const state = this.#gatewayEffect(id, 0);
    this.commit("gateway.enrol", { gateway: id, building }, [
      state,
      keyEffect(signer, "gateway", id, building),
    ]);
    const header = new Map<number, Encodable>([
      [HEADER.contentType, "application/vnd.muniment.gateway-genesis+cbor"],
      [HEADER.keyId, keyThumbprint(signer.publicKey)],
    ]);
    const payload = encode({
      gateway: id,
      building,
      key: signer.publicKey,
      logKey: signer.publicKey,
      origin: `${ORIGIN}/gw/${id}`,
    });
    this.anchor(id, [encodeSign1({ header, payload, signer })]);
  }

  /** Enrols a device at a place, whose first segment is its building; the key is that of signerNamed(id). */
  device(
    id: string,
    place: string,
    points: readonly PointPlan[],
    more: Readonly<Record<string, Encodable>> = {},
  ): void {
    const building = place.split("/")[0]!;
    const signer = signerNamed(id);
    const facts = {
      building,
      place,
      urn: urnOf(id),
      kid: keyThumbprint(signer.publicKey),
      points: points as unknown as Encodable,
      ...more,
    };
    this.commit("device.enrol", { device: id, building, place }, [
      [`device/${id}`, encode(facts)],
      keyEffect(signer, "device", id, building),
    ]);
  }

  /** Ends a device key as of the next entry. */
  retire(device: string, status: "revoked" | "rotated", building: string, time?: number): void {
    const kind = status === "revoked" ? "key.revoke" : "key.rotate";
    this.commit(
      kind,
      { device },
      [keyEffect(signerNamed(device), "device", device, building, status)],
      this.operator,
      time,
    );
  }

  /** Appends entries to a gateway's log and anchors them; returns the index of the first. */
  anchor(gateway: string, entries: readonly Uint8Array[], time?: number): number {
    const log = this.#logs.get(gateway)!;
    const first = log.length;
    log.push(...entries);
    if (!this.holdBack) this.#published.set(gateway, log.length);
    this.#gateways.get(gateway)!.anchors += 1;
    this.commit(
      "anchor",
      { gateway },
      [this.#gatewayEffect(gateway, log.length)],
      signerNamed(gateway),
      time,
    );
    return first;
  }

  /** Publishes what was held back. */
  publish(): void {
    for (const [gateway, log] of this.#logs) this.#published.set(gateway, log.length);
    for (const listener of this.#publications) listener();
  }

  keepBody(body: Uint8Array): void {
    this.#bodies.set(toHex(sha256(body)), body);
  }

  /** Destroys every body that is kept, and writes down how many persons there were on a day. */
  dispose(building: string, date: string, persons: number): void {
    this.#bodies.clear();
    const entry = this.#entries.length;
    this.commit("disposition", { building, day: date }, [
      [`disposition/${building}/${date}`, encode({ count: 1, persons, entry })],
    ]);
  }

  /** Days are those of UTC here, and a tag is the start of what is tagged. */
  #body(entry: Uint8Array) {
    const { bodyHash, issuedAt } = parseStatement(entry);
    const body = bodyHash === null ? undefined : this.#bodies.get(toHex(bodyHash));
    if (body === undefined) return null;
    const date = new Date(issuedAt * 1000).toISOString().slice(0, 10);
    return { body, date, tag: (bytes: Uint8Array) => Buffer.from(bytes).readUIntBE(0, 6) };
  }

  #gatewayEffect(id: string, size: number): Effect {
    const { building, anchors } = this.#gateways.get(id)!;
    const key = signerNamed(id).publicKey;
    const origin = `${ORIGIN}/gw/${id}`;
    const state = {
      building,
      kid: keyThumbprint(key),
      logKey: key,
      origin,
      generation: 0,
      size,
      status: "active",
      registry: 0,
      anchors,
    };
    return [`gateway/${id}`, encode(state)];
  }
}

/** The URN of a device, as enrolment gives it by default. */
export function urnOf(device: string): string {
  return `urn:dev:os:32473-${device}`;
}

function keyEffect(
  signer: Signer,
  role: string,
  subject: string,
  building: string | null,
  status = "active",
): Effect {
  return [
    `key/${kidOf(signer)}`,
    encode({ role, subject, key: signer.publicKey, status, from: 0, until: null, building }),
  ];
}

function listen(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
