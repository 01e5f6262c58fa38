// Which devices have an active key, by building: whose state message is worth keeping (F8).

import type { Keyring } from "../ports.ts";

/** Whether a device of a building has an active key; asked for each retained message, so the answer is kept per update. */
export function enrolledDevices(
  keyring: Pick<Keyring, "all" | "onChange">,
): (building: string, device: string) => boolean {
  let devices: Set<string> | null = null;
  keyring.onChange(() => {
    devices = null;
  });
  return (building, device) => {
    devices ??= new Set(
      Array.from(keyring.all())
        .filter(({ status }) => status === "active")
        .map((one) => `${one.building}/${one.device}`),
    );
    return devices.has(`${building}/${device}`);
  };
}
