import type { RoadState } from './road-state.ts'
import { HOUR_MS } from './time.ts'

/** How far back the states of roads are told. */
export const ROAD_HISTORY_MS = 12 * HOUR_MS

/** What the state of a road was, from `start` to `end`, ms UTC. */
export interface RoadSpan {
  start: number
  end: number
  state: RoadState
}

/** The states of a road at a surface temperature, by a rule. */
export interface RoadHistory {
  rule: string
  point: string
  /** Without holes, in order; the last one is the present. */
  spans: readonly RoadSpan[]
  /** The surface temperature, as far as it is known at the end. */
  surface: number | undefined
}
