import { POINT_ID_PATTERN } from '../model/point-id.ts'
import { QUALITY_CODES } from '../model/quality.ts'
import {
  emptyColumns,
  MAX_STRING_LENGTH,
  pushReading,
  type ReadingColumns,
  readingAt,
} from '../model/reading.ts'
import { isTime } from '../model/time.ts'
import { type Rejected, show } from './envelope.ts'

/**
 * Parts columns of equal length, whose first entry has the number `first`, into what is sound and what is not.
 * The columns are changed: their points become the strings that were remembered of them.
 */
export function checkReadings(
  columns: ReadingColumns,
  first: number,
): { readings: ReadingColumns; numbers: number[]; rejected: Rejected[] } {
  const numbers: number[] = []
  const rejected: Rejected[] = []
  const { points, times, values, qualities, gatewayTimes } = columns
  for (let i = 0; i < points.length; i++) {
    const known = knownPoints.find(points[i])
    if (known !== undefined) points[i] = known
    if (known !== undefined && qualities[i] === 'good' && isTime(times[i]) && isTime(gatewayTimes[i])) {
      // Nearly every reading there is.
      if (typeof values[i] === 'number' && Number.isFinite(values[i])) {
        numbers.push(first + i)
        continue
      }
    }
    const reason = readingFault(columns, i)
    if (reason === undefined) numbers.push(first + i)
    else rejected.push({ number: first + i, reason, entry: readingAt(columns, i) })
  }
  if (rejected.length === 0) return { readings: columns, numbers, rejected }
  const readings = emptyColumns()
  for (const number of numbers) pushReading(readings, readingAt(columns, number - first))
  return { readings, numbers, rejected }
}

// Laid by hand: this runs once for every reading of the territory (zod takes some 100 ns, this some 10).
function readingFault(columns: ReadingColumns, i: number): string | undefined {
  const point: unknown = columns.points[i]
  const time: unknown = columns.times[i]
  const value: unknown = columns.values[i]
  const quality: unknown = columns.qualities[i]
  const gatewayTime: unknown = columns.gatewayTimes[i]
  if (typeof point !== 'string' || !isPointId(point))
    return `point ${show(point)} is not <site>/<device>/<point>`
  if (!isTime(time)) return `time ${show(time)} is not a time in ms UTC between 1970 and 2100`
  if (!isTime(gatewayTime))
    return `gatewayTime ${show(gatewayTime)} is not a time in ms UTC between 1970 and 2100`
  if (!QUALITY_CODES.has(quality as string)) return `quality ${show(quality)} is not known`
  const bad = (quality as string).startsWith('bad')
  if (value === null) return bad ? undefined : `value is missing although the quality is ${quality}`
  if (bad) return `value ${show(value)} although the quality is ${quality}`
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? undefined : `value ${value} is not finite`
    case 'boolean':
      return undefined
    case 'string':
      return value.length <= MAX_STRING_LENGTH
        ? undefined
        : `value is longer than ${MAX_STRING_LENGTH} characters`
    default:
      return `value ${show(value)} is no number, boolean, text or null`
  }
}

/** Enough for a region; they take some 150 bytes each. */
const KNOWN_POINTS_LIMIT = 1_000_000
const MAX_POINT_LENGTH = 300

interface KnownPoint {
  name: string
  /** The point that came after it. */
  next: KnownPoint | undefined
}

/**
 * Points that were found sound, each as one string for good: the many copies that parsing makes of it live no
 * longer than their message, and what looks it up later finds its hash made.
 */
class KnownPoints {
  readonly #byName = new Map<string, KnownPoint>()
  #last: KnownPoint | undefined

  /** Most messages name their points in the order of the message before: to compare costs less than to look up. */
  find(name: unknown): string | undefined {
    const next = this.#last?.next
    if (next && next.name === name) this.#last = next
    else {
      const found = this.#byName.get(name as string)
      if (!found) return undefined
      this.#follow(found)
    }
    return this.#last!.name
  }

  add(name: string): void {
    if (this.#byName.size >= KNOWN_POINTS_LIMIT) this.#byName.clear()
    const added = { name, next: undefined }
    this.#byName.set(name, added)
    this.#follow(added)
  }

  #follow(point: KnownPoint): void {
    if (this.#last) this.#last.next = point
    this.#last = point
  }
}

const knownPoints = new KnownPoints()

function isPointId(point: string): boolean {
  if (knownPoints.find(point) !== undefined) return true
  if (point.length > MAX_POINT_LENGTH || !POINT_ID_PATTERN.test(point)) return false
  knownPoints.add(point)
  return true
}
