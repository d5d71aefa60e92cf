import { setImmediate } from 'node:timers/promises'
import type { LookedHours, NightUse } from '../../energy/findings.ts'
import type { HourUse } from '../../energy/hour-use.ts'
import { hoursOfNight, type NightHours } from '../../energy/night.ts'
import { type DatedHour, dateHours, openOpening } from '../../energy/opening.ts'
import {
  type Interval,
  localDate,
  periodStart,
  periodsBetween,
  startOfLocalDate,
} from '../../model/calendar.ts'
import { loadWithDeductions, siteConsumption } from '../../model/consumption.ts'
import { type Decimal, formatDecimal } from '../../model/decimal.ts'
import { kindOfDay } from '../../model/use-profile.ts'
import type { Meter, Registry } from '../../registry/registry.ts'
import type { Site } from '../../registry/schema.ts'
import type { FigureStore } from '../../store/figures.ts'
import { type SpanRequest, span, timeParameter, WrongParameter } from '../fields.ts'

const DEFAULT_DAYS = 30
/** How many days before those that are looked into a base load is followed, and how many before these it is held against. */
const FOLLOWED_DAYS = 28
const REFERENCE_DAYS = 56

/** The civil hours of some days and of those before them, from which it is known what is usual. */
export interface Calendar {
  hours: readonly DatedHour[]
  /** With the places of their hours, `last` exclusive. */
  days: readonly (Interval & { first: number; last: number })[]
  /** From when on it is looked into; what lies before is history. */
  from: number
  followedFrom: number
  end: number
}

/** The parameters of a request that looks into days. */
export const daysAsked = {
  from: timeParameter.optional(),
  to: timeParameter.optional().describe('By default the start of today: only days that are over are told'),
}

/**
 * The days of a request that are over, and those before them.
 * @throws WrongParameter when none of them is, or they are too many.
 */
export function calendarFor(query: SpanRequest, now: number, timeZone: string): Calendar {
  const today = localDate(now, timeZone)
  const asked =
    query.to === undefined ? { from: query.from ?? daysBefore(today, DEFAULT_DAYS), to: today } : query
  const { from, to } = span(asked, 'finding', now, timeZone)
  const days = periodsBetween('day', periodStart('day', from, timeZone), to, timeZone).filter(
    ({ end }) => end <= now,
  )
  if (days.length === 0) throw new WrongParameter('to', 'no day before it is over yet')
  return calendarOf(days[0]!.start, days.at(-1)!.end, timeZone)
}

/**
 * @param from the start of the first day that is looked into
 * @param to the end of the last
 */
function calendarOf(from: number, to: number, timeZone: string): Calendar {
  const startBefore = (days: number) =>
    startOfLocalDate(daysBefore(localDate(from, timeZone), days), timeZone)
  const first = startBefore(FOLLOWED_DAYS + REFERENCE_DAYS)
  const hours = dateHours(periodsBetween('hour', first, to, timeZone), timeZone)
  let next = 0
  const days = periodsBetween('day', first, to, timeZone).map(day => {
    const place = next
    while (next < hours.length && hours[next]!.start < day.end) next++
    return { ...day, first: place, last: next }
  })
  return { hours, days, from, followedFrom: startBefore(FOLLOWED_DAYS), end: to }
}

function daysBefore(date: string, days: number): string {
  return Temporal.PlainDate.from(date).subtract({ days }).toString()
}

/** Makes the function that tells whether a site is open in the hours of a calendar, and which days are alike. */
export function openSiteCalendar({ territory }: Registry, calendar: Calendar) {
  const { publicHolidays: holidays, schoolHolidays } = territory
  return ({ opening }: Site): Omit<LookedHours, 'hours'> & { open: (boolean | undefined)[] } => {
    const isOpen = opening && openOpening(opening, { holidays, schoolHolidays })
    const open = calendar.hours.map(hour => isOpen?.(hour))
    const days = calendar.days.map(day => {
      const weekday = kindOfDay(calendar.hours[day.first]!.civil.weekday)
      const opens = open.slice(day.first, day.last).some(Boolean) ? 'open' : 'closed'
      return { ...day, kind: isOpen ? opens : weekday }
    })
    return { open, days, from: calendar.from, followedFrom: calendar.followedFrom }
  }
}

/** Makes the function that tells what a site's share of a meter used in each hour of a calendar. */
export function openMeterHours({ registry, figures }: { registry: Registry; figures: FigureStore }) {
  const { timeZone } = registry.territory

  return async (meter: Meter, site: string, { hours, end }: Calendar): Promise<HourUse[]> => {
    const load = (each: Meter) => figures.consumption(each.id, 'hour', hours[0]!.start, end)
    const loaded = await loadWithDeductions(meter, registry.meters.values(), load)
    // A part is looked at, too: it tells where the waste is.
    const source = { ...loaded, countedOtherwise: [] }
    await setImmediate()
    return siteConsumption(site, [source], hours, timeZone, 'hour').map(
      ({ start, end, amount, coveredMs }) => ({
        start,
        end,
        amount: coveredMs >= end - start ? usedOf(amount) : undefined,
      }),
    )
  }
}

/** The hours of the night before each day; not known where they lie before all others. */
export function nightsOf(
  hours: readonly HourUse[],
  { days }: Pick<LookedHours, 'days'>,
  nightHours: NightHours,
  timeZone: string,
): NightUse[] {
  const byStart = new Map(hours.map(hour => [hour.start, hour]))
  return days.map(day => ({
    date: localDate(day.start, timeZone),
    hours: hoursOfNight(day, nightHours, timeZone).map(
      hour => byStart.get(hour.start) ?? { ...hour, amount: undefined },
    ),
  }))
}

/** Nobody uses less than nothing: what is left of a main meter below its parts says that one is not within it. */
function usedOf(amount: Decimal | undefined): number | undefined {
  return amount && amount.digits >= 0n ? Number(formatDecimal(amount)) : undefined
}
