// What every view of a building gets.
import type { BuildingDetail } from "../data/shapes.ts";
import type { Range } from "../time/range.ts";

export interface BuildingViewProps {
  readonly building: BuildingDetail;
  readonly range: Range;
}
