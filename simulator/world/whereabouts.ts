// Where everybody is in each minute of one day: who comes in, when they arrive, eat, meet, clean and leave.
import { type Stream, stream } from "../prng.ts";
import { type CivilDay, weekdayOf } from "./calendar.ts";
import { type BuildingPlan, hoursOn } from "./plan.ts";
import { type Person, presenceChance } from "./staff.ts";

/** Out of the building, where a room's index stands otherwise. */
export const outside = -1;
const minutesADay = 1440;

const meetingStarts = [9 * 60, 10 * 60, 11 * 60, 13 * 60 + 30, 14 * 60 + 30, 15 * 60 + 30] as const;

/** For each person of the staff and then each visitor, the room index (or `outside`) of every minute of that day. Nobody is inside at midnight. */
export function whereaboutsOn(
  plan: BuildingPlan,
  seed: number,
  day: CivilDay,
): readonly Int16Array[] {
  const open = hoursOn(plan, day).length > 0;
  const whereabouts = plan.people.map((person) => {
    const minutes = new Int16Array(minutesADay).fill(outside);
    const chance = stream(seed, plan.id, "person", person.id, day);
    if (!isAway(plan, seed, person, day) && chance.chance(presenceChance(person, day, open))) {
      if (person.role === "cleaner") clean(plan, minutes, chance);
      else work(minutes, person, chance);
    }
    return minutes;
  });
  holdMeetings(plan, whereabouts, stream(seed, plan.id, "meetings", day));
  takeBreaks(plan, whereabouts, stream(seed, plan.id, "breaks", day));
  return [...whereabouts, ...visits(plan, open, stream(seed, plan.id, "visitors", day))];
}

/** Travel and leave take whole weeks, Monday to Sunday. */
function isAway(plan: BuildingPlan, seed: number, person: Person, day: CivilDay): boolean {
  const monday = day - ((weekdayOf(day) + 6) % 7);
  const share = person.role === "traveller" ? 0.4 : 0.06;
  return stream(seed, plan.id, "away", person.id, monday).chance(share);
}

/** Puts one person at the desk from arrival to leaving, with lunch outside on most days. */
function work(minutes: Int16Array, { desk }: Person, chance: Stream): void {
  const arrives = minute(chance.normal(8 * 60 + 35, 32), 6 * 60, 11 * 60);
  const leaves = minute(chance.normal(17 * 60 + 5, 40), arrives + 180, 20 * 60);
  minutes.fill(desk, arrives, leaves);
  if (leaves > 14 * 60 && arrives < 11 * 60 && chance.chance(0.62)) {
    const out = minute(chance.normal(12 * 60 + 20, 22), 11 * 60 + 20, 13 * 60 + 20);
    minutes.fill(outside, out, out + chance.integer(22, 52));
  }
}

/** One round through every room in the evening. */
function clean(plan: BuildingPlan, minutes: Int16Array, chance: Stream): void {
  let at = 18 * 60 + 30 + chance.integer(0, 25);
  for (const room of chance.shuffled(plan.rooms.map((_, index) => index))) {
    const until = Math.min(at + chance.integer(4, 9), 22 * 60 + 30);
    minutes.fill(room, at, until);
    at = until;
  }
}

/** Takes people who are at their desks into the meeting rooms. */
function holdMeetings(
  plan: BuildingPlan,
  whereabouts: readonly Int16Array[],
  chance: Stream,
): void {
  plan.rooms.forEach((room, index) => {
    if (room.use !== "meeting") return;
    for (const start of meetingStarts) {
      if (!chance.chance(0.45)) continue;
      const length = chance.chance(0.5) ? 30 : 55;
      let seats = chance.integer(3, Math.max(3, room.seats));
      for (const minutes of chance.shuffled(whereabouts)) {
        if (seats === 0) break;
        if (!isAtDesk(plan, minutes, start, length)) continue;
        minutes.fill(index, start, start + length);
        seats--;
      }
    }
  });
}

/** A few minutes away from the desk every two hours or so, on the same floor. */
function takeBreaks(plan: BuildingPlan, whereabouts: readonly Int16Array[], chance: Stream): void {
  const restrooms = plan.rooms.flatMap((room, index) => (room.use === "restroom" ? [index] : []));
  for (const minutes of whereabouts) {
    for (let at = chance.integer(6 * 60, 8 * 60); at < 20 * 60; at += chance.integer(80, 160)) {
      const length = chance.integer(3, 7);
      if (!isAtDesk(plan, minutes, at, length)) continue;
      const floor = plan.rooms[minutes[at] ?? 0]?.floor ?? 1;
      const room = restrooms.find((index) => plan.rooms[index]?.floor === floor);
      if (room !== undefined) minutes.fill(room, at, at + length);
    }
  }
}

/** Visitors wait in the lobby, are led to an office or a meeting room, and leave. */
function visits(plan: BuildingPlan, open: boolean, chance: Stream): readonly Int16Array[] {
  const lobby = plan.rooms.findIndex((room) => room.use === "lobby");
  const hosts = plan.rooms.flatMap((room, index) =>
    room.use === "office" || room.use === "meeting" ? [index] : [],
  );
  const expected = open ? chance.integer(0, plan.visitorsMax) : 0;
  return Array.from({ length: plan.visitorsMax }, (_, number) => {
    const minutes = new Int16Array(minutesADay).fill(outside);
    if (number >= expected || hosts.length === 0 || lobby < 0) return minutes;
    const arrives = chance.integer(9 * 60, 15 * 60 + 30);
    const led = arrives + chance.integer(3, 12);
    const leaves = led + chance.integer(20, 90);
    minutes.fill(lobby, arrives, led);
    minutes.fill(hosts[chance.integer(0, hosts.length - 1)] ?? lobby, led, leaves);
    return minutes;
  });
}

function isAtDesk(plan: BuildingPlan, minutes: Int16Array, start: number, length: number): boolean {
  const desk = minutes[start] ?? outside;
  return (
    desk !== outside &&
    plan.rooms[desk]?.use === "office" &&
    minutes.subarray(start, start + length).every((at) => at === desk)
  );
}

function minute(value: number, low: number, high: number): number {
  return Math.round(Math.min(high, Math.max(low, value)));
}
