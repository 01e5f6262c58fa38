// The devices on the plan: which points each has and how it reads them from the true state of the building.
import type { Meters, Step } from "./world/building.ts";
import type { Fault } from "./world/faults.ts";
import type { BuildingPlan } from "./world/plan.ts";

/** A point as it is enrolled (device.enrol) and declared at birth (F8). */
export interface Point {
  readonly name: string;
  readonly unit: string;
  readonly kind: "gauge" | "counter" | "interval" | "event";
  /** Seconds between readings that completeness may count on. */
  readonly interval?: number;
  readonly brick?: string;
  readonly label?: string;
}

export interface DeviceFacts {
  readonly device: string;
  readonly building: string;
  readonly place: string;
  readonly urn: string;
  readonly points: readonly Point[];
  /** The enrolled device that may publish for this one. */
  readonly bridge?: string;
  /** Who vouches for its readings; the device itself when absent. */
  readonly trust?: "device" | "observed" | "manual";
}

/** A point with the way it is read; without an interval it is read as often as the present is told. */
export interface Sensor {
  readonly point: Point;
  readonly read: (step: Step) => number;
  /** What a sensor without a fault would read; absent where none can have one. */
  readonly truth?: (step: Step) => number;
}

export interface DeviceDrawing extends DeviceFacts {
  readonly sensors: readonly Sensor[];
  /** Index of the door whose crossings this device reports, if it is a badge reader. */
  readonly door?: number;
  /** Whether it is a board on a serial line, if there is one. */
  readonly serial: boolean;
}

const roomSeconds = 300;
const meterSeconds = 900;
const weatherSeconds = 900;
/** The sensors of this floor are boards on a serial line. */
const serialFloor = 2;
const driftPpmPerDay = 25;

/** The URN that a device signs as, unless it was enrolled with another (RFC 9039, example enterprise number). */
export function deviceUrn(device: string): string {
  return `urn:dev:os:32473-${device}`;
}

/** Every device of the building; the readings of all of them together are what the ledger knows of it. */
export function devicesOf(plan: BuildingPlan): readonly DeviceDrawing[] {
  const drawing = (
    name: string,
    place: string,
    sensors: readonly Sensor[],
    more: {
      readonly events?: readonly Point[];
      readonly serial?: boolean;
      readonly door?: number;
    } = {},
  ): DeviceDrawing => ({
    device: `${plan.id}-${name}`,
    building: plan.id,
    place,
    urn: deviceUrn(`${plan.id}-${name}`),
    points: [...sensors.map(({ point }) => point), ...(more.events ?? [])],
    sensors,
    serial: more.serial ?? false,
    ...(more.door === undefined ? {} : { door: more.door }),
  });

  const doors = plan.doors.map((door, index) =>
    drawing(door.id, door.place, [], {
      door: index,
      // One passage of one badge; its name says which way.
      events: [
        { name: "in", unit: "count", kind: "event", label: `${door.label}: in` },
        { name: "out", unit: "count", kind: "event", label: `${door.label}: out` },
      ],
    }),
  );
  const rooms = plan.rooms.flatMap((room, index) =>
    room.sensed
      ? [
          drawing(room.id, room.place, roomSensors(room.label, index), {
            serial: room.floor === serialFloor,
          }),
        ]
      : [],
  );
  const weather = drawing("weather", `${plan.id}/outside`, [
    sensor("temperature", "Cel", "Outside_Air_Temperature_Sensor", "Outdoor air", {
      interval: weatherSeconds,
      read: ({ sky }) => Math.round(sky.celsius * 10) / 10,
    }),
    sensor("irradiance", "W/m2", "Solar_Radiance_Sensor", "Sunlight", {
      interval: weatherSeconds,
      read: ({ sky }) => Math.round(sky.irradiance),
    }),
  ]);
  const meters = metersOf(plan).map(([name, place, sensors]) => drawing(name, place, sensors));
  return [...meters, weather, ...rooms, ...doors];
}

/** Where the building's energy is counted. Whoever adds meters up must know which count the same joules: see Meters. */
function metersOf(
  plan: BuildingPlan,
): readonly (readonly [name: string, place: string, sensors: readonly Sensor[]])[] {
  const plant = `${plan.id}/floor-1/plant`;
  const outside = `${plan.id}/outside`;
  const meter = (circuit: keyof Meters, brick: string, label: string, name = "energy"): Sensor => ({
    point: { name, unit: "J", kind: "counter", interval: meterSeconds, brick, label },
    read: (step) => step.energyJ[circuit],
  });
  const watts = (label: string, read: Sensor["read"]): Sensor => ({
    point: { name: "power", unit: "W", kind: "gauge", brick: "Electric_Power_Sensor", label },
    read,
  });
  return [
    [
      "meter-main",
      plan.id,
      [
        meter("main", "Building_Electrical_Meter", "All that the building uses"),
        watts("Power now", (step) => step.powerW),
      ],
    ],
    ["meter-hvac", plant, [meter("hvac", "Electrical_Meter", "Heating and cooling")]],
    ["meter-lighting", plant, [meter("lighting", "Electrical_Meter", "Lighting")]],
    ["meter-plugs", plant, [meter("plugs", "Electrical_Meter", "Plug loads")]],
    ["meter-services", plant, [meter("services", "Electrical_Meter", "Lifts, pumps and servers")]],
    [
      "meter-solar",
      outside,
      [
        meter("solar", "PV_Generation_Sensor", "Solar panels"),
        watts("Solar power now", (step) => step.solarW),
      ],
    ],
    // The utility's two registers: neither a use nor a source, but the border between the building and the grid.
    [
      "meter-grid",
      plan.id,
      [
        meter("import", "Grid_Import_Sensor", "Drawn from the grid", "import"),
        meter("export", "Grid_Export_Sensor", "Given to the grid", "export"),
      ],
    ],
  ];
}

function roomSensors(label: string, index: number): readonly Sensor[] {
  const ratio = (step: Step, biasPpm: number) =>
    Math.round((step.co2Ppm[index] ?? 0) + biasPpm) / 1_000_000;
  return [
    sensor("people", "count", "Occupancy_Count_Sensor", `${label}: people`, {
      interval: roomSeconds,
      read: (step) => step.people[index] ?? 0,
    }),
    sensor("co2", "/", "CO2_Level_Sensor", `${label}: carbon dioxide`, {
      interval: roomSeconds,
      read: (step) => ratio(step, driftPpm(step.faults, index, step.time)),
      truth: (step) => ratio(step, 0),
    }),
    sensor("temperature", "Cel", "Air_Temperature_Sensor", `${label}: air temperature`, {
      interval: roomSeconds,
      read: (step) => Math.round((step.celsius[index] ?? 0) * 10) / 10,
    }),
  ];
}

function sensor(
  name: string,
  unit: string,
  brick: string,
  label: string,
  { interval, ...ways }: { readonly interval: number } & Pick<Sensor, "read" | "truth">,
): Sensor {
  return { point: { name, unit, kind: "gauge", interval, brick, label }, ...ways };
}

/** How much too high the CO2 sensor of a room reads. */
function driftPpm(faults: readonly Fault[], room: number, time: number): number {
  const drift = faults.find((fault) => fault.kind === "drifting-sensor" && fault.room === room);
  return drift === undefined ? 0 : (driftPpmPerDay * (time - drift.from)) / 86_400;
}
