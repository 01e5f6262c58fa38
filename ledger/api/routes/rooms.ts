// /api/v1/buildings/{id}/rooms: how each room was used, with its air.

import { Type } from "typebox";
import { roomsMethod, roomsOf } from "../../read-model/queries/rooms.ts";
import type { App } from "../app.ts";
import { Completeness, Nullable, PeriodAnswer, PlacePath, refusals, Vouched } from "./answers.ts";
import { askedOf, ById, PeriodQuestion, type ReadSources, vouchedOf } from "./question.ts";

export const RoomsAnswer = Type.Object({
  ...PeriodAnswer,
  hoursKnown: Type.Boolean(),
  rooms: Type.Array(
    Type.Object({
      place: PlacePath,
      label: Nullable(Type.String()),
      use: Nullable(Type.String()),
      floor: Nullable(Type.String({ description: "Path of the floor it is on" })),
      seats: Nullable(Type.Integer()),
      usableFt2: Nullable(Type.Number()),
      occupiedHours: Nullable(
        Type.Number({ description: "Steps with a person in it, as hours; at any time of day" }),
      ),
      openHours: Nullable(
        Type.Number({
          description: "Registered opening hours in the period up to the ledger's time",
        }),
      ),
      occupiedShare: Nullable(
        Type.Number({
          description:
            "Of the steps heard that began in opening hours, the share with a person in it; null when the hours are not registered",
        }),
      ),
      meanPersons: Nullable(Type.Number({ description: "Mean of all steps heard" })),
      peakPersons: Nullable(Type.Number()),
      seatShare: Nullable(
        Type.Number({ description: "Mean persons of the steps with a person in it / seats" }),
      ),
      meanCo2: Nullable(Type.Number({ description: "ppm" })),
      maxCo2: Nullable(Type.Number({ description: "ppm" })),
      meanCelsius: Nullable(Type.Number()),
      ...Completeness,
    }),
  ),
  method: Type.String(),
  ...Vouched,
});

/** Registers the route; `app` carries the prefix. */
export function registerRooms(app: App, { readModel }: ReadSources): void {
  app.get(
    "/buildings/:id/rooms",
    {
      schema: {
        tags: ["buildings"],
        summary: "How each room was used",
        params: ById,
        querystring: PeriodQuestion,
        response: { 200: RoomsAnswer, ...refusals },
      },
    },
    async (request) => {
      const asked = askedOf(readModel, request.params.id, request.query);
      const { building, points, period, now, opening } = asked;
      const registry = readModel.registry();
      const { rooms, used } = await roomsOf(
        readModel.store,
        registry,
        building,
        points,
        period,
        now,
      );
      return {
        ...opening,
        hoursKnown: building.hours !== null,
        rooms: [...rooms],
        method: roomsMethod,
        ...(await vouchedOf(readModel, used, period)),
      };
    },
  );
}
