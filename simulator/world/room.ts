// A room on the drawing: where it is, what it is for, and what of it matters to people, air and heat.

export type RoomUse = "office" | "meeting" | "lobby" | "restroom" | "plant";

export interface Room {
  readonly id: string;
  readonly place: string;
  readonly floor: number;
  readonly use: RoomUse;
  readonly label: string;
  readonly areaM2: number;
  readonly volumeM3: number;
  readonly windowM2: number;
  /** Places to work or to sit. */
  readonly seats: number;
  /** Office space by the rules of the USE IT Act; null for rooms that are none. */
  readonly usableFt2: number | null;
  /** Whether it has sensors: nobody counts people in a restroom. */
  readonly sensed: boolean;
}
