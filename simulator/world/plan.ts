// The drawing of an office building: floors, rooms, doors, opening hours and the people who work there; everything that does not change with time.

import { stream } from "../prng.ts";
import { type CivilDay, dateOf, weekdayOf, yearOf } from "./calendar.ts";
import { federalHolidays } from "./holidays.ts";
import type { Room, RoomUse } from "./room.ts";
import { drawStaff, type Person } from "./staff.ts";

export interface Door {
  readonly id: string;
  readonly place: string;
  readonly label: string;
}

/** Opening hours of each weekday, Sunday first: [open, close] in local minutes. */
export type WeekHours = readonly (readonly (readonly [open: number, close: number])[])[];

export interface BuildingPlan {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly address: string;
  readonly grossFt2: number;
  readonly usableFt2: number;
  readonly floors: number;
  readonly hours: WeekHours;
  /** Rooms with sensors first. */
  readonly rooms: readonly Room[];
  readonly doors: readonly Door[];
  readonly people: readonly Person[];
  /** At most so many visitors come on one day. */
  readonly visitorsMax: number;
  readonly solarM2: number;
}

/** How large a building is drawn. */
export interface PlanSize {
  readonly floors: number;
  /** Rooms with sensors on each floor. */
  readonly rooms: number;
  /** Those who have a desk; null for as many as fit. */
  readonly people: number | null;
}

export const planSizeDefault: PlanSize = { floors: 3, rooms: 6, people: null };

const ceilingM = 2.9;
const squareFeetPerM2 = 10.7639;
/** Corridors, stairs and walls: the rest of the gross area. */
const roomShare = 0.72;
/** Panels' area over the roof's. */
const solarShare = 0.15;
const roomsPerMeetingRoom = 3;
const areaPerSeatM2 = {
  office: 12,
  meeting: 3,
  lobby: 12,
  restroom: Number.POSITIVE_INFINITY,
  plant: Number.POSITIVE_INFINITY,
} as const;
const peoplePerVisitor = 8;

const workdayHours = [[6 * 60, 19 * 60]] as const;
const fridayHours = [[6 * 60, 18 * 60]] as const;

/** Draws the building that belongs to an id, a seed and a size. */
export function drawPlan(
  id: string,
  seed: number,
  zone: string,
  size: PlanSize = planSizeDefault,
): BuildingPlan {
  const chance = stream(seed, id, "plan");
  const sensed: Room[] = [];
  const others: Room[] = [];
  const draw = (floor: number, name: string, use: RoomUse, label: string, areaM2: number): Room => {
    const office = use === "office" || use === "meeting" || use === "lobby";
    return {
      id: name,
      place: `${id}/floor-${floor}/${name}`,
      floor,
      use,
      label,
      areaM2,
      volumeM3: Math.round(areaM2 * ceilingM),
      windowM2: office ? Math.round(areaM2 * 0.16) : 0,
      seats: Math.floor(areaM2 / areaPerSeatM2[use]),
      usableFt2: office ? Math.round(areaM2 * squareFeetPerM2) : null,
      sensed: office,
    };
  };
  for (let floor = 1; floor <= size.floors; floor++) {
    const meetingRooms = Math.floor(size.rooms / roomsPerMeetingRoom);
    for (let number = 1; number <= size.rooms; number++) {
      const use =
        number > size.rooms - meetingRooms
          ? "meeting"
          : floor === 1 && number === 1
            ? "lobby"
            : "office";
      const areaM2 = use === "meeting" ? chance.integer(28, 40) : chance.integer(55, 95);
      const name = `room-${floor}${String(number).padStart(2, "0")}`;
      const label = `${{ office: "Office", meeting: "Meeting room", lobby: "Lobby" }[use]} ${name.slice(5)}`;
      sensed.push(draw(floor, name, use, label, areaM2));
    }
    others.push(draw(floor, "restrooms", "restroom", `Restrooms, floor ${floor}`, 24));
  }
  others.push(draw(1, "plant", "plant", "Plant room", 45));
  const rooms = [...sensed, ...others];
  const areaM2 = rooms.reduce((sum, room) => sum + room.areaM2, 0);
  const people = drawStaff(rooms, size.people, stream(seed, id, "staff"));
  return {
    id,
    name: "Records Office",
    zone,
    address: "100 Example Street",
    grossFt2: Math.round((areaM2 / roomShare) * squareFeetPerM2),
    usableFt2: rooms.reduce((sum, room) => sum + (room.usableFt2 ?? 0), 0),
    floors: size.floors,
    hours: [[], workdayHours, workdayHours, workdayHours, workdayHours, fridayHours, []],
    rooms,
    doors: [
      { id: "door-main", place: `${id}/floor-1/room-101`, label: "Main entrance" },
      { id: "door-rear", place: `${id}/floor-1`, label: "Rear entrance" },
    ],
    people,
    visitorsMax: Math.ceil(people.length / peoplePerVisitor),
    solarM2: Math.round((areaM2 / roomShare / size.floors) * solarShare),
  };
}

/** Closed days of the years from `from` to `to`, both included, as the ledger registers them: YYYY-MM-DD in order. */
export function registeredHolidays(from: number, to: number): readonly string[] {
  const years = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return years.flatMap(federalHolidays).map(dateOf);
}

const holidaysOfYear = new Map<number, ReadonlySet<CivilDay>>();

/** The hours of one day, holidays respected: [open, close] in local minutes. */
export function hoursOn(plan: BuildingPlan, day: CivilDay): WeekHours[number] {
  const year = yearOf(day);
  let holidays = holidaysOfYear.get(year);
  if (holidays === undefined) {
    holidays = new Set(federalHolidays(year));
    holidaysOfYear.set(year, holidays);
  }
  return holidays.has(day) ? [] : (plan.hours[weekdayOf(day)] ?? []);
}
