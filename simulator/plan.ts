// The drawing of a small office: floors, rooms, doors, the people who work there and when it is open; everything that does not change with time.
import { stream } from "./prng.ts";

export interface Room {
  readonly id: string;
  readonly place: string;
  readonly floor: number;
  readonly kind: "office" | "meeting" | "lobby";
  readonly label: string;
  readonly areaM2: number;
  readonly volumeM3: number;
}

export interface Person {
  readonly id: number;
  /** Index of the room with this person's desk. */
  readonly desk: number;
  /** Index of the door this person usually takes. */
  readonly door: number;
  /** What the badge holds; it never leaves the reader. */
  readonly credential: string;
}

export interface Door {
  readonly id: string;
  readonly place: string;
  readonly label: string;
}

export interface BuildingPlan {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly address: string;
  readonly grossFt2: number;
  readonly usableFt2: number;
  /** Hours of weekdays in which the building is conditioned and lit, wall time. */
  readonly openHours: readonly [from: number, to: number];
  readonly rooms: readonly Room[];
  readonly doors: readonly Door[];
  readonly people: readonly Person[];
}

const floors = 3;
const ceilingM = 2.9;
const squareFeetPerM2 = 10.7639;
/** Corridors, stairs, plant and walls: usable area over gross area. */
const usableShare = 0.72;

/** Draws the building that belongs to an id and a seed. */
export function drawPlan(id: string, seed: number, zone: string): BuildingPlan {
  const chance = stream(seed, id, "plan");
  const rooms: Room[] = [];
  for (let floor = 1; floor <= floors; floor++) {
    for (let number = 1; number <= 4; number++) {
      const kind = number === 4 ? "meeting" : floor === 1 && number === 1 ? "lobby" : "office";
      const areaM2 = kind === "meeting" ? chance.integer(28, 40) : chance.integer(55, 95);
      const name = `room-${floor}0${number}`;
      rooms.push({
        id: name,
        place: `${id}/floor-${floor}/${name}`,
        floor,
        kind,
        label: `${{ office: "Office", meeting: "Meeting room", lobby: "Lobby" }[kind]} ${floor}0${number}`,
        areaM2,
        volumeM3: Math.round(areaM2 * ceilingM),
      });
    }
  }
  const people: Person[] = [];
  rooms.forEach((room, desk) => {
    const desks = { office: Math.floor(room.areaM2 / 12), meeting: 0, lobby: 2 }[room.kind];
    for (let seat = 0; seat < desks; seat++) {
      people.push({
        id: people.length,
        desk,
        door: chance.chance(0.8) ? 0 : 1,
        credential: `badge-${chance.integer(100_000, 999_999)}-${people.length}`,
      });
    }
  });
  const usableM2 = rooms.reduce((sum, room) => sum + room.areaM2, 0);
  return {
    id,
    name: "Records Office",
    zone,
    address: "100 Example Street",
    grossFt2: Math.round((usableM2 / usableShare) * squareFeetPerM2),
    usableFt2: Math.round(usableM2 * squareFeetPerM2),
    openHours: [6, 19],
    rooms,
    doors: [
      { id: "door-main", place: `${id}/floor-1/room-101`, label: "Main entrance" },
      { id: "door-rear", place: `${id}/floor-1`, label: "Rear entrance" },
    ],
    people,
  };
}
