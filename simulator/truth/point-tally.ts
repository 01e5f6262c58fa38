// The true figures by point: raw values of the last days, the room's readings by day, and which readings were sent well.
import type { DeviceDrawing } from "../devices.ts";
import type { Step } from "../world/building.ts";
import type { TruthDay, TruthFile, TruthPoint, TruthRoomDay } from "./truth-file.ts";

interface Series {
  readonly unit: string;
  readonly interval: number;
  readonly place: string;
  readonly name: string;
  from: number;
  values: number[];
  read: number[];
  differs: boolean;
  /** By day: intervals for which a reading was sent well. */
  readonly received: number[];
  lastSlot: number;
}

type RoomDay = { -readonly [name in keyof TruthRoomDay]: TruthRoomDay[name] };

export interface PointTally {
  /** A sensor was read: what it read, and what it should have. Only points that declare an interval are kept. */
  reading(point: string, step: Step, read: number, truth: number): void;
  /** A reading of that time was sent and must have been admitted, on the index-th day. */
  delivered(point: string, time: number, day: number): void;
  /** A new day begins: older raw values than the limit are forgotten. */
  newDay(): void;
  points(): { readonly [point: string]: TruthPoint };
  rooms(): TruthFile["rooms"];
  delivery(days: readonly TruthDay[]): TruthFile["delivery"];
}

const daySeconds = 86_400;

/** An empty tally that keeps raw values of so many days. */
export function openPointTally(drawings: readonly DeviceDrawing[], rawDaysMax: number): PointTally {
  const series = new Map<string, Series>();
  const rooms = new Map<string, RoomDay[]>();
  for (const { device, place, sensors } of drawings) {
    for (const { point } of sensors) {
      if (point.interval === undefined) continue;
      const { name, unit, interval } = point;
      series.set(`${device}.${name}`, {
        ...{ unit, interval, place, name, from: 0, values: [], read: [], differs: false },
        ...{ received: [], lastSlot: Number.NEGATIVE_INFINITY },
      });
      if (name === "people") rooms.set(place, []);
    }
  }

  return {
    reading(point, step, read, truth) {
      const one = series.get(point);
      if (one === undefined) return;
      if (one.values.length === 0) one.from = step.time;
      one.values.push(truth);
      one.read.push(read);
      one.differs ||= read !== truth;
      const day = rooms.get(one.place)?.at(-1);
      if (day === undefined) return;
      if (one.name === "people") {
        const occupied = read > 0 ? 1 : 0;
        day.steps++;
        day.sum += read;
        day.peak = Math.max(day.peak, read);
        day.occupied += occupied;
        if (step.open) {
          day.openSteps++;
          day.openOccupied += occupied;
        }
      } else if (one.name === "co2") {
        const ppm = Math.round(read * 1_000_000);
        day.co2Sum += ppm;
        day.co2Max = Math.max(day.co2Max, ppm);
      } else if (one.name === "temperature") {
        // Tenths of a degree, added as integers.
        day.celsiusSum = (Math.round(day.celsiusSum * 10) + Math.round(read * 10)) / 10;
      }
    },
    delivered(point, time, day) {
      const one = series.get(point);
      if (one === undefined || day < 0) return;
      const slot = Math.floor(time / one.interval);
      if (slot === one.lastSlot) return;
      one.lastSlot = slot;
      one.received[day] = (one.received[day] ?? 0) + 1;
    },
    newDay() {
      for (const days of rooms.values()) days.push(emptyRoomDay());
      for (const one of series.values()) {
        const excess = one.values.length - Math.ceil((rawDaysMax * daySeconds) / one.interval);
        if (excess <= 0) continue;
        one.values = one.values.slice(excess);
        one.read = one.read.slice(excess);
        one.from += excess * one.interval;
      }
    },
    points: () =>
      Object.fromEntries(
        [...series].map(([id, { unit, interval, from, values, read, differs }]) => [
          id,
          { unit, interval, from, values, ...(differs ? { read } : {}) },
        ]),
      ),
    rooms: () => Object.fromEntries(rooms),
    delivery: (days) =>
      Object.fromEntries(
        [...series].map(([id, { interval, received }]) => [
          id,
          {
            expected: days.map(
              ({ from, to }) => Math.ceil(to / interval) - Math.ceil(from / interval),
            ),
            received: days.map((_, day) => received[day] ?? 0),
          },
        ]),
      ),
  };
}

function emptyRoomDay(): RoomDay {
  return {
    ...{ sum: 0, steps: 0, peak: 0, occupied: 0, openSteps: 0, openOccupied: 0 },
    ...{ co2Sum: 0, co2Max: 0, celsiusSum: 0 },
  };
}
