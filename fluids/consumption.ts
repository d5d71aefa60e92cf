import { type Interval, localDate, periodStart } from '../model/calendar.ts'
import { GRAINS, type Grain, ORIGINS, type StatedPart } from '../model/statement.ts'
import type { ConsumptionFigure } from '../store/figures.ts'
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

/** The parts of both, those of one origin and grain together; in the order of origins, then grains. */
function addStated(a: readonly StatedPart[], b: readonly StatedPart[]): readonly StatedPart[] {
  if (b.length === 0) return a
  const parts = new Map<string, StatedPart>()
  for (const part of [...a, ...b]) {
    const key = `${part.origin} ${part.known}`
    const sum = parts.get(key)
    parts.set(key, sum ? { ...sum, amount: sum.amount + part.amount, ms: sum.ms + part.ms } : part)
  }
  const rank = ({ origin, known }: StatedPart) =>
    ORIGINS.indexOf(origin) * (GRAINS.length + 1) + (known === null ? GRAINS.length : GRAINS.indexOf(known))
  return [...parts.values()].sort((x, y) => rank(x) - rank(y))
}

/** Sums of ascending figures over ascending periods; a period that no figure lies in has none. */
export function sumFigures(
  parts: readonly ConsumptionFigure[],
  periods: readonly Interval[],
): ConsumptionFigure[] {
  const sums: ConsumptionFigure[] = []
  let next = 0
  for (const { start, end } of periods) {
    const sum: ConsumptionFigure = { start, end, amount: 0, coveredMs: 0, readings: 0 }
    let stated: readonly StatedPart[] = []
    let found = false
    for (; next < parts.length && parts[next]!.start < end; next++) {
      const part = parts[next]!
      if (part.start < start) continue
      found = true
      sum.amount += part.amount
      sum.coveredMs += part.coveredMs
      sum.readings += part.readings
      if (part.stated) stated = addStated(stated, part.stated)
    }
    if (found) sums.push(stated.length > 0 ? { ...sum, stated } : sum)
  }
  return sums
}
