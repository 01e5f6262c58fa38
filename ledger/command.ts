// The ledger's share of the command line; each action loads what it needs when it runs, so that --help is quick (formats: names that scripts may rely on).
import type { Command } from "commander";
import { registerAlarm } from "./commands/alarm.ts";
import { registerAuditReplay } from "./commands/audit-replay.ts";
import { registerBuildingRegister } from "./commands/building-register.ts";
import { registerDeviceEnrol } from "./commands/device-enrol.ts";
import { registerDeviceRevoke } from "./commands/device-revoke.ts";
import { registerExport } from "./commands/export.ts";
import { registerFsck } from "./commands/fsck.ts";
import { registerHoldPlace, registerHoldRelease } from "./commands/hold.ts";
import { registerKeys } from "./commands/keys.ts";
import { registerLedger } from "./commands/ledger.ts";
import { registerPlaceRegister } from "./commands/place-register.ts";
import { registerPolicySet } from "./commands/policy-set.ts";
import { registerRetentionRun } from "./commands/retention-run.ts";
import { registerVerify } from "./commands/verify.ts";

/** Adds this package's commands to the program. */
export function register(program: Command): void {
  registerLedger(program);
  const building = program.command("building").description("facts of buildings on the ledger");
  registerBuildingRegister(building);
  const place = program.command("place").description("floors, rooms and zones of buildings");
  registerPlaceRegister(place);
  const device = program.command("device").description("devices on the ledger");
  registerDeviceEnrol(device);
  registerDeviceRevoke(device);
  const policy = program.command("policy").description("effective-dated values with their source");
  registerPolicySet(policy);
  const hold = program.command("hold").description("legal holds: what they cover is not deleted");
  registerHoldPlace(hold);
  registerHoldRelease(hold);
  const retention = program
    .command("retention")
    .description("destruction of access records on their retention clock");
  registerRetentionRun(retention);
  registerAlarm(program);
  registerKeys(program);
  registerVerify(program);
  registerFsck(program);
  registerExport(program);
  const audit = program.command("audit").description("checks of the whole ledger");
  registerAuditReplay(audit);
}
