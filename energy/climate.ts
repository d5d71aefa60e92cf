import type { Interval } from '../model/calendar.ts'
import { dayMeans } from './day-means.ts'
import { type DegreeDay, degreeDays, degreeDaysOfExtremes, type HourTemperatures } from './degree-days.ts'
import type { OfficialStation } from './official-station.ts'

/** The climate of days that follow each other, one of each for each of them. */
export interface DailyClimate {
  figures: DegreeDay[]
  /** °C; null where it is not known. Of an official station the middle of the extremes. */
  means: (number | null)[]
}

/**
 * @param dates ISO dates
 * @param threshold of the degree-days, °C
 */
export function climateOfStation(
  { days }: OfficialStation,
  dates: readonly string[],
  threshold: number,
): DailyClimate {
  const means = dates.map(date => {
    const extremes = days.get(date)
    return extremes ? (extremes.min + extremes.max) / 2 : null
  })
  return { figures: degreeDaysOfExtremes(dates, days, threshold), means }
}

/**
 * @param hours of the own point, those that the dates need
 * @param days the civil days of the dates
 */
export function climateOfHours(
  hours: readonly (HourTemperatures & { mean: number | null })[],
  days: readonly Interval[],
  dates: readonly string[],
  threshold: number,
): DailyClimate {
  return { figures: degreeDays(dates, hours, threshold), means: dayMeans(days, hours) }
}
