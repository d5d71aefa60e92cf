import { type Reading, type ReadingColumns, readingAt } from '../model/reading.ts'
import type { Moment } from './moment.ts'
import type { Watch } from './watch.ts'

/**
 * The watches that read one point, in their order. Most are at rest: nothing is the matter, and nothing will be while
 * good readings come in time and stay between two values. These lie beside each other here, so that a reading is
 * compared with those of all its watches without a look at any of them; what they have missed they are told before
 * they are looked at again.
 */
export interface PointReaders {
  /**
   * Has a reading of the point evaluated by the watches to which it may matter, in their order; where it matters to
   * none, which is nearly always, it is not even made.
   * @param index its place in the columns
   * @param evaluate has the watch read it
   */
  take(
    readings: ReadingColumns,
    index: number,
    at: Moment,
    evaluate: (watch: Watch, reading: Reading) => void,
  ): void
  /** Tells all watches what they have missed: for whoever is about to look at them. */
  settle(): void
}

/**
 * Numbers of a point that change with each reading, in one array: an object made anew for each reading would live until
 * the next one and be collected as an old one. Until when none of what those at rest know is stale, monotonic ms; the
 * newest that any knows of, ms UTC; and what those at rest have missed: a value, NaN where there is none, and its moment.
 */
const [UNTIL, NEWEST, VALUE, NOW, ELAPSED, KNOWN] = [0, 1, 2, 3, 4, 5]

/** @param onChange called when a watch has come to rest, or is to be looked at again, also as time passes */
export function openPointReaders(
  watches: readonly Watch[],
  onChange: (watch: Watch, rests: boolean) => void,
): PointReaders {
  /** Between which values each is at rest; none fits a watch that is not. */
  const from = new Float64Array(watches.length).fill(Number.POSITIVE_INFINITY)
  const to = new Float64Array(watches.length).fill(Number.NEGATIVE_INFINITY)
  const maxAge = Math.min(...watches.map(({ rule }) => rule.maxAge))
  const known = new Float64Array(KNOWN)
  known[UNTIL] = Number.POSITIVE_INFINITY
  known[NEWEST] = Number.NEGATIVE_INFINITY
  known[VALUE] = Number.NaN

  const isResting = (index: number) => from[index]! <= to[index]!

  function layToRest(index: number): void {
    const rest = watches[index]!.rest()
    from[index] = rest?.from ?? Number.POSITIVE_INFINITY
    to[index] = rest?.to ?? Number.NEGATIVE_INFINITY
    if (!rest) return
    known[UNTIL] = Math.min(known[UNTIL]!, rest.until)
    known[NEWEST] = Math.max(known[NEWEST]!, rest.newest)
  }

  /** Whether a reading is such that the value alone decides what becomes of a watch at rest. */
  function isPlain(
    { times, values, qualities }: ReadingColumns,
    index: number,
    { now, elapsed }: Moment,
  ): boolean {
    if (qualities[index] !== 'good' || typeof values[index] !== 'number') return false
    const time = times[index]!
    return time > known[NEWEST]! && now - time <= maxAge && elapsed - Math.max(0, now - time) <= known[UNTIL]!
  }

  function settle(): void {
    if (Number.isNaN(known[VALUE])) return
    for (const [index, watch] of watches.entries()) if (isResting(index)) tellMissed(watch)
    known[VALUE] = Number.NaN
  }

  function tellMissed(watch: Watch): void {
    watch.note(known[VALUE]!, { now: known[NOW]!, elapsed: known[ELAPSED]! })
  }

  for (const index of watches.keys()) layToRest(index)

  return {
    take(readings, place, at, evaluate) {
      const isPlainOne = isPlain(readings, place, at)
      // Outside of everything, where more than the value decides.
      const value = isPlainOne ? (readings.values[place] as number) : Number.NaN
      if (!isPlainOne) known[UNTIL] = Number.POSITIVE_INFINITY
      let reading: Reading | undefined
      for (let index = 0; index < watches.length; index++) {
        if (value >= from[index]! && value <= to[index]!) continue
        const watch = watches[index]!
        const rested = isResting(index)
        if (rested && !Number.isNaN(known[VALUE])) tellMissed(watch)
        reading ??= readingAt(readings, place)
        evaluate(watch, reading)
        layToRest(index)
        const rests = isResting(index)
        if (rested !== rests) onChange(watch, rests)
      }
      known[VALUE] = value
      if (!isPlainOne) return
      const time = readings.times[place]!
      known[NOW] = time
      known[ELAPSED] = at.elapsed - Math.max(0, at.now - time)
      known[NEWEST] = time
      known[UNTIL] = known[ELAPSED] + maxAge
    },
    settle,
  }
}
