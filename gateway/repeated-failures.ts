import type { QualityCode } from '../model/quality.ts'
import type { Reading } from '../model/reading.ts'
import { MINUTE_MS } from '../model/time.ts'

/** A failure that goes on is told again this often: that it is still so must be known, not twice a second. */
const HEARTBEAT_MS = 10 * MINUTE_MS

/**
 * Tells which readings are news: all that have a value, and those without where the reason is another than before or
 * was told long ago. `elapsed` is monotonic ms.
 */
export function createFailureFilter(): (
  reading: Pick<Reading, 'point' | 'value' | 'quality'>,
  elapsed: number,
) => boolean {
  const failing = new Map<string, { quality: QualityCode; told: number }>()
  return ({ point, value, quality }, elapsed) => {
    if (value !== null) {
      failing.delete(point)
      return true
    }
    const last = failing.get(point)
    if (last?.quality === quality && elapsed - last.told < HEARTBEAT_MS) return false
    failing.set(point, { quality, told: elapsed })
    return true
  }
}
