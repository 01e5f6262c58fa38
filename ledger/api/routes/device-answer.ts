// A device as /api/v1 shows it: enrolment, what came from it, and what it says of itself, held against the registry.

import { DEVICE_CLOCKS, DEVICE_STATES } from "@muniment/core";
import { type Static, type TSchema, Type } from "typebox";
import { birthAgreement, DIFFERENCES } from "../../read-model/birth-agreement.ts";
import { isSilent } from "../../read-model/measures/silence.ts";
import { iso } from "../../read-model/period.ts";
import { type Said, type Sayings, sayingsOf } from "../../read-model/queries/sayings.ts";
import { pointSummaries } from "../../read-model/queries/series.ts";
import type { ReadModel } from "../../read-model/read-model.ts";
import type { DeviceRecord } from "../../read-model/registry.ts";
import { Count, Id, Instant, Nullable, TrustLevel } from "./answers.ts";

/** Where the statement is that shows it: /evidence/<gateway>/<index>. */
const Entry = { gateway: Id, index: Count };
const Clock = Type.Unsafe<(typeof DEVICE_CLOCKS)[number]>({
  type: "string",
  enum: [...DEVICE_CLOCKS],
});
const State = Type.Unsafe<(typeof DEVICE_STATES)[number]>({
  type: "string",
  enum: [...DEVICE_STATES],
});
const Difference = Type.Unsafe<(typeof DIFFERENCES)[number]>({
  type: "string",
  enum: [...DIFFERENCES],
});

const Birth = Type.Object(
  {
    at: Instant,
    ...Entry,
    boot: Nullable(Type.String()),
    agrees: Type.Boolean({ description: "All points agree with the registry and none is missing" }),
    points: Type.Array(
      Type.Object({
        name: Type.String(),
        unit: Type.String(),
        brick: Nullable(Type.String()),
        agrees: Type.Boolean(),
        differs: Type.Array(Difference, {
          description: "What the registry has otherwise; point: no such point is enrolled",
        }),
      }),
    ),
    missing: Type.Array(Type.String(), { description: "Enrolled, and not declared" }),
  },
  { description: "What the device declared last; the registry is the authority" },
);

export const Device = Type.Object({
  id: Id,
  building: Id,
  place: Type.String(),
  urn: Type.String(),
  kid: Type.String({ description: "Thumbprint of its key (RFC 9679), hex" }),
  status: Type.String(),
  trust: TrustLevel,
  bridge: Nullable(Id),
  points: Type.Array(Type.String()),
  lastTime: Nullable(Instant),
  received: Count,
  clock: Nullable(Clock),
  state: Nullable(State),
  birth: Nullable(Birth),
  lastStatementAt: Nullable(
    Type.String({
      ...Instant,
      description:
        "Of its last counted statement: its own claim, but not after the ledger took it; when the ledger took it, of a device without a clock",
    }),
  ),
  silent: Type.Boolean({
    description:
      "An active device that was not heard for three of its shortest intervals and 15 minutes, by the ledger's time",
  }),
});

const saidOf = <Value extends TSchema>(value: Value) =>
  Nullable(Type.Object({ value, at: Instant, ...Entry }));

export const DeviceDetail = Type.Object({
  ...Device.properties,
  says: Type.Object(
    {
      statement: saidOf(Clock),
      state: saidOf(State),
      clock: saidOf(Clock),
      uptime: saidOf(Type.Number({ description: "Seconds" })),
      battery: saidOf(Type.Number({ description: "Percent" })),
      resets: saidOf(Type.Number()),
    },
    { description: "The last it said of each, with the entry that shows it" },
  ),
});

const NOTHING: Sayings = {
  ...{ statement: null, birth: null, state: null, clock: null },
  ...{ uptime: null, battery: null, resets: null },
};

/** Devices in detail, in their order. */
export async function deviceAnswers(
  readModel: ReadModel,
  devices: readonly DeviceRecord[],
): Promise<readonly Static<typeof DeviceDetail>[]> {
  const { store } = readModel;
  const { time: now } = readModel.applied();
  const { keys, gateways } = readModel.registry();
  const summaries = await pointSummaries(
    store,
    devices.flatMap(({ points }) => points),
  );
  const sayings = await sayingsOf(
    store,
    devices.map(({ id }) => id),
  );
  const gatewayIds = new Map([...gateways.values()].map(({ no, id }) => [no, id]));
  const entry = <Value>({ value, at, gateway, index }: Said<Value>) => ({
    ...{ value, at: iso(at), index },
    gateway: gatewayIds.get(gateway)!,
  });
  return devices.map((device) => {
    const spoken = device.points.flatMap(({ no }) => summaries.get(no) ?? []);
    const status = keys.get(device.kid)?.status ?? "active";
    const { statement, birth, state, clock, uptime, battery, resets } =
      sayings.get(device.id) ?? NOTHING;
    return {
      ...device,
      status,
      points: device.points.map(({ id }) => id),
      received: spoken.reduce((sum, { received }) => sum + received, 0),
      lastTime:
        spoken.length === 0 ? null : iso(Math.max(...spoken.map(({ lastTime }) => lastTime ?? 0))),
      clock: clock?.value ?? null,
      state: state?.value ?? null,
      birth: birth && birthAnswer(entry(birth), device),
      lastStatementAt: statement && iso(statement.at),
      silent: status === "active" && isSilent(device.points, statement?.at ?? null, now),
      says: {
        statement: statement && entry(statement),
        state: state && entry(state),
        clock: clock && entry(clock),
        uptime: uptime && entry(uptime),
        battery: battery && entry(battery),
        resets: resets && entry(resets),
      },
    };
  });
}

/** Those of the devices that are silent, or those that are not, in their order. */
export async function bySilence(
  readModel: ReadModel,
  devices: readonly DeviceRecord[],
  silent: boolean,
): Promise<readonly DeviceRecord[]> {
  const { time: now } = readModel.applied();
  const { keys } = readModel.registry();
  const sayings = await sayingsOf(
    readModel.store,
    devices.map(({ id }) => id),
  );
  return devices.filter(({ id, kid, points }) => {
    const isActive = (keys.get(kid)?.status ?? "active") === "active";
    const heardAt = sayings.get(id)?.statement?.at ?? null;
    return (isActive && isSilent(points, heardAt, now)) === silent;
  });
}

function birthAnswer(
  {
    value,
    at,
    gateway,
    index,
  }: { value: Parameters<typeof birthAgreement>[0] } & Pick<
    Static<typeof Birth>,
    "at" | "gateway" | "index"
  >,
  device: DeviceRecord,
): Static<typeof Birth> {
  const { agrees, points, missing } = birthAgreement(value, device.points);
  return {
    ...{ at, gateway, index, boot: value.boot, agrees },
    points: points.map(({ differs, ...point }) => ({
      ...point,
      agrees: differs.length === 0,
      differs: [...differs],
    })),
    missing: [...missing],
  };
}
