import { type Interval, localDate } from '../model/calendar.ts'
import { openCivilTimes } from '../model/civil-times.ts'
import type { ClosedPeriod, Opening, PublicHolidays } from '../model/opening.ts'
import { civilHour } from './cost.ts'
import { openHolidays } from './holidays.ts'
import { type CivilHour, QUARTER_MIN } from './prices.ts'

/** An hour of the civil calendar, with its date. */
export interface DatedHour extends Interval {
  /** Local ISO date. */
  date: string
  civil: CivilHour
}

/**
 * The hours with their dates and civil times: the same for all sites, so they are asked for once.
 *
 * @param hours ascending, without holes
 */
export function dateHours(hours: readonly Interval[], timeZone: string): DatedHour[] {
  let date = ''
  let weekday = 0
  return hours.map(hour => {
    const civil = civilHour(hour, timeZone)
    if (civil.weekday !== weekday) date = localDate(hour.start, timeZone)
    weekday = civil.weekday
    return { ...hour, date, civil }
  })
}

/** Of the territory. */
export interface TerritoryHolidays {
  holidays: PublicHolidays
  schoolHolidays: readonly ClosedPeriod[]
}

/** Makes the function that tells whether a site is closed on a local ISO date, whatever its hours. */
export function openClosedDays(
  opening: Omit<Opening, 'hours'>,
  { holidays, schoolHolidays }: TerritoryHolidays,
): (date: string) => boolean {
  const closed = [...opening.closed, ...(opening.schoolHolidays === 'closed' ? schoolHolidays : [])]
  const isHoliday = openHolidays(holidays)
  return date =>
    closed.some(({ from, to }) => from <= date && date < to) ||
    (opening.publicHolidays === 'closed' && isHoliday(date))
}

/**
 * Makes the function that tells whether a site is open at some time of an hour: an hour of which a quarter is within
 * the opening counts as open, so that nobody is told to have left on what was in use.
 */
export function openOpening(opening: Opening, holidays: TerritoryHolidays): (hour: DatedHour) => boolean {
  const times = opening.hours.map(openCivilTimes)
  const isClosed = openClosedDays(opening, holidays)

  return ({ date, civil: { month, weekday, minute, length } }) => {
    if (isClosed(date)) return false
    for (let at = minute; at < minute + length; at += QUARTER_MIN) {
      if (times.some(fits => fits(month, weekday, at))) return true
    }
    return false
  }
}
