import { type Interval, periodStart, periodsBetween } from '../model/calendar.ts'

/** The civil hours of a time zone. */
export interface CivilHours {
  /** The hours that overlap [from, to), ascending and without holes. */
  between(from: number, to: number): Interval[]
  /** The hour that holds an instant. */
  at(time: number): Interval
}

/** Some ten years of days: 2 MB. */
const MOST_DAYS = 4000

/**
 * Civil hours, remembered by day, because all meters ask for the same ones. An hour ends with its day at
 * the latest, so that hours make up days even where the clocks move by half an hour.
 */
export function civilHours(timeZone: string): CivilHours {
  const days = new Map<number, Interval[]>()

  function hoursOf(day: Interval): Interval[] {
    const known = days.get(day.start)
    if (known) return known
    const hours = periodsBetween('hour', day.start, day.end, timeZone)
    hours.at(-1)!.end = day.end
    if (days.size >= MOST_DAYS) days.clear()
    days.set(day.start, hours)
    return hours
  }

  function between(from: number, to: number): Interval[] {
    return periodsBetween('day', from, to, timeZone)
      .flatMap(hoursOf)
      .filter(hour => hour.start < to && hour.end > from)
  }

  return {
    between,
    at: time => between(periodStart('day', time, timeZone), time + 1).at(-1)!,
  }
}
