// The building's devices as the gateway meets them: each with its key, its road (MQTT or the serial line) and its conduct; what they see becomes what they say.
import { join } from "node:path";
import { birthRecords, type DeviceState, type SenmlRecord, stateRecords } from "@muniment/core";
import { loadOrCreateKey, makeDirectory } from "@muniment/core/files";
import { accessRecords, type PeriodKeys } from "./access.ts";
import type { DeviceDrawing } from "./devices.ts";
import { type Conduct, openConduct } from "./misbehaviour/conduct.ts";
import type { MisbehaviourOrder } from "./misbehaviour/order.ts";
import { packRecords, recordsPerStatementMax } from "./pack.ts";
import type { Publisher } from "./publisher.ts";
import { openSender, type Saying, type Sender } from "./sender.ts";
import { openSerialBoard, type SerialBoard } from "./serial-publisher.ts";
import type { TruthFile } from "./truth/truth-file.ts";
import type { Crossing } from "./world/building.ts";
import type { BuildingPlan } from "./world/plan.ts";

export interface FleetConfig {
  readonly folder: string;
  readonly plan: BuildingPlan;
  readonly seed: number;
  readonly start: number;
  readonly drawings: readonly DeviceDrawing[];
  readonly misbehaving: ReadonlyMap<string, MisbehaviourOrder>;
  /** How they misbehaved in earlier runs. */
  readonly conductBefore: TruthFile["conduct"];
  readonly badges: PeriodKeys;
  readonly mqtt: string;
  /** The board's end of a serial line, or null when every device has an MQTT connection of its own. */
  readonly serial: string | null;
  readonly onTrouble: (device: string, reason: string, waitMs: number) => void;
}

/** One device, with what it has seen and not yet said. */
export interface Member {
  readonly drawing: DeviceDrawing;
  readonly sender: Sender;
  readonly conduct: Conduct | null;
  readonly records: SenmlRecord[];
  readonly passages: Crossing[];
}

export interface Fleet {
  readonly members: readonly Member[];
  /** Past or present: a device without a clock speaks only of the present. */
  live: boolean;
  /** Sends what earlier runs signed and saw no acknowledgement for. */
  resume(): Promise<void>;
  /** Every device declares its points and how it is, as of each one's own time. */
  greet(starts: number, bornAt: (member: Member) => number): Promise<void>;
  /** All devices say what they have seen; a statement never spans a multiple of so many seconds. */
  tell(spanSeconds: number): Promise<{ readonly statements: number; readonly readings: number }>;
  /** Every device says that it stops. */
  leave(time: number): Promise<void>;
  conduct(): TruthFile["conduct"];
  close(): Promise<void>;
}

/** Keys of the devices, made on first use. */
export function deviceKey(folder: string, device: string) {
  return loadOrCreateKey(join(folder, "devices", `${device}.pem`));
}

/** What a frame of 1,280 bytes (F9) leaves for the pack and the names of device and place, beside CoAP, COSE and signature. */
const serialBytesMax = 1_100;
const batteryPerDay = 0.05;

/** Opens every device; nothing is sent yet. */
export async function openFleet(config: FleetConfig): Promise<Fleet> {
  const { folder, plan, seed, start, drawings, misbehaving } = config;
  await makeDirectory(join(folder, "devices"));
  let live = false;
  const board: SerialBoard | null =
    config.serial === null
      ? null
      : openSerialBoard({
          path: config.serial,
          onTrouble: (reason, waitMs) => config.onTrouble("serial line", reason, waitMs),
        });
  const isOnBoard = ({ serial }: DeviceDrawing) => board !== null && serial;

  const conductOf = async (device: string): Promise<Conduct | null> => {
    const order = misbehaving.get(device);
    if (order === undefined) return null;
    const before = config.conductBefore[device];
    return openConduct({
      ...{ order, device, seed, start },
      wrongKey: await deviceKey(folder, `${device}.other`),
      isLive: () => live,
      ...(before?.kind === order.kind ? { before } : {}),
    });
  };
  const members = await Promise.all(
    drawings.map(async (drawing): Promise<Member> => {
      const { device } = drawing;
      const conduct = await conductOf(device);
      const publisher: Publisher | null =
        board !== null && drawing.serial ? board.publisher() : null;
      const sender = await openSender({
        facts: drawing,
        signer: await deviceKey(folder, device),
        outboxPath: join(folder, "devices", `${device}.outbox.json`),
        mqtt: config.mqtt,
        onTrouble: (reason, waitMs) => config.onTrouble(device, reason, waitMs),
        ...(publisher === null ? {} : { publisher }),
        ...(conduct === null ? {} : { conduct }),
      });
      return { drawing, sender, conduct, records: [], passages: [] };
    }),
  );

  const sayingsOf = async (member: Member, spanSeconds: number): Promise<readonly Saying[]> => {
    const { drawing, sender, conduct } = member;
    const { through } = sender;
    const packs = packRecords(
      member.records.splice(0).filter(({ time }) => time > through),
      spanSeconds,
      recordsPerStatementMax,
      ...(isOnBoard(drawing) ? [serialBytesMax - drawing.urn.length - drawing.place.length] : []),
    );
    const sayings: Saying[] = packs.map((records) => ({ kind: "reading", records }));
    for (const passage of member.passages.splice(0)) {
      const person = plan.people[passage.person ?? -1];
      if (person === undefined || passage.time <= through) continue;
      sayings.push({
        kind: "access",
        ...(await accessRecords(config.badges, passage, person.credential)),
      });
    }
    sayings.sort((a, b) => lastTime(a) - lastTime(b));
    return conduct === null ? sayings : sayings.flatMap(conduct.say);
  };
  const stateOf = ({ drawing, conduct }: Member, time: number, more: DeviceState): Saying => ({
    kind: "self",
    records: stateRecords(
      {
        ...more,
        clock: conduct?.account().kind === "no-clock" ? "none" : "synced",
        ...(drawing.serial
          ? { battery: Math.max(0, 100 - ((time - start) / 86_400) * batteryPerDay) }
          : {}),
      },
      time,
    ),
  });

  return {
    members,
    get live() {
      return live;
    },
    set live(is) {
      live = is;
    },
    async resume() {
      await Promise.all(members.map(({ sender }) => sender.resume()));
    },
    async greet(starts, bornAt) {
      await Promise.all(
        members.map((member) => {
          const time = bornAt(member);
          const points = member.drawing.points.map(({ name, unit, brick = null }) => ({
            ...{ name, unit, brick },
          }));
          const boot = `simulator, start ${starts}`;
          return member.sender.send([
            { kind: "self", records: birthRecords({ points, boot }, time) },
            stateOf(member, time, { state: "ready", uptime: 0, resets: starts }),
          ]);
        }),
      );
    },
    async tell(spanSeconds) {
      let [statements, readings] = [0, 0];
      await Promise.all(
        members.map(async (member) => {
          const sayings = await sayingsOf(member, spanSeconds);
          const sent = await member.sender.send(sayings);
          statements += sent.length;
          readings += sayings.reduce((sum, { records }) => sum + records.length, 0);
        }),
      );
      return { statements, readings };
    },
    async leave(time) {
      await Promise.all(
        members.map((member) =>
          member.sender.send([
            stateOf(member, time, { state: "stopping", uptime: Math.max(0, time - start) }),
          ]),
        ),
      );
    },
    conduct: () =>
      Object.fromEntries(
        members.flatMap(({ drawing, conduct }) =>
          conduct === null ? [] : [[drawing.device, conduct.account()] as const],
        ),
      ),
    async close() {
      await Promise.all(members.map(({ sender }) => sender.close()));
      await board?.close();
    },
  };
}

function lastTime({ records }: Saying): number {
  return records.at(-1)?.time ?? 0;
}
