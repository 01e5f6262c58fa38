// Which room is free, which is overfull: every room now, and over the range.
import type { ReactNode } from "react";
import type { Rooms } from "../data/occupancy-shapes.ts";
import { useFigure } from "../data/use-building.ts";
import { useLocation } from "../location/location.ts";
import { withQuery } from "../location/query.ts";
import { buildingHref } from "../location/route.ts";
import { Chips } from "../parts/chips.tsx";
import { Methods } from "../parts/methods.tsx";
import { Empty, Shown } from "../parts/states.tsx";
import type { BuildingViewProps } from "./building-view.ts";
import { RoomTable } from "./room-table.tsx";

const filters = [
  { show: null, name: "All" },
  { show: "free", name: "Free now" },
  { show: "used", name: "In use" },
  { show: "overfull", name: "Overfull" },
] as const;

/** The view "Rooms"; which rooms are shown is in the address: `?show=free`. */
export function BuildingRooms({ building, range }: BuildingViewProps): ReactNode {
  const query = new URLSearchParams(useLocation().search);
  const filter = filters.find(({ show }) => show === query.get("show")) ?? filters[0];
  const rooms = useFigure<Rooms>(building.id, "rooms", range);
  return (
    <section className="part" aria-labelledby="rooms-title">
      <h2 id="rooms-title">Rooms</h2>
      <Shown of={rooms} what="the rooms" size="panel">
        {(value) =>
          value.rooms.length === 0 ? (
            <Empty>
              <p>No room is registered, and no device names one as its place.</p>
            </Empty>
          ) : (
            <>
              <Chips
                label="Filters"
                chips={filters.map((one) => ({
                  name: one.name,
                  href: withQuery(buildingHref(building.id, "rooms"), { show: one.show }),
                  current: one.show === filter.show,
                }))}
              />
              <RoomTable
                building={building}
                rooms={value}
                show={filter.show ?? undefined}
                file={`${building.id}-rooms`}
              />
              <Methods
                what="the figures of rooms"
                of={["rooms", "occupancy", "completeness"]}
                said={value.method}
              />
            </>
          )
        }
      </Shown>
    </section>
  );
}
