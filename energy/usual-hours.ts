import { civilTime, localDate } from '../model/calendar.ts'
import type { Opening } from '../model/opening.ts'
import { HOUR_MS, MINUTE_MS } from '../model/time.ts'
import { kindOfDay, type UseProfile } from '../model/use-profile.ts'
import { openHolidays } from './holidays.ts'
import { openClosedDays, type TerritoryHolidays } from './opening.ts'
import { median, percentile, robustDeviation } from './percentile.ts'

type KindOfDay = keyof UseProfile
const KINDS = ['working', 'saturday', 'sunday'] as const satisfies KindOfDay[]
const WEEK_HOURS = 7 * 24
/** Ours: so many hours of a kind must be known; of working days those of two weeks, of the others of four. */
const ENOUGH: Readonly<Record<KindOfDay, number>> = { working: 10, saturday: 4, sunday: 4 }
/** Ours: what is told is far from usual beside what is counted in busy hours, of which this is one. */
const BUSY_PERCENTILE = 0.9

/** What an hour usually tells, in the unit of the amounts. */
export interface Usual {
  centre: number
  /** Standard deviation about it, of which a few odd hours do not make more. */
  spread: number
}

/**
 * What the hours of some weeks told, and which of them are alike; hours are numbered from 1970 on. As arrays: of
 * hundreds of points there are a thousand hours each.
 */
export interface HourHistory {
  /** By number, modulo their length; NaN where it is not known. */
  amounts: Float64Array
  slots: Uint8Array
  /** Later ones are not known. */
  newest: number
}

/**
 * Makes the function that tells which hours are alike: those of one civil hour and one kind of day. Days on which the
 * site is closed, or else public holidays, are like Sundays.
 *
 * @returns a number below 72 for the hour that begins at a time, ms UTC
 */
export function openHourSlots(
  opening: Opening | undefined,
  holidays: TerritoryHolidays,
  timeZone: string,
): (time: number) => number {
  const isClosed = opening ? openClosedDays(opening, holidays) : openHolidays(holidays.holidays)
  /** By the time of midnight: dates are slow to tell. */
  const kinds = new Map<number, KindOfDay>()
  return time => {
    const { weekday, minute } = civilTime(time, timeZone)
    const midnight = time - minute * MINUTE_MS
    let kind = kinds.get(midnight)
    if (!kind) {
      kind = isClosed(localDate(time, timeZone)) ? 'sunday' : kindOfDay(weekday)
      kinds.set(midnight, kind)
    }
    return KINDS.indexOf(kind) * 24 + Math.floor(minute / 60)
  }
}

/** What was usual in an earlier hour of a civil day, which has 25 at most, is still to be told alike later in it. */
const SPARE_HOURS = 26

/** How many hours are to be known, for so many weeks before each hour of the present day. */
export function hoursKept(weeks: number): number {
  return weeks * WEEK_HOURS + SPARE_HOURS
}

/** @param hours ascending, with when they begin (ms UTC), and what each told */
export function hourHistory(
  hours: readonly { start: number; amount: number }[],
  weeks: number,
  slotOf: (time: number) => number,
): HourHistory {
  const length = hoursKept(weeks)
  const amounts = new Float64Array(length).fill(Number.NaN)
  const slots = new Uint8Array(length)
  const newest = hours.length > 0 ? hours.at(-1)!.start / HOUR_MS : 0
  for (const { start, amount } of hours) {
    const number = start / HOUR_MS
    if (number <= newest - length) continue
    amounts[number % length] = amount
    slots[number % length] = slotOf(start)
  }
  return { amounts, slots, newest }
}

/** With one more hour; one that is not later than all others changes nothing. */
export function learnHour(history: HourHistory, number: number, slot: number, amount: number): HourHistory {
  if (number <= history.newest) return history
  const [amounts, slots] = [history.amounts.slice(), history.slots.slice()]
  const { length } = amounts
  for (let passed = Math.max(history.newest, number - length) + 1; passed < number; passed++)
    amounts[passed % length] = Number.NaN
  amounts[number % length] = amount
  slots[number % length] = slot
  return { amounts, slots, newest: number }
}

/** What an hour usually tells, of those before it that are alike; undefined where too few are known. */
export function usualOf(history: HourHistory, number: number, slot: number): Usual | undefined {
  const alike = amountsBefore(history, number, slot)
  if (alike.length < ENOUGH[KINDS[Math.floor(slot / 24)]!]) return undefined
  const centre = median(alike)
  return { centre, spread: robustDeviation(alike.map(amount => Math.abs(amount - centre))) }
}

/** What a busy hour before one tells; undefined where none is known. */
export function busyAmount(history: HourHistory, number: number): number | undefined {
  const known = amountsBefore(history, number)
  return known.length > 0 ? percentile(known, BUSY_PERCENTILE) : undefined
}

/** Of the weeks before an hour, in no particular order; those of a slot only, where one is given. */
function amountsBefore({ amounts, slots, newest }: HourHistory, number: number, slot?: number): number[] {
  const { length } = amounts
  const earliest = number - (length - SPARE_HOURS)
  const newestPlace = newest % length
  const found: number[] = []
  for (let place = 0; place < length; place++) {
    if (slot !== undefined && slots[place] !== slot) continue
    const amount = amounts[place]!
    const each = newest - newestPlace + place - (place > newestPlace ? length : 0)
    if (!Number.isNaN(amount) && earliest <= each && each < number) found.push(amount)
  }
  return found
}
