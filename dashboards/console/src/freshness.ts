import { qualityOf, type Reason, reasonOf } from '../../../model/quality.ts'
import type { Value } from '../../../model/reading.ts'
import type { Reading } from './api/types.ts'

/** What is known of a point at a moment. Only a current value is shown; the rest is unknown, with the reason. */
export type Known =
  | { state: 'current'; value: Value; time: number; uncertain: Reason | 'uncertain' | undefined }
  | { state: 'stale'; time: number }
  | { state: 'bad'; time: number; reason: Reason | undefined }
  | { state: 'missing' }

/** As the API judges it: a point that is silent for three intervals, and for a minute at least, is not known. */
export function knownOf(reading: Reading | null | undefined, intervalMs: number, now: number): Known {
  if (!reading) return { state: 'missing' }
  const time = Date.parse(reading.time)
  if (now - time > Math.max(3 * intervalMs, 60_000)) return { state: 'stale', time }
  const quality = qualityOf(reading.quality)
  const reason = reasonOf(reading.quality)
  if (quality === 'bad') return { state: 'bad', time, reason }
  return {
    state: 'current',
    value: reading.value,
    time,
    uncertain: quality === 'uncertain' ? (reason ?? 'uncertain') : undefined,
  }
}
