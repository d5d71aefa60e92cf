import { type Interval, localDate, periodStart } from '../model/calendar.ts'
import { addStated, type ConsumptionFigure } from '../model/figure.ts'
import type { Grain, StatedPart } from '../model/statement.ts'
import { partWithin, type Segment } from './spans.ts'

/**
 * Consumption by hour: what was counted over each time, split over its hours in proportion to time, by cumulative
 * rounding, so that parts always add up to the whole. A long time is shared out all the same, since its total is
 * known. An hour that nothing is known of has no figure.
 *
 * @param segments ascending, none over another
 * @param hours ascending, without holes
 * @param readingTimes of the good readings, accepted or not; ascending
 */
export function consumptionByHour(
  segments: readonly Segment[],
  hours: readonly Interval[],
  readingTimes: readonly number[],
  timeZone: string,
): ConsumptionFigure[] {
  const figures: ConsumptionFigure[] = []
  let next = 0
  let at = 0
  for (const { start, end } of hours) {
    const figure: ConsumptionFigure = { start, end, amount: 0, coveredMs: 0, readings: 0 }
    let stated: readonly StatedPart[] = []
    let spanned = false
    for (; at < segments.length && segments[at]!.start < end; at++) {
      const segment = segments[at]!
      if (segment.end > start) {
        const overlap = { start: Math.max(start, segment.start), end: Math.min(end, segment.end) }
        const amount = partWithin(overlap, segment)
        const ms = overlap.end - overlap.start
        spanned = true
        figure.amount += amount
        if (segment.covered) figure.coveredMs += ms
        if (segment.source !== 'readings')
          stated = addStated(stated, [
            { origin: segment.source, known: grainOf(segment, { start, end }, timeZone), amount, ms },
          ])
      }
      if (segment.end >= end) break
    }
    while (next < readingTimes.length && readingTimes[next]! < start) next++
    for (; next < readingTimes.length && readingTimes[next]! < end; next++) figure.readings++
    if (spanned) figures.push(stated.length > 0 ? { ...figure, stated } : figure)
  }
  return figures
}

/** The smallest civil period within which the amount of a segment of an hour is known; null for none. */
function grainOf({ known, source }: Segment, hour: Interval, timeZone: string): Grain | null {
  if (!known || source === 'estimate') return null
  if (known.start >= hour.start && known.end <= hour.end) return 'hour'
  const last = known.end - 1
  for (const grain of ['day', 'month'] as const)
    if (periodStart(grain, known.start, timeZone) === periodStart(grain, last, timeZone)) return grain
  const year = (time: number) => localDate(time, timeZone).slice(0, 4)
  return year(known.start) === year(last) ? 'year' : null
}
