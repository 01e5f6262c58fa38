// A building's registry feed: records 1, 2, 3 … without a gap, one for each step in the life of a device key (D14).

import type { Context } from "../context.ts";
import type { DeviceRecord, KeyRecord, RegistryRecord } from "../records.ts";
import { stateKey } from "../state-keys.ts";

/** Appends the next record and raises the building's counter to its number. */
export function appendToFeed(
  { state, height, index }: Context,
  id: string,
  device: DeviceRecord,
  {
    kid,
    key,
    status,
  }: { readonly kid: Uint8Array; readonly key: Uint8Array; readonly status: KeyRecord["status"] },
): void {
  const building = state.building(device.building);
  if (building === null) throw new Error(`device ${id} stands in no building`);
  const n = building.registry + 1;
  const { urn, place, points, bridge } = device;
  const record: RegistryRecord = {
    n,
    kid,
    key,
    device: id,
    urn,
    place,
    status,
    points,
    ...(bridge === undefined ? {} : { bridge }),
    from: height,
    entry: index,
  };
  state.put(stateKey.registry(device.building, n), record);
  state.put(stateKey.building(device.building), { ...building, registry: n });
}
