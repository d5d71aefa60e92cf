import type { Interval } from '../model/calendar.ts'
import type { Point } from '../registry/registry.ts'
import type { ConsumptionFigure } from '../store/figures.ts'
import type { AcceptedIndex } from './indexes.ts'

/**
 * Consumption by hour. What was gained between two indexes is split over the hours between them in
 * proportion to time, by cumulative rounding: the part up to an instant is
 * floor(gain × elapsed / duration), so that parts always add up to the gain. Time counts as covered where
 * the two indexes lie no further apart than twice the interval, or where they are equal, twice the heartbeat of a
 * meter that is told only when it changes; a longer gap is shared out all the same, since its total is known. An hour that no gain spans has no figure.
 *
 * @param hours ascending, without holes
 * @param readingTimes of the good readings, accepted or not; ascending
 * @param point how often the meter is read and told, ms
 */
export function consumptionByHour(
  accepted: readonly AcceptedIndex[],
  hours: readonly Interval[],
  readingTimes: readonly number[],
  { interval, dueWithin }: Pick<Point, 'interval' | 'dueWithin'>,
): ConsumptionFigure[] {
  const figures: ConsumptionFigure[] = []
  let next = 0
  let pair = 1
  for (const { start, end } of hours) {
    const figure = { start, end, amount: 0, coveredMs: 0, readings: 0 }
    let spanned = false
    for (; pair < accepted.length && accepted[pair - 1]!.time < end; pair++) {
      const from = accepted[pair - 1]!
      const to = accepted[pair]!
      if (to.time > start && to.gain !== undefined) {
        const overlap = { start: Math.max(start, from.time), end: Math.min(end, to.time) }
        spanned = true
        figure.amount += partUpTo(overlap.end, from, to) - partUpTo(overlap.start, from, to)
        const apart = to.gain === 0 ? dueWithin : interval
        if (to.time - from.time <= 2 * apart) figure.coveredMs += overlap.end - overlap.start
      }
      if (to.time >= end) break
    }
    while (next < readingTimes.length && readingTimes[next]! < start) next++
    for (; next < readingTimes.length && readingTimes[next]! < end; next++) figure.readings++
    if (spanned) figures.push(figure)
  }
  return figures
}

/** Sums of ascending figures over ascending periods; a period that no figure lies in has none. */
export function sumFigures(
  parts: readonly ConsumptionFigure[],
  periods: readonly Interval[],
): ConsumptionFigure[] {
  const sums: ConsumptionFigure[] = []
  let next = 0
  for (const { start, end } of periods) {
    const sum = { start, end, amount: 0, coveredMs: 0, readings: 0 }
    let found = false
    for (; next < parts.length && parts[next]!.start < end; next++) {
      const part = parts[next]!
      if (part.start < start) continue
      found = true
      sum.amount += part.amount
      sum.coveredMs += part.coveredMs
      sum.readings += part.readings
    }
    if (found) sums.push(sum)
  }
  return sums
}

/** How much of the gain between two indexes had flowed by an instant between them, whole steps. */
function partUpTo(time: number, from: AcceptedIndex, to: AcceptedIndex): number {
  const gain = to.gain!
  const elapsed = time - from.time
  const duration = to.time - from.time
  const product = gain * elapsed
  if (Number.isSafeInteger(product)) return (product - (product % duration)) / duration
  return Number((BigInt(gain) * BigInt(elapsed)) / BigInt(duration))
}
