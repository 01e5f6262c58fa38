// Which devices a bridge speaks for, by the registry (F8): the only ones besides itself whose topics it may use.

import type { Keyring } from "../ports.ts";

export interface BridgeBindings {
  /** Whether the registry binds the device of that building to the bridge. */
  isBridgeOf(bridge: string, building: string, device: string): boolean;
  /** How many devices are bound to it. */
  boundTo(bridge: string): number;
}

/** The bindings of all devices, whatever the state of their keys: a revoked device is to hear that it was revoked. */
export function bridgeBindings(keyring: Pick<Keyring, "all" | "onChange">): BridgeBindings {
  let bound: ReadonlyMap<string, ReadonlySet<string>> | null = null;
  keyring.onChange(() => {
    bound = null;
  });
  const devicesOf = (bridge: string): ReadonlySet<string> | undefined => {
    bound ??= readBindings(keyring);
    return bound.get(bridge);
  };
  return {
    isBridgeOf: (bridge, building, device) =>
      devicesOf(bridge)?.has(`${building}/${device}`) ?? false,
    boundTo: (bridge) => devicesOf(bridge)?.size ?? 0,
  };
}

/** A device may have had several keys: its last record says where it is bound. */
function readBindings(keyring: Pick<Keyring, "all">): ReadonlyMap<string, ReadonlySet<string>> {
  const latest = new Map<string, { readonly n: number; readonly bridge: string | null }>();
  for (const { building, device, n, bridge } of keyring.all()) {
    const name = `${building}/${device}`;
    if (n >= (latest.get(name)?.n ?? 0)) latest.set(name, { n, bridge });
  }
  const bound = new Map<string, Set<string>>();
  for (const [name, { bridge }] of latest) {
    if (bridge === null) continue;
    const devices = bound.get(bridge) ?? new Set();
    bound.set(bridge, devices.add(name));
  }
  return bound;
}
