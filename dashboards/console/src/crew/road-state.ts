import { ROAD_STATES, type RoadState } from '../../../../model/road-state.ts'
import type { RoadStateHistory } from '../api/types.ts'

/** What is older says nothing of the present: a rule takes a station for silent after about as long, ms. */
const STALE_MS = 900_000

export interface ShownRoad extends RoadStateHistory {
  /** What is known of the present: what was known long ago is not. */
  shown: RoadState
  /** Until when it was known, where that is not the present; ms UTC. */
  until: number | undefined
}

/** The gravest first, then what nobody can tell, and what is clear last. */
export function shownRoads(
  { time, roads }: { time: string; roads: readonly RoadStateHistory[] },
  now: number,
): ShownRoad[] {
  const age = now - Date.parse(time)
  // Where the clock was set back, nobody knows how old it is.
  const isOld = age > STALE_MS || age < -STALE_MS
  const rankOf = ({ state }: RoadStateHistory) => ROAD_STATES.indexOf(state)
  return roads
    .map(road => ({
      ...road,
      shown: isOld ? ('unknown' as const) : road.state,
      until: isOld ? Date.parse(time) : undefined,
    }))
    .sort((a, b) => rankOf(a) - rankOf(b))
}

/** The colour that goes with a state; its words always stand beside it. */
export const STATE_TONES: Record<RoadState, 'critical' | 'warning' | 'unknown' | 'normal'> = {
  'freezing-rain': 'critical',
  ice: 'critical',
  snow: 'critical',
  hoar: 'critical',
  watch: 'warning',
  unknown: 'unknown',
  clear: 'normal',
}
