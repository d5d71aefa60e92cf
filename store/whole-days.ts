import { type Interval, periodsBetween } from '../model/calendar.ts'
import { HOUR_MS } from '../model/time.ts'
import type { DirtyHours, DirtySpan } from './dirty-hours.ts'

/** The civil days that spans lie in, each once a point. */
export function daysOf<P>(spans: readonly DirtySpan<P>[], timeZone: string): DirtySpan<P>[] {
  const found: DirtySpan<P>[] = []
  if (spans.length === 0) return found
  const from = spans.reduce((first, { start }) => Math.min(first, start), Infinity)
  const to = spans.reduce((last, { end }) => Math.max(last, end), -Infinity)
  const days = periodsBetween('day', from, to, timeZone)
  const known = new Map<P, Set<number>>()
  for (const { point, start, end } of spans) {
    const ofPoint = known.get(point) ?? new Set()
    known.set(point, ofPoint)
    for (let i = indexOf(days, start); i < days.length && days[i]!.start < end; i++) {
      if (ofPoint.has(i)) continue
      ofPoint.add(i)
      found.push({ point, ...days[i]! })
    }
  }
  return found
}

/** Of such days those of which no hour is out of date, and no boundary splits one: they can be made of their hours. */
export function completeDays<P>(days: readonly DirtySpan<P>[], dirty: DirtyHours<P>): DirtySpan<P>[] {
  return days.filter(day => hasWholeHours(day) && dirty.within(day.point, day).length === 0)
}

export function hasWholeHours({ start, end }: Interval): boolean {
  return start % HOUR_MS === 0 && end % HOUR_MS === 0
}

/** Which of some days, ascending and without holes, holds an instant. */
function indexOf(days: readonly Interval[], time: number): number {
  let low = 0
  let high = days.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (days[middle]!.start <= time) low = middle
    else high = middle - 1
  }
  return low
}
