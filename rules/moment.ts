import type { Clock } from '../model/clock.ts'
import { reasonOf } from '../model/quality.ts'
import type { Reading } from '../model/reading.ts'

/**
 * One instant on both clocks: `now` (ms UTC) is what people are told, `elapsed` (monotonic ms) is what
 * delays are measured with, so that a civil clock that jumps neither fires nor clears anything.
 */
export interface Moment {
  now: number
  elapsed: number
}

export function present(clock: Clock): Moment {
  return { now: clock.now(), elapsed: clock.elapsed() }
}

/** The moment of a civil time, seen from a later moment. A time that lies ahead counts as just now. */
export function momentOf(time: number, at: Moment): Moment {
  return { now: time, elapsed: at.elapsed - Math.max(0, at.now - time) }
}

/** So many ms later, on both clocks; earlier where they are negative. */
export function shifted({ now, elapsed }: Moment, ms: number): Moment {
  return { now: now + ms, elapsed: elapsed + ms }
}

/**
 * When a reading was taken, ms UTC. A source time that the gateway itself found wrong says nothing about order
 * or age: its own stands in.
 */
export function timeOf({ time, quality, gatewayTime }: Reading): number {
  return reasonOf(quality) === 'clock' ? gatewayTime : time
}
