// One day of everybody's life as a list of moves from room to room, in order of time.
import type { CivilDay } from "./calendar.ts";
import type { BuildingPlan } from "./plan.ts";
import { outside, whereaboutsOn } from "./whereabouts.ts";

/** Somebody is in another room, or `outside`, from a second of the local day on. */
export interface Move {
  readonly second: number;
  /** Index in the plan's staff; visitors count on from there. */
  readonly person: number;
  readonly room: number;
}

/** All moves of that day. Each person keeps to the plan of minutes a few seconds early, so that a door sees one after the other. */
export function movesOn(plan: BuildingPlan, seed: number, day: CivilDay): readonly Move[] {
  const moves: Move[] = [];
  whereaboutsOn(plan, seed, day).forEach((minutes, person) => {
    const early = ((person * 7) % 6) * 10;
    let before = outside;
    minutes.forEach((room, minute) => {
      if (room !== before) moves.push({ second: minute * 60 - early, person, room });
      before = room;
    });
    if (before !== outside) throw new Error(`expected person ${person} to be out at midnight`);
  });
  return moves.sort((a, b) => a.second - b.second || a.person - b.person);
}
