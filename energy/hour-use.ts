import type { Interval } from '../model/calendar.ts'

/** What was used in an hour, in the unit of a site; undefined where that is not known for itself. */
export interface HourUse extends Interval {
  amount: number | undefined
}

/** What of the use of an hour is found to be wasted; below 0 where less was used than is held against others. */
export interface WastedHour extends Interval {
  amount: number
}

export function isKnown<T extends HourUse>(hour: T): hour is T & { amount: number } {
  return hour.amount !== undefined
}

export function sumOfHours(hours: readonly { amount: number }[]): number {
  return hours.reduce((sum, { amount }) => sum + amount, 0)
}

/** Which share of the time of some hours is known, 0 to 1; 0 of none. */
export function knownShare(hours: readonly HourUse[]): number {
  const msOf = (some: readonly Interval[]) => some.reduce((sum, { start, end }) => sum + end - start, 0)
  return hours.length === 0 ? 0 : msOf(hours.filter(isKnown)) / msOf(hours)
}
