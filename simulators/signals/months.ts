import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import type { BuildingRecording } from '../recordings.ts'
import { isPublicHoliday, isSchoolHoliday } from './timetable.ts'
import type { Course } from './weather.ts'

/** How many recorded days stand ready for one date, so that buildings do not move in step. */
export const VARIANTS = 3

/** The hours of one month of UTC, with what the territory's calendar and the recording say of each. */
export interface Month {
  /** ms UTC */
  start: number
  end: number
  hours: number
  /** Local, 0 to 23. */
  hourOfDay: Uint8Array
  /** Local, Monday 0; a public holiday counts as a Sunday. */
  weekday: Uint8Array
  /** Local: 1 in the school holidays. */
  holidays: Uint8Array
  /** °C, the territory's air temperature at the start of the hour. */
  temperature: Float64Array
  /** For each variant, the position of the hour that stands for this one in the building's recording. */
  recorded: readonly Int32Array[]
}

/** Gives the month of UTC that holds an instant; each is made once. */
export type Months = (time: number) => Month

/**
 * A date is replayed by recorded days of the same weekday and about the same time of the year (the month
 * before to the month after), those whose mean temperature is nearest to that of the date: use follows the
 * weather, week-ends stay week-ends.
 */
export function replayMonths(recording: BuildingRecording, airTemperature: Course, timeZone: string): Months {
  const days = recordedDays(recording)
  const months = new Map<number, Month>()
  const dates = new Map<number, readonly number[]>()

  function recordedFor(day: number): readonly number[] {
    let found = dates.get(day)
    if (!found) {
      found = nearestDays(days, day, dayMean(airTemperature, day))
      dates.set(day, found)
    }
    return found
  }

  let latest: Month | undefined
  return time => {
    if (latest && time >= latest.start && time < latest.end) return latest
    const date = new Date(time)
    const key = date.getUTCFullYear() * 12 + date.getUTCMonth()
    latest = months.get(key) ?? describeMonth(date, timeZone, airTemperature, recordedFor)
    months.set(key, latest)
    return latest
  }
}

function describeMonth(
  within: Date,
  timeZone: string,
  airTemperature: Course,
  recordedFor: (day: number) => readonly number[],
): Month {
  const start = Date.UTC(within.getUTCFullYear(), within.getUTCMonth(), 1)
  const end = Date.UTC(within.getUTCFullYear(), within.getUTCMonth() + 1, 1)
  const hours = (end - start) / HOUR_MS
  const month: Month = {
    start,
    end,
    hours,
    hourOfDay: new Uint8Array(hours),
    weekday: new Uint8Array(hours),
    holidays: new Uint8Array(hours),
    temperature: new Float64Array(hours),
    recorded: Array.from({ length: VARIANTS }, () => new Int32Array(hours)),
  }
  const offsetAt = utcOffsets(start, timeZone)
  for (let hour = 0; hour < hours; hour++) {
    const time = start + hour * HOUR_MS
    const local = time + offsetAt(time)
    const day = Math.floor(local / DAY_MS)
    const date = new Date(local)
    const [number, dayOfMonth] = [date.getUTCMonth() + 1, date.getUTCDate()]
    month.hourOfDay[hour] = date.getUTCHours()
    month.weekday[hour] = isPublicHoliday(number, dayOfMonth) ? 6 : weekdayOf(day)
    month.holidays[hour] = isSchoolHoliday(number, dayOfMonth) ? 1 : 0
    month.temperature[hour] = airTemperature(time)
    const recorded = recordedFor(day)
    for (let variant = 0; variant < VARIANTS; variant++) {
      month.recorded[variant]![hour] = recorded[variant]! + date.getUTCHours()
    }
  }
  return month
}

/** The zone's offset in ms for ascending instants from `start` on. */
function utcOffsets(start: number, timeZone: string): (time: number) => number {
  let zoned = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(timeZone)
  let next = zoned.getTimeZoneTransition('next')
  return time => {
    while (next && next.epochMilliseconds <= time) {
      zoned = next
      next = zoned.getTimeZoneTransition('next')
    }
    return zoned.offsetNanoseconds / 1e6
  }
}

interface RecordedDay {
  /** Position of its first hour. */
  first: number
  weekday: number
  dayOfYear: number
  temperature: number
}

/** The whole days of a recording; its UTC days stand for local ones, as Britain keeps nearly that time. */
function recordedDays({ start, temperature }: BuildingRecording): RecordedDay[] {
  const days: RecordedDay[] = []
  for (let day = Math.ceil(start / DAY_MS); ; day++) {
    const first = (day * DAY_MS - start) / HOUR_MS
    if (first + 24 > temperature.length) return days
    let sum = 0
    for (let hour = 0; hour < 24; hour++) sum += temperature[first + hour]!
    days.push({ first, weekday: weekdayOf(day), dayOfYear: dayOfYear(day), temperature: sum / 24 })
  }
}

function nearestDays(days: readonly RecordedDay[], day: number, temperature: number): number[] {
  const weekday = weekdayOf(day)
  const season = dayOfYear(day)
  return days
    .filter(candidate => candidate.weekday === weekday && daysApart(candidate.dayOfYear, season) <= 45)
    .map(({ first, temperature: mean }) => ({ first, distance: Math.abs(mean - temperature) }))
    .sort((a, b) => a.distance - b.distance || a.first - b.first)
    .slice(0, VARIANTS)
    .map(({ first }) => first)
}

/** The mean over the hours of a UTC day. */
function dayMean(course: Course, day: number): number {
  let sum = 0
  for (let hour = 0; hour < 24; hour++) sum += course(day * DAY_MS + hour * HOUR_MS)
  return sum / 24
}

/** Monday 0; day 0, 1970-01-01, was a Thursday. */
function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7
}

function dayOfYear(day: number): number {
  return day - Date.UTC(new Date(day * DAY_MS).getUTCFullYear(), 0, 1) / DAY_MS
}

function daysApart(a: number, b: number): number {
  const distance = Math.abs(a - b)
  return Math.min(distance, 365 - distance)
}
