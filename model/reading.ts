import type { QualityCode } from './quality.ts'

/** Finite number, boolean, short string, or nothing. */
export type Value = number | boolean | string | null

/** A string value may be this long, in UTF-16 code units. */
export const MAX_STRING_LENGTH = 256

/** What one point said at one moment. (point, time) is its identity. */
export interface Reading {
  /** `<site>/<device>/<point>`, see {@link ./point-id.ts}. */
  point: string
  /** Source time, ms UTC. */
  time: number
  /** In the point's unit. `null` exactly when the quality is bad: never a stale value, never a zero for nothing. */
  value: Value
  quality: QualityCode
  /** When the gateway received it, ms UTC. */
  gatewayTime: number
}

/** How far a reading may lie ahead of our clock and still be newer than those that come after it. */
export const AHEAD_MS = 60_000

/**
 * Whether a reading of a time replaces what was newest so far. A clock that ran far ahead and was set right
 * must not leave its point unheard until time has caught up.
 */
export function isNewer(time: number, newest: number, now: number): boolean {
  return time > newest || (newest > now + AHEAD_MS && time <= now + AHEAD_MS)
}

/** Readings as parallel arrays, which parse and load several times faster than objects. */
export interface ReadingColumns {
  points: string[]
  times: number[]
  values: Value[]
  qualities: QualityCode[]
  gatewayTimes: number[]
}

export function emptyColumns(): ReadingColumns {
  return { points: [], times: [], values: [], qualities: [], gatewayTimes: [] }
}

export function pushReading(columns: ReadingColumns, reading: Reading): void {
  columns.points.push(reading.point)
  columns.times.push(reading.time)
  columns.values.push(reading.value)
  columns.qualities.push(reading.quality)
  columns.gatewayTimes.push(reading.gatewayTime)
}

export function appendColumns(columns: ReadingColumns, more: ReadingColumns): void {
  const { points, times, values, qualities, gatewayTimes } = more
  for (let i = 0; i < points.length; i++) {
    columns.points.push(points[i]!)
    columns.times.push(times[i]!)
    columns.values.push(values[i]!)
    columns.qualities.push(qualities[i]!)
    columns.gatewayTimes.push(gatewayTimes[i]!)
  }
}

/** The reading at a position of the columns; the position must exist. */
export function readingAt(columns: ReadingColumns, index: number): Reading {
  return {
    point: columns.points[index]!,
    time: columns.times[index]!,
    value: columns.values[index]!,
    quality: columns.qualities[index]!,
    gatewayTime: columns.gatewayTimes[index]!,
  }
}

export function toColumns(readings: readonly Reading[]): ReadingColumns {
  const columns = emptyColumns()
  for (const reading of readings) pushReading(columns, reading)
  return columns
}
