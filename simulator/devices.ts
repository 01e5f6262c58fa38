// The devices on the plan: which points each has and how it reads them from the true state of the building.
import type { Step } from "./building.ts";
import type { BuildingPlan } from "./plan.ts";

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
}

/** A point with the way it is read; without an interval it is read every `every` seconds. */
export interface Sensor {
  readonly point: Point;
  readonly read: (step: Step) => number;
}

export interface DeviceDrawing extends DeviceFacts {
  readonly sensors: readonly Sensor[];
  /** Index of the door whose crossings this device reports, if it is a badge reader. */
  readonly door?: number;
}

const roomSeconds = 300;
const meterSeconds = 900;

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
    events: readonly Point[] = [],
  ): DeviceDrawing => ({
    device: `${plan.id}-${name}`,
    building: plan.id,
    place,
    urn: deviceUrn(`${plan.id}-${name}`),
    points: [...sensors.map(({ point }) => point), ...events],
    sensors,
  });

  const meter = (circuit: keyof Step["energyJ"], brick: string, label: string): Sensor => ({
    point: { name: "energy", unit: "J", kind: "counter", interval: meterSeconds, brick, label },
    read: (step) => step.energyJ[circuit],
  });
  const power: Sensor = {
    point: {
      name: "power",
      unit: "W",
      kind: "gauge",
      brick: "Electric_Power_Sensor",
      label: "Power now",
    },
    read: (step) => step.powerW,
  };

  const meters = [
    drawing("meter-main", plan.id, [
      meter("main", "Building_Electrical_Meter", "Main electricity meter"),
      power,
    ]),
    drawing("meter-hvac", `${plan.id}/plant`, [
      meter("hvac", "Electrical_Meter", "Heating and cooling"),
    ]),
    drawing("meter-lighting", `${plan.id}/plant`, [
      meter("lighting", "Electrical_Meter", "Lighting"),
    ]),
    drawing("meter-plugs", `${plan.id}/plant`, [meter("plugs", "Electrical_Meter", "Plug loads")]),
  ];

  const rooms = plan.rooms.map((room, index) => {
    const sensor = (
      name: string,
      unit: string,
      brick: string,
      label: string,
      read: (state: Step["rooms"][number]) => number,
    ): Sensor => ({
      point: {
        name,
        unit,
        kind: "gauge",
        interval: roomSeconds,
        brick,
        label: `${room.label}: ${label}`,
      },
      read: (step) => {
        const state = step.rooms[index];
        if (state === undefined) throw new Error(`expected a state of room ${room.id}`);
        return read(state);
      },
    });
    return drawing(room.id, room.place, [
      sensor("people", "count", "Occupancy_Count_Sensor", "people", (state) => state.people),
      sensor("co2", "ppm", "CO2_Sensor", "carbon dioxide", (state) => Math.round(state.co2Ppm)),
      sensor(
        "temperature",
        "Cel",
        "Zone_Air_Temperature_Sensor",
        "air temperature",
        (state) => Math.round(state.celsius * 10) / 10,
      ),
    ]);
  });

  const doors = plan.doors.map((door, index) => ({
    ...drawing(
      door.id,
      door.place,
      [],
      // One passage of one badge; its name says which way.
      [
        { name: "in", unit: "count", kind: "event", label: `${door.label}: in` },
        { name: "out", unit: "count", kind: "event", label: `${door.label}: out` },
      ],
    ),
    door: index,
  }));
  return [...meters, ...rooms, ...doors];
}
