// Where everybody is, minute by minute of one day: who comes in, when they arrive, eat, meet and leave.
import type { BuildingPlan } from "./plan.ts";
import { type Stream, stream } from "./prng.ts";

/** Out of the building, where a room's index stands otherwise. */
export const outside = -1;
export const minutesADay = 1440;

/** One calendar day, as the building's zone counts it. */
export interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

/** Shares of people who come in, Sunday first: hybrid work fills the middle of the week. */
const attendance = [0.01, 0.58, 0.79, 0.82, 0.74, 0.41, 0.03] as const;
/** Federal holidays with a fixed date (5 U.S.C. 6103), month-day. */
const holidays = new Set(["1-1", "6-19", "7-4", "11-11", "12-25"]);
const meetingStarts = [9 * 60, 10 * 60, 11 * 60, 13 * 60 + 30, 14 * 60 + 30, 15 * 60 + 30] as const;

/** True on the days the building opens. */
export function isWorkday(date: CalendarDay): boolean {
  return date.weekday >= 1 && date.weekday <= 5 && !holidays.has(`${date.month}-${date.day}`);
}

/** For each person, the room index (or `outside`) of every minute of that day. */
export function whereaboutsOn(
  plan: BuildingPlan,
  seed: number,
  date: CalendarDay,
): readonly Int8Array[] {
  const label = `${date.year}-${date.month}-${date.day}`;
  const share = isWorkday(date) ? (attendance[date.weekday] ?? 0) : 0.015;
  const whereabouts = plan.people.map((person) => {
    const minutes = new Int8Array(minutesADay).fill(outside);
    const chance = stream(seed, plan.id, "person", person.id, label);
    if (chance.chance(share)) stay(minutes, person.desk, chance);
    return minutes;
  });
  holdMeetings(plan, whereabouts, stream(seed, plan.id, "meetings", label));
  return whereabouts;
}

/** Puts one person at the desk from arrival to leaving, with lunch outside on most days. */
function stay(minutes: Int8Array, desk: number, chance: Stream): void {
  const arrives = clampMinute(chance.normal(8 * 60 + 35, 32), 6 * 60, 11 * 60);
  const leaves = clampMinute(chance.normal(17 * 60 + 5, 40), arrives + 180, 20 * 60);
  minutes.fill(desk, arrives, leaves);
  if (leaves > 14 * 60 && arrives < 11 * 60 && chance.chance(0.62)) {
    const out = clampMinute(chance.normal(12 * 60 + 20, 22), 11 * 60 + 20, 13 * 60 + 20);
    minutes.fill(outside, out, out + chance.integer(22, 52));
  }
}

/** Takes people who are at their desks into the meeting rooms. */
function holdMeetings(plan: BuildingPlan, whereabouts: readonly Int8Array[], chance: Stream): void {
  plan.rooms.forEach((room, index) => {
    if (room.kind !== "meeting") return;
    for (const start of meetingStarts) {
      if (!chance.chance(0.45)) continue;
      const lengthMinutes = chance.chance(0.5) ? 30 : 55;
      let seats = chance.integer(3, 9);
      for (const minutes of chance.shuffled(whereabouts)) {
        if (seats === 0) break;
        const desk = minutes[start] ?? outside;
        const busy = minutes.subarray(start, start + lengthMinutes).some((at) => at !== desk);
        if (desk === outside || plan.rooms[desk]?.kind !== "office" || busy) continue;
        minutes.fill(index, start, start + lengthMinutes);
        seats--;
      }
    }
  });
}

function clampMinute(value: number, low: number, high: number): number {
  return Math.round(Math.min(high, Math.max(low, value)));
}
