import { civilTime, type Interval, periodStart, periodsBetween } from '../model/calendar.ts'
import { percentile } from './percentile.ts'

/** The least that a meter counted in an hour of a night, and what of it goes on night after night. */
export interface Night {
  /** The local date of its morning, on which it ends. */
  date: string
  /** In the unit of the hours, in the least hour; undefined where an hour is not known. */
  minimum: number | undefined
  /** 20th percentile of the minima of seven nights up to this one; undefined where it or more than two are not known. */
  usual: number | undefined
  /** What of it is not the building's own night use; at least 0. */
  excess: number | undefined
}

/** Civil hours between which a building sleeps; `to` is exclusive, and of the next day where it is not after `from`. */
export interface NightHours {
  from: number
  to: number
}

/** Of a meter, or else of the territory, or else from midnight to 5 o'clock. */
export function nightHoursOf(
  meter: { nightHours?: NightHours | undefined },
  territory: { nightHours?: NightHours | undefined },
): NightHours {
  return meter.nightHours ?? territory.nightHours ?? { from: 0, to: 5 }
}

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
    const isKnown = minima[at] !== undefined && known.length >= ENOUGH_NIGHTS
    const usual = isKnown ? percentile(known, PERCENTILE) : undefined
    const excess = usual === undefined ? undefined : Math.max(0, usual - nightUse)
    return { date, minimum: minima[at], usual, excess }
  })
}

/**
 * The hours of the night that ends on a civil day: both of those that a clock goes through twice in autumn, and none
 * of those that it skips in spring.
 */
export function hoursOfNight(day: Interval, { from, to }: NightHours, timeZone: string): Interval[] {
  const hourOf = (time: number) => Math.floor(civilTime(time, timeZone).minute / 60)
  const hours = periodsBetween('hour', day.start, day.end, timeZone)
  if (from < to)
    return hours.filter(({ start }) => {
      const hour = hourOf(start)
      return hour >= from && hour < to
    })
  const before = periodsBetween('hour', periodStart('day', day.start - 1, timeZone), day.start, timeZone)
  return [
    ...before.filter(({ start }) => hourOf(start) >= from),
    ...hours.filter(({ start }) => hourOf(start) < to),
  ]
}
