// The people who work in the building: what each does there, where the desk is, and on which days each comes in.

import type { Stream } from "../prng.ts";
import { type CivilDay, weekdayOf } from "./calendar.ts";
import type { Room } from "./room.ts";

/** How somebody works: at the desk every day, partly or mostly from home, often away, or cleaning in the evening. */
export type Role = "onsite" | "hybrid" | "remote" | "traveller" | "cleaner";

export interface Person {
  readonly id: number;
  readonly role: Role;
  /** Index of the room with this person's desk. */
  readonly desk: number;
  /** Index of the door this person usually takes. */
  readonly door: number;
  /** Weekdays spent at home, 0 is Sunday. */
  readonly home: ReadonlySet<number>;
  /** What the badge holds; it never leaves the reader. */
  readonly credential: string;
}

/** Hybrid work empties Friday first, then Monday. */
const homeChance = [1, 0.45, 0.2, 0.15, 0.25, 0.6, 1] as const;
const peoplePerCleaner = 30;
const receptionists = 2;

/** Draws the staff: `wanted` people with a desk, or as many as the offices have seats for, and those who clean. */
export function drawStaff(
  rooms: readonly Room[],
  wanted: number | null,
  chance: Stream,
): readonly Person[] {
  const indexesOf = (use: Room["use"]) =>
    rooms.flatMap((room, index) => (room.use === use ? [index] : []));
  const lobby = indexesOf("lobby")[0] ?? 0;
  const offices = indexesOf("office");
  const seats = offices.flatMap((index) => Array<number>(rooms[index]?.seats ?? 0).fill(index));
  const desks =
    wanted === null
      ? seats
      : Array.from({ length: wanted }, (_, n) => offices[n % offices.length] ?? lobby);
  const people: Person[] = [];
  const hire = (role: Role, desk: number) => {
    const home = new Set(
      homeChance.flatMap((share, weekday) => (chance.chance(share) ? [weekday] : [])),
    );
    people.push({
      id: people.length,
      role,
      desk,
      door: chance.chance(0.8) ? 0 : 1,
      home,
      credential: `badge-${chance.integer(100_000, 999_999)}-${people.length}`,
    });
  };
  for (let seat = 0; seat < receptionists; seat++) hire("onsite", lobby);
  for (const desk of desks) {
    const draw = chance.next();
    hire(
      draw < 0.7 ? "hybrid" : draw < 0.82 ? "onsite" : draw < 0.92 ? "traveller" : "remote",
      desk,
    );
  }
  for (let n = 0; n < Math.ceil(desks.length / peoplePerCleaner); n++) hire("cleaner", lobby);
  return people;
}

/** The chance that somebody comes in on a day; `open` is whether the building opens then. */
export function presenceChance(person: Person, day: CivilDay, open: boolean): number {
  if (!open) return person.role === "cleaner" ? 0 : 0.012;
  switch (person.role) {
    case "onsite":
    case "cleaner":
      return 0.95;
    case "remote":
      return 0.06;
    case "hybrid":
    case "traveller":
      return person.home.has(weekdayOf(day)) ? 0.05 : 0.9;
  }
}
