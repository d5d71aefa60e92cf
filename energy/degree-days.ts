import { DAY_MS, HOUR_MS } from '../model/time.ts'

/**
 * Degree-days of heating and cooling by the formulas of the arrêté of 10 April 2020 ("décret tertiaire"), as
 * consolidated and checked on 2026-11-26. From a station of one's own they are for steering only: what is
 * declared is adjusted by the national platform, with the stations of Météo-France.
 */

/** The threshold of most activities, °C. */
export const USUAL_THRESHOLD = 18

/** The extremes of one day, °C. */
export interface Extremes {
  min: number
  max: number
}

/** What a station said in an hour of UTC: the extremes are null where nothing good was heard. */
export interface HourTemperatures {
  /** ms UTC */
  start: number
  min: number | null
  max: number | null
}

export interface DegreeDay {
  /** ISO date */
  date: string
  /** °C·day; null where hours are missing. */
  heating: number | null
  cooling: number | null
  /** Of the 36 hours that the day is judged by, those that say something. */
  hours: number
}

/** The minimum is that of [18:00 the day before, 18:00), the maximum that of [06:00, 06:00 the day after), UTC. */
const MINIMUM_FROM_MS = -6 * HOUR_MS
const MAXIMUM_FROM_MS = 6 * HOUR_MS
/** How many hours the two windows hold together. */
export const HOURS_OF_A_DAY = (MAXIMUM_FROM_MS + DAY_MS - MINIMUM_FROM_MS) / HOUR_MS

/** °C·day below the threshold, °C. */
export function heatingDegrees({ min, max }: Extremes, threshold: number): number {
  if (threshold > max) return threshold - (min + max) / 2
  if (threshold <= min) return 0
  return partialDegrees(threshold - min, max - min)
}

/** °C·day above the threshold, °C. */
export function coolingDegrees({ min, max }: Extremes, threshold: number): number {
  if (threshold > max) return 0
  if (threshold <= min) return (min + max) / 2 - threshold
  return partialDegrees(max - threshold, max - min)
}

/** A threshold within the day's range: how far it lies from the extreme, of how much. */
function partialDegrees(distance: number, range: number): number {
  return distance * (0.08 + (0.42 * distance) / range)
}

/**
 * The degree-days of dates, in their order. A missing hour may have held the extreme, so a day has figures
 * only where each of its 36 hours says something.
 *
 * @param dates ISO dates
 * @param hours in any order; those beyond the dates' windows are not looked at
 */
export function degreeDays(
  dates: readonly string[],
  hours: readonly HourTemperatures[],
  threshold = USUAL_THRESHOLD,
): DegreeDay[] {
  const byStart = new Map(hours.map(hour => [hour.start, hour]))
  return dates.map(date => {
    const { start, end } = hoursNeeded(date)
    const said: { start: number; min: number; max: number }[] = []
    for (let time = start; time < end; time += HOUR_MS) {
      const { min = null, max = null } = byStart.get(time) ?? {}
      if (min !== null && max !== null) said.push({ start: time, min, max })
    }
    if (said.length < HOURS_OF_A_DAY) return { date, heating: null, cooling: null, hours: said.length }
    const extremes = {
      min: Math.min(...said.filter(hour => hour.start < start + DAY_MS).map(hour => hour.min)),
      max: Math.max(...said.filter(hour => hour.start >= end - DAY_MS).map(hour => hour.max)),
    }
    return {
      date,
      heating: heatingDegrees(extremes, threshold),
      cooling: coolingDegrees(extremes, threshold),
      hours: said.length,
    }
  })
}

/** The degree-days of dates, in their order, from the extremes of each as a station publishes them. */
export function degreeDaysOfExtremes(
  dates: readonly string[],
  days: ReadonlyMap<string, Extremes>,
  threshold = USUAL_THRESHOLD,
): DegreeDay[] {
  return dates.map(date => {
    const extremes = days.get(date)
    if (!extremes) return { date, heating: null, cooling: null, hours: 0 }
    const [heating, cooling] = [heatingDegrees(extremes, threshold), coolingDegrees(extremes, threshold)]
    return { date, heating, cooling, hours: HOURS_OF_A_DAY }
  })
}

/** The span whose hours a date is judged by, ms UTC: from 18:00 the day before to 06:00 the day after. */
export function hoursNeeded(date: string): { start: number; end: number } {
  const midnight = Date.parse(date)
  return { start: midnight + MINIMUM_FROM_MS, end: midnight + MAXIMUM_FROM_MS + DAY_MS }
}

/** The degree-days of a period: null where one of its days has none. */
export interface DegreeDaySum {
  heating: number | null
  cooling: number | null
  days: number
  /** How many of the days have figures. */
  known: number
}

export function sumDegreeDays(days: readonly DegreeDay[]): DegreeDaySum {
  const known = days.filter(day => day.heating !== null)
  const sum = (of: 'heating' | 'cooling') =>
    known.length < days.length ? null : known.reduce((total, day) => total + day[of]!, 0)
  return { heating: sum('heating'), cooling: sum('cooling'), days: days.length, known: known.length }
}
