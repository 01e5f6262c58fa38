// What /api/v1 answers of devices, gateways and entries that do not count.

/** Where the statement is that shows it. */
interface Shown {
  readonly at: string;
  readonly gateway: string;
  readonly index: number;
}

export interface BirthPoint {
  readonly name: string;
  readonly unit: string;
  readonly brick: string | null;
  readonly agrees: boolean; // with the registry
  readonly differs: readonly string[];
}

export interface DeviceBirth extends Shown {
  readonly boot: string | null;
  readonly agrees: boolean;
  readonly points: readonly BirthPoint[];
  readonly missing: readonly string[]; // enrolled, and not declared
}

/** Null is what a device has not said. */
export interface Device {
  readonly id: string;
  readonly building: string;
  readonly place: string;
  readonly urn: string;
  readonly kid: string;
  readonly status: string;
  readonly trust: string;
  readonly bridge: string | null;
  readonly points: readonly string[];
  readonly lastTime: string | null;
  readonly received: number;
  readonly clock: string | null;
  readonly state: string | null;
  readonly birth: DeviceBirth | null;
  readonly lastStatementAt: string | null;
  readonly silent: boolean;
}

type Said<Value> = (Shown & { readonly value: Value }) | null;

export interface DeviceDetail extends Device {
  readonly says: {
    readonly statement: Said<string>;
    readonly state: Said<string>;
    readonly clock: Said<string>;
    readonly uptime: Said<number>; // seconds
    readonly battery: Said<number>; // per cent
    readonly resets: Said<number>;
  };
}

export interface Gateway {
  readonly id: string;
  readonly building: string;
  readonly status: string;
  readonly origin: string;
  readonly size: number;
  readonly anchoredAt: string | null;
  readonly registry: number;
  readonly entries: number;
  readonly standing: Readonly<Record<string, number>>;
}

export interface StandingEntry {
  readonly gateway: string;
  readonly index: number;
  readonly standing: string;
  readonly device: string | null;
  readonly sequence: number | null;
  readonly time: string | null;
}
