import { appendInterval, type Interval } from '../../model/calendar.ts'
import { HOUR_MS } from '../../model/time.ts'

/** When the values of one meter in a file are of. */
export interface Coverage {
  add(interval: Interval): void
  /** Between the first and the last, what no value is of, ascending. */
  holes(): Interval[]
}

/** Amounts cover their intervals, in whatever order they come. */
export function openAmountCoverage(): Coverage {
  // What follows the last is joined to it, so that a load curve of years is a few intervals.
  const covered: Interval[] = []
  return {
    add: interval => appendInterval(covered, interval),
    holes() {
      const holes: Interval[] = []
      let reached = Number.POSITIVE_INFINITY
      for (const { start, end } of covered.toSorted((a, b) => a.start - b.start)) {
        if (start > reached) holes.push({ start: reached, end: start })
        reached = reached === Number.POSITIVE_INFINITY ? end : Math.max(reached, end)
      }
      return holes
    },
  }
}

/** Between two indexes as far apart as most are, nothing is missing; the clocks may change in between. */
export function openIndexCoverage(): Coverage {
  const instants = new Set<number>()
  return {
    add({ start }) {
      instants.add(start)
    },
    holes() {
      const ascending = [...instants].sort((a, b) => a - b)
      const steps = ascending.slice(1).map((end, at) => ({ start: ascending[at]!, end }))
      const usual = usualLength(steps)
      return steps.filter(({ start, end }) => end - start > usual + HOUR_MS)
    },
  }
}

/** The one in the middle of all. */
function usualLength(steps: readonly Interval[]): number {
  const lengths = steps.map(({ start, end }) => end - start).sort((a, b) => a - b)
  return lengths[Math.floor((lengths.length - 1) / 2)] ?? 0
}
