import type { DocumentValue } from '../../registry/document-schema.ts'
import type { Point } from '../../registry/registry.ts'
import type { Sample } from '../driver.ts'
import { followPointer } from './pointer.ts'
import { parseTime } from './times.ts'
import { decodeQuality, decodeValue } from './values.ts'

/** How to read the times of a document. */
export interface Timing {
  /** Of local times: IANA name or offset. */
  timeZone: string
  /** When the document came, ms UTC. */
  arrival: number
  /** Where the time is found unless the registry says so; it may then be missing. */
  defaultTime?: string
}

/**
 * What a document says of a point, and what in it cannot be read, in words that repeat and continue the sentence that
 * begins with the document. There is no sample where the document has nothing of the point.
 */
export function readValue(
  document: unknown,
  point: Point,
  place: DocumentValue,
  { timeZone, arrival, defaultTime }: Timing,
): { sample?: Sample; problem?: string } {
  const raw = followPointer(document, place.value)
  if (raw === undefined) return { problem: `has nothing at ${place.value}` }

  const pointer = place.time ?? defaultTime
  const written = pointer === undefined ? undefined : followPointer(document, pointer)
  const time = written === undefined ? undefined : parseTime(written, timeZone, arrival)
  const isMissed = time === undefined && (written !== undefined || place.time !== undefined)
  const timeProblem = isMissed ? `has no readable time at ${pointer}` : undefined

  const worth = place.quality
    ? decodeQuality(followPointer(document, place.quality.at), place.quality)
    : 'good'
  if (raw === null || worth.startsWith('bad')) {
    const quality = worth.startsWith('bad') ? worth : 'bad:sensor-fault'
    return { sample: { point, time, value: null, quality }, problem: timeProblem }
  }
  const value = decodeValue(raw, point, place)
  if (value === undefined) {
    const problem = `has no ${point.quantity.value} at ${place.value || 'its top'}`
    return { sample: { point, time, value: null, quality: 'bad:undecodable' }, problem }
  }
  const quality = timeProblem && worth === 'good' ? 'uncertain:clock' : worth
  return { sample: { point, time, value, quality }, problem: timeProblem }
}
