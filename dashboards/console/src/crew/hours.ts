import type { Aggregates } from '../api/types.ts'

const HOUR_MS = 3_600_000
const HOURS = 12

export interface Hour {
  /** ms UTC */
  start: number
  /** Null where nothing is known. */
  low: number | null
  high: number | null
  mean: number | null
}

/** From which on twelve hours are asked for, the one that runs included; ms UTC. */
export function spanFrom(now: number): number {
  return Math.floor(now / HOUR_MS) * HOUR_MS - (HOURS - 1) * HOUR_MS
}

/** Every hour of the answer's span, also those of which the hub says nothing. */
export function hoursOf({ from, to, aggregates }: Aggregates): Hour[] {
  const known = new Map(aggregates.map(each => [Date.parse(each.start), each]))
  const count = Math.ceil((Date.parse(to) - Date.parse(from)) / HOUR_MS)
  return Array.from({ length: count }, (_, index) => {
    const start = Date.parse(from) + index * HOUR_MS
    const { min: low = null, max: high = null, mean = null } = known.get(start) ?? {}
    return { start, low, high, mean }
  })
}
