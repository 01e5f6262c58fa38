// How a device does, in words whose colour is not all they say.
import type { ReactNode } from "react";
import type { Device } from "../data/health-shapes.ts";
import { deviceProblems } from "../measure/device-health.ts";

/** Problems in words, or that there are none. */
export function DeviceHealth({ device }: { readonly device: Device }): ReactNode {
  const problems = deviceProblems(device);
  return problems.length === 0 ? (
    <span className="state state--active">well</span>
  ) : (
    <span className="state state--suspended">{problems.join("; ")}</span>
  );
}
