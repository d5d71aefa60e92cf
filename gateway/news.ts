import type { QualityCode } from '../model/quality.ts'
import type { Reading, Value } from '../model/reading.ts'
import { MINUTE_MS } from '../model/time.ts'

/** A failure that goes on is told again this often: that it is still so must be known, not twice a second. */
const FAILURE_HEARTBEAT_MS = 10 * MINUTE_MS

/**
 * Tells which readings are news: all that have a value, unless their point has a heartbeat (ms), and else those that
 * say something else than before or were told long ago. `elapsed` is monotonic ms.
 */
export function createNewsFilter(): (
  reading: Pick<Reading, 'point' | 'value' | 'quality'>,
  elapsed: number,
  heartbeat?: number,
) => boolean {
  const known = new Map<string, { value: Value; quality: QualityCode; told: number }>()
  return ({ point, value, quality }, elapsed, heartbeat) => {
    if (value !== null && heartbeat === undefined) {
      known.delete(point)
      return true
    }
    const last = known.get(point)
    const isSame = last?.value === value && last.quality === quality
    const again = value === null ? FAILURE_HEARTBEAT_MS : heartbeat!
    if (isSame && elapsed - last.told < again) return false
    known.set(point, { value, quality, told: elapsed })
    return true
  }
}
