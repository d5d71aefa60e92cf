import type { Reading } from '../model/reading.ts'
import { type Moment, momentOf } from './moment.ts'
import type { Watch } from './watch.ts'

/**
 * The watches that read one point, in their order. Most are at rest: nothing is the matter, and nothing will be while
 * good readings come in time and stay between two values. These lie beside each other here, so that a reading is
 * compared with those of all its watches without a look at any of them; what they have missed they are told before
 * they are looked at again.
 */
export interface PointReaders {
  /**
   * Has a reading evaluated by the watches to which it may matter, in their order.
   * @param evaluate has the watch read it
   */
  take(reading: Reading, at: Moment, evaluate: (watch: Watch) => void): void
  /** Tells all watches what they have missed: for whoever is about to look at them. */
  settle(): void
}

/** @param onChange called when a watch has come to rest, or is to be looked at again, also as time passes */
export function openPointReaders(watches: readonly Watch[], onChange: () => void): PointReaders {
  /** Between which values each is at rest; none fits a watch that is not. */
  const from = new Float64Array(watches.length).fill(Number.POSITIVE_INFINITY)
  const to = new Float64Array(watches.length).fill(Number.NEGATIVE_INFINITY)
  const maxAge = Math.min(...watches.map(({ rule }) => rule.maxAge))
  /** Until when none of what those at rest know is stale, monotonic ms; and the newest that any knows of, ms UTC. */
  let until = Number.POSITIVE_INFINITY
  let newest = Number.NEGATIVE_INFINITY
  /** What those at rest have missed, if anything. */
  let missed: { value: number; at: Moment } | undefined

  const isResting = (index: number) => from[index]! <= to[index]!

  function layToRest(index: number): void {
    const rest = watches[index]!.rest()
    from[index] = rest?.from ?? Number.POSITIVE_INFINITY
    to[index] = rest?.to ?? Number.NEGATIVE_INFINITY
    if (!rest) return
    until = Math.min(until, rest.until)
    newest = Math.max(newest, rest.newest)
  }

  /** Whether a reading is such that the value alone decides what becomes of a watch at rest. */
  function isPlain({ time, value, quality }: Reading, { now, elapsed }: Moment): boolean {
    if (quality !== 'good' || typeof value !== 'number') return false
    return time > newest && now - time <= maxAge && elapsed - Math.max(0, now - time) <= until
  }

  function settle(): void {
    if (!missed) return
    for (const [index, watch] of watches.entries()) if (isResting(index)) watch.note(missed.value, missed.at)
    missed = undefined
  }

  for (const index of watches.keys()) layToRest(index)

  return {
    take(reading, at, evaluate) {
      const isPlainOne = isPlain(reading, at)
      // Outside of everything, where more than the value decides.
      const value = isPlainOne ? (reading.value as number) : Number.NaN
      if (!isPlainOne) until = Number.POSITIVE_INFINITY
      for (let index = 0; index < watches.length; index++) {
        if (value >= from[index]! && value <= to[index]!) continue
        const watch = watches[index]!
        const rested = isResting(index)
        if (rested && missed) watch.note(missed.value, missed.at)
        evaluate(watch)
        layToRest(index)
        if (rested !== isResting(index)) onChange()
      }
      missed = undefined
      if (!isPlainOne) return
      missed = { value, at: momentOf(reading.time, at) }
      newest = reading.time
      until = missed.at.elapsed + maxAge
    },
    settle,
  }
}
