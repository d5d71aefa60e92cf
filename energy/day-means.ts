import type { Interval } from '../model/calendar.ts'
import { HOUR_MS } from '../model/time.ts'

/**
 * The mean temperature of each civil day, °C, of the hours that begin in it; null where one of them says
 * nothing.
 *
 * @param hours means of hours of UTC, in any order
 */
export function dayMeans(
  days: readonly Interval[],
  hours: readonly { start: number; mean: number | null }[],
): (number | null)[] {
  const means = new Map(hours.map(hour => [hour.start, hour.mean]))
  return days.map(({ start, end }) => {
    const first = Math.ceil(start / HOUR_MS) * HOUR_MS
    let [sum, count] = [0, 0]
    for (let time = first; time < end; time += HOUR_MS) {
      const mean = means.get(time) ?? null
      if (mean === null) return null
      sum += mean
      count++
    }
    return sum / count
  })
}
