// The ledger's share of the command line; each action loads what it needs when it runs, so that --help is quick (formats: names that scripts may rely on).
import type { Command } from "commander";
import { registerAuditReplay } from "./commands/audit-replay.ts";
import { registerBuildingRegister } from "./commands/building-register.ts";
import { registerDeviceEnrol } from "./commands/device-enrol.ts";
import { registerDeviceRevoke } from "./commands/device-revoke.ts";
import { registerFsck } from "./commands/fsck.ts";
import { registerKeys } from "./commands/keys.ts";
import { registerLedger } from "./commands/ledger.ts";
import { registerVerify } from "./commands/verify.ts";

/** Adds this package's commands to the program. */
export function register(program: Command): void {
  registerLedger(program);
  const building = program.command("building").description("facts of buildings on the ledger");
  registerBuildingRegister(building);
  const device = program.command("device").description("devices on the ledger");
  registerDeviceEnrol(device);
  registerDeviceRevoke(device);
  registerKeys(program);
  registerVerify(program);
  registerFsck(program);
  const audit = program.command("audit").description("checks of the whole ledger");
  registerAuditReplay(audit);
}
