import type { QualityCode } from '../model/quality.ts'
import type { Value } from '../model/reading.ts'
import { MINUTE_MS } from '../model/time.ts'

/** A failure that goes on is told again this often: that it is still so must be known, not twice a second. */
const FAILURE_HEARTBEAT_MS = 10 * MINUTE_MS

interface Told<T> {
  value: Value
  quality: QualityCode
  /** Monotonic ms. */
  at: number
  /** The latest that said the same, and was not told. */
  held?: T
}

export interface News<T> {
  hear(point: string, item: T, elapsed: number, heartbeat: number | undefined, tell: (item: T) => void): void
  /** What was told of a point did not arrive: what comes next is news again. */
  forget(point: string): void
}

/**
 * Tells which items are news: all that have a value, unless their point has a heartbeat (ms), and else those that say
 * something else than before or were told long ago. Before a number changes or is lost, it is told once more as it was
 * read last: what a meter counted was counted after that. `elapsed` is monotonic ms.
 */
export function createNews<T extends { value: Value; quality: QualityCode }>(): News<T> {
  const known = new Map<string, Told<T>>()
  return {
    hear(point, item, elapsed, heartbeat, tell) {
      const { value, quality } = item
      if (value !== null && heartbeat === undefined) {
        known.delete(point)
        return tell(item)
      }
      const last = known.get(point)
      const isSame = last?.value === value && last.quality === quality
      const again = value === null ? FAILURE_HEARTBEAT_MS : heartbeat!
      if (isSame && elapsed - last.at < again) {
        last.held = item
        return
      }
      if (!isSame && last?.held && typeof last.value === 'number') tell(last.held)
      known.set(point, { value, quality, at: elapsed })
      tell(item)
    },
    forget: point => void known.delete(point),
  }
}
