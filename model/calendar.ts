import type { Period } from './period.ts'
import { DAY_MS, HOUR_MS } from './time.ts'

/** `start` inclusive, `end` exclusive, ms UTC. */
export interface Interval {
  start: number
  end: number
}

/** Adds a time to others, as one with the last where it goes on from that. */
export function appendInterval(all: Interval[], { start, end }: Interval): void {
  const last = all.at(-1)
  if (last?.end === start) last.end = end
  else all.push({ start, end })
}

/**
 * The start of the civil period that holds an instant, ms UTC. Hours are counted from the beginning of the
 * day, so that both hours from 2 to 3 of an autumn day are hours of their own; where the clock changes by
 * half an hour (Lord Howe), the last hour of that day is the shorter one.
 */
export function periodStart(period: Period, time: number, timeZone: string): number {
  const zoned = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timeZone)
  if (period !== 'hour') return floor(zoned, period).epochMilliseconds
  return time - ((time - floor(zoned, 'day').epochMilliseconds) % HOUR_MS)
}

/** The civil periods that overlap [from, to), ascending and without holes; empty when to <= from. */
export function periodsBetween(period: Period, from: number, to: number, timeZone: string): Interval[] {
  if (to <= from) return []
  if (period === 'day') return daysBetween(from, to, timeZone)
  if (period === 'hour') {
    const hours = daysBetween(from, to, timeZone).flatMap(hoursOf)
    return hours.filter(({ start, end }) => start < to && end > from)
  }
  const intervals: Interval[] = []
  let start = floor(Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(timeZone), period)
  while (start.epochMilliseconds < to) {
    const end = next(start, period)
    intervals.push({ start: start.epochMilliseconds, end: end.epochMilliseconds })
    start = end
  }
  return intervals
}

/** Days from one midnight to the next have 24 hours until the clocks change: only around that the calendar is asked. */
function daysBetween(from: number, to: number, timeZone: string): Interval[] {
  const zoned = (time: number) => Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timeZone)
  const days: Interval[] = []
  let day = floor(zoned(from), 'day')
  while (day.epochMilliseconds < to) {
    const following = next(day, 'day')
    let start = following.epochMilliseconds
    days.push({ start: day.epochMilliseconds, end: start })
    // Where midnight is skipped, a day begins later.
    const atMidnight = following.toPlainTime().equals(new Temporal.PlainTime())
    const change = following.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity
    while (atMidnight && start < to && start + DAY_MS < change) {
      days.push({ start, end: start + DAY_MS })
      start += DAY_MS
    }
    day = zoned(start)
  }
  return days
}

/** The local ISO date (`2026-03-29`) of an instant. */
export function localDate(time: number, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timeZone).toPlainDate().toString()
}

/** What the calendar and the clock say at an instant. */
export interface CivilTime {
  /** 1 to 12 */
  month: number
  /** 1 (Monday) to 7 */
  weekday: number
  /** Since midnight, as the clock says: what is said twice in autumn has its minute twice. */
  minute: number
}

/** Of each time zone, how far its clock was ahead of UTC when last asked, and until when it is. */
const offsets = new Map<string, Interval & { offsetMs: number }>()

/** Between two changes of the clock, times are apart as they are in UTC: the calendar is asked once for all of them. */
export function civilTime(time: number, timeZone: string): CivilTime {
  const date = new Date(time + offsetAt(time, timeZone))
  return {
    month: date.getUTCMonth() + 1,
    weekday: date.getUTCDay() || 7,
    minute: date.getUTCHours() * 60 + date.getUTCMinutes(),
  }
}

function offsetAt(time: number, timeZone: string): number {
  const known = offsets.get(timeZone)
  if (known && known.start <= time && time < known.end) return known.offsetMs
  const zoned = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timeZone)
  const end = zoned.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity
  const offsetMs = zoned.offsetNanoseconds / 1e6
  offsets.set(timeZone, { start: time, end, offsetMs })
  return offsetMs
}

/** The instant at which a local ISO date begins, ms UTC. */
export function startOfLocalDate(date: string, timeZone: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime(timeZone).epochMilliseconds
}

/** The instant of a local time like `2026-11-13T12:00`, ms UTC; one that the clocks skip is an hour later. */
export function instantOfLocalTime(local: string, timeZone: string): number {
  return Temporal.PlainDateTime.from(local).toZonedDateTime(timeZone).epochMilliseconds
}

/** Local dates between which something holds; `to` is exclusive, and an end that is not given is open. */
export interface LocalDates {
  from?: string | undefined
  to?: string | undefined
}

/** The instants between local dates; open ends are infinite. */
export function intervalOfDates({ from, to }: LocalDates, timeZone: string): Interval {
  return {
    start: from === undefined ? -Infinity : startOfLocalDate(from, timeZone),
    end: to === undefined ? Infinity : startOfLocalDate(to, timeZone),
  }
}

function hoursOf(day: Interval): Interval[] {
  const hours: Interval[] = []
  for (let start = day.start; start < day.end; start += HOUR_MS) {
    hours.push({ start, end: Math.min(start + HOUR_MS, day.end) })
  }
  return hours
}

type LongPeriod = Exclude<Period, 'hour'>

function floor(zoned: Temporal.ZonedDateTime, period: LongPeriod): Temporal.ZonedDateTime {
  return firstDate(zoned.toPlainDate(), period).toZonedDateTime(zoned.timeZoneId)
}

function firstDate(date: Temporal.PlainDate, period: LongPeriod): Temporal.PlainDate {
  switch (period) {
    case 'day':
      return date
    case 'week':
      return date.subtract({ days: date.dayOfWeek - 1 })
    case 'month':
      return date.with({ day: 1 })
    case 'year':
      return date.with({ month: 1, day: 1 })
    case 'heating-year':
      return date.subtract({ months: date.month < 7 ? 12 : 0 }).with({ month: 7, day: 1 })
  }
}

function next(start: Temporal.ZonedDateTime, period: LongPeriod): Temporal.ZonedDateTime {
  return start.toPlainDate().add(LENGTHS[period]).toZonedDateTime(start.timeZoneId)
}

const LENGTHS: Record<LongPeriod, Temporal.DurationLike> = {
  day: { days: 1 },
  week: { weeks: 1 },
  month: { months: 1 },
  year: { years: 1 },
  'heating-year': { years: 1 },
}
