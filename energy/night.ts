import type { Interval } from '../model/calendar.ts'
import { percentile } from './percentile.ts'

/** The least that a meter counted in an hour of a night, and what of it goes on night after night. */
export interface Night {
  /** The local date of its morning. */
  date: string
  /** In the unit of the hours, in the least hour; undefined where an hour is not known. */
  minimum: number | undefined
  /** 20th percentile of the minima of seven nights up to this one; undefined where fewer than five are known. */
  usual: number | undefined
  /** What of it is not the building's own night use; at least 0. */
  excess: number | undefined
}

/** Civil hours between which a building sleeps: from the first to the second, exclusive. */
export const NIGHT_HOURS = [0, 5] as const
const NIGHTS = 7
const ENOUGH_NIGHTS = 5
const PERCENTILE = 0.2

/**
 * Night flow after UKWIR 99/WM/08/21, by clock hours: the minimum of each night, and the rolling percentile of seven
 * nights, less what the building uses by right. An open tap of one night moves it little, a leak moves it from the
 * fifth night on.
 *
 * @param nights the hours of each night, with what was counted; undefined where that is not known for itself
 * @param nightUse what the building uses by right, in the unit in an hour
 */
export function nightFlow(
  nights: readonly { date: string; hours: readonly (number | undefined)[] }[],
  nightUse = 0,
): Night[] {
  const minima = nights.map(({ hours }) =>
    hours.length > 0 && hours.every(amount => amount !== undefined)
      ? Math.min(...(hours as number[]))
      : undefined,
  )
  return nights.map(({ date }, at) => {
    const known = minima.slice(Math.max(0, at + 1 - NIGHTS), at + 1).filter(minimum => minimum !== undefined)
    const usual = known.length >= ENOUGH_NIGHTS ? percentile(known, PERCENTILE) : undefined
    const excess = usual === undefined ? undefined : Math.max(0, usual - nightUse)
    return { date, minimum: minima[at], usual, excess }
  })
}

/** The hours of a civil day that are night: both of those that a clock goes through twice in autumn. */
export function nightHours(hours: readonly Interval[], timeZone: string): Interval[] {
  const [from, to] = NIGHT_HOURS
  return hours.filter(({ start }) => {
    const { hour } = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(timeZone)
    return hour >= from && hour < to
  })
}
