// A gateway made of core alone, for tests: it enrols itself and its devices, signs, logs, and posts batches (FORMAT 3, F3).
import {
  buildStatement,
  buildTransaction,
  CompactRange,
  consistencyProof,
  encode,
  encodeEntries,
  encodeSign1,
  type Hash32,
  keyThumbprint,
  leafHash,
  type SenmlRecord,
  type Signer,
  signCheckpoint,
  signerFromSeed,
  utf8,
} from "@muniment/core";
import { type Operator, openOperator } from "@muniment/core/files";

export interface PointDeclaration {
  readonly name: string;
  readonly unit: string;
  readonly kind: "gauge" | "counter" | "interval" | "event";
  readonly interval: number;
  readonly brick: string;
  readonly label: string;
}

interface Device {
  readonly signer: Signer;
  readonly place: string;
  sequence: number;
}

/** Keys are derived from `seed`, so a run can be repeated. */
export class CoreGateway {
  readonly #ledger: string;
  readonly #origin: string;
  readonly #id: string;
  readonly #building: string;
  readonly #operator: Operator;
  readonly #key: Signer;
  readonly #logKey: Signer;
  readonly #devices = new Map<string, Device>();
  #tree = new CompactRange();
  #nodes = new Map<string, Hash32>();
  #pending: Uint8Array[] = [];
  readonly #firstSeed: number;
  #seed: number;
  #anchored = 0;
  #note = "";

  private constructor(
    place: { ledger: string; origin: string; id: string; building: string },
    operator: Operator,
    seed: number,
  ) {
    this.#ledger = place.ledger;
    this.#origin = place.origin;
    this.#id = place.id;
    this.#building = place.building;
    this.#operator = operator;
    this.#firstSeed = seed;
    this.#seed = seed;
    this.#key = this.#nextSigner();
    this.#logKey = this.#nextSigner();
  }

  /** Registers the building and enrols a gateway in it. */
  static async enrol(config: {
    readonly ledger: string;
    readonly origin: string;
    readonly operatorKey: string;
    readonly id: string;
    readonly building: {
      readonly building: string;
      readonly name: string;
      readonly zone: string;
      readonly grossFt2: number;
      readonly usableFt2?: number;
      readonly hours?: readonly (readonly (readonly number[])[])[];
    };
    readonly seed: number;
  }): Promise<CoreGateway> {
    const operator = await openOperator({ keyPath: config.operatorKey, ledger: config.ledger });
    const gateway = new CoreGateway(
      {
        ledger: config.ledger,
        origin: config.origin,
        id: config.id,
        building: config.building.building,
      },
      operator,
      config.seed,
    );
    await gateway.transact("building.register", { ...config.building });
    await gateway.transact("gateway.enrol", {
      gateway: config.id,
      building: config.building.building,
      key: gateway.#key.publicKey,
      logKey: gateway.#logKey.publicKey,
    });
    gateway.#pending.push(gateway.#genesis());
    return gateway;
  }

  /** Enrols a device; an `unknown` one only signs, and its statements will not count. */
  async addDevice(
    device: string,
    place: string,
    points: readonly PointDeclaration[],
    unknown = false,
  ): Promise<void> {
    const signer = this.#nextSigner();
    this.#devices.set(device, { signer, place, sequence: 0 });
    if (unknown) return;
    await this.transact("device.enrol", {
      device,
      building: this.#building,
      place,
      urn: urn(device),
      key: signer.publicKey,
      points: points.map((point) => ({ ...point })),
    });
  }

  /** Signs a statement as the device and puts it into the open batch. */
  say(device: string, records: readonly SenmlRecord[], issuedAt: number): void {
    const known = this.#devices.get(device)!;
    known.sequence += 1;
    this.#pending.push(
      buildStatement({
        signer: known.signer,
        iss: urn(device),
        sub: known.place,
        issuedAt,
        sequence: known.sequence,
        records,
      }),
    );
  }

  /** Puts any bytes into the open batch: what an honest gateway would have refused, or what another has logged. */
  put(...entries: readonly Uint8Array[]): void {
    this.#pending.push(...entries);
  }

  /** A second history from here on, under the same keys. */
  fork(): CoreGateway {
    const place = {
      ledger: this.#ledger,
      origin: this.#origin,
      id: this.#id,
      building: this.#building,
    };
    // The first two keys follow from the seed that this one began with.
    const twin = new CoreGateway(place, this.#operator, this.#firstSeed);
    twin.#tree = CompactRange.from(this.#tree.size, this.#tree.hashes());
    twin.#nodes = new Map(this.#nodes);
    twin.#pending = [...this.#pending];
    twin.#anchored = this.#anchored;
    return twin;
  }

  /** The checkpoint of the last batch that was closed, accepted or not. */
  note(): string {
    return this.#note;
  }

  /** Closes the batch and posts it with its anchor; anything but an accepted batch is an error. */
  async send(): Promise<void> {
    const response = await this.post();
    if (!response.ok) throw new Error(`batch refused: ${response.status} ${await response.text()}`);
  }

  /** Closes the batch, posts it with its anchor and gives the answer, whatever it is. */
  async post(): Promise<Response> {
    const from = this.#tree.size;
    const entries = this.#pending;
    this.#pending = [];
    for (const entry of entries)
      this.#tree.append(leafHash(entry), (level, index, hash) =>
        this.#nodes.set(`${level}/${index}`, hash),
      );
    const size = this.#tree.size;
    const origin = `${this.#origin}/gw/${this.#id}`;
    const checkpoint = signCheckpoint({ origin, size, root: this.#tree.root() }, this.#logKey);
    this.#note = checkpoint;
    const proof =
      this.#anchored === 0
        ? []
        : consistencyProof(
            this.#anchored,
            size,
            (level, index) => this.#nodes.get(`${level}/${index}`)!,
          );
    const anchor = buildTransaction({
      ledger: this.#origin,
      kind: "anchor",
      sequence: size,
      body: { gateway: this.#id, checkpoint, proof },
      signer: this.#key,
    });
    const body = encode({
      checkpoint,
      from,
      entries: encodeEntries(entries),
      bodies: [],
      proof,
      anchor,
    });
    const response = await fetch(`${this.#ledger}/gateways/${this.#id}/entries`, {
      method: "POST",
      headers: { "content-type": "application/cbor" },
      body: new Uint8Array(body),
    });
    if (response.ok) this.#anchored = size;
    return response;
  }

  #genesis(): Uint8Array {
    return encodeSign1({
      header: new Map<number, number | string | Uint8Array>([
        [1, -8],
        [3, "application/vnd.muniment.gateway-genesis+cbor"],
        [4, keyThumbprint(this.#key.publicKey)],
      ]),
      payload: encode({
        gateway: this.#id,
        building: this.#building,
        key: this.#key.publicKey,
        logKey: this.#logKey.publicKey,
        origin: `${this.#origin}/gw/${this.#id}`,
      }),
      signer: this.#key,
    });
  }

  /** Submits a transaction of the operator; a refusal is an error. */
  async transact(kind: string, body: Parameters<Operator["submit"]>[1]): Promise<void> {
    const answer = await this.#operator.submit(kind, body);
    if (!answer.ok) throw new Error(`${kind} refused: ${answer.code} ${answer.message}`);
  }

  #nextSigner(): Signer {
    this.#seed += 1;
    const seed = new Uint8Array(32);
    seed.set(utf8(`core-gateway ${this.#seed}`));
    return signerFromSeed(seed);
  }
}

function urn(device: string): string {
  return `urn:dev:os:32473-${device}`;
}
