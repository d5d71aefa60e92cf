import { BUILDINGS } from './buildings.ts'
import type { Dataset, TableSchema } from './dataset.ts'
import { FLUIDS } from './fluids.ts'
import { ROAD_ALERTS, ROAD_STATIONS, ROAD_WEATHER } from './roads.ts'
import { TRAFFIC_CHANNELS, TRAFFIC_MEASURES, TRAFFIC_SITES, TRAFFIC_SIX_MINUTES } from './traffic.ts'

/** Everything that is published in versions, in the order in which the catalogue names it. */
export const DATASETS: readonly Dataset[] = [
  ...FLUIDS,
  BUILDINGS,
  ROAD_STATIONS,
  ROAD_WEATHER,
  ROAD_ALERTS,
  TRAFFIC_SITES,
  TRAFFIC_CHANNELS,
  TRAFFIC_MEASURES,
  TRAFFIC_SIX_MINUTES,
]

/** Each in its newest version, with all earlier ones. */
export const SCHEMAS: readonly TableSchema[] = [
  ...Map.groupBy(
    DATASETS.map(({ schema }) => schema),
    ({ id }) => id,
  ).values(),
].map(same => same.toSorted((a, b) => b.changes.length - a.changes.length)[0]!)
