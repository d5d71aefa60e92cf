import { climateOfHours, climateOfStation } from '../../energy/climate.ts'
import { type DegreeDaySum, hoursNeeded, sumDegreeDays, USUAL_THRESHOLD } from '../../energy/degree-days.ts'
import type { OfficialStation } from '../../energy/official-station.ts'
import { type Interval, localDate, periodsBetween } from '../../model/calendar.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Site } from '../../registry/schema.ts'
import type { ReadingStore } from '../../store/readings.ts'

/** The climate of months that follow each other. */
export interface Climate {
  /** Undefined where it is the territory's own point that tells. */
  station: OfficialStation | undefined
  /** Of the degree-days, °C. */
  threshold: number
  /** One for each month. */
  months: DegreeDaySum[]
  total: DegreeDaySum
  /**
   * Mean temperature of each civil day, °C, by its start, ms UTC; absent where hours are missing. Of an official
   * station the middle of the extremes.
   */
  means: ReadonlyMap<number, number>
  /** Mean heating degree-days of each month; null where the registry has none of this threshold. */
  references: (number | null)[]
  /** What those are; null where there are none. */
  referenceSource: string | null
}

/** Where the climate is known from. */
export interface ClimateSources {
  registry: Registry
  readings: ReadingStore
  /** A station of Météo-France, which goes before the territory's own. */
  officialStation: (() => Promise<OfficialStation>) | undefined
}

/**
 * The climate of whole months, of the threshold of a site's activity or else of the territory's; undefined where
 * neither the hub has an official station nor the registry a point.
 */
export async function climateOf(
  { registry: { territory }, readings, officialStation }: ClimateSources,
  site: Site,
  months: readonly Interval[],
): Promise<Climate | undefined> {
  const { climate, timeZone } = territory
  const { threshold = USUAL_THRESHOLD, reference } = site.climate ?? climate ?? {}
  const days = periodsBetween('day', months[0]!.start, months.at(-1)!.end, timeZone)
  const dates = days.map(day => localDate(day.start, timeZone))
  const station = await officialStation?.()
  if (!station && !climate) return undefined
  const { figures, means } = station
    ? climateOfStation(station, dates, threshold)
    : await ofPoint(readings, climate!.point, days, dates, threshold)
  return {
    ...{ station, threshold },
    months: months.map(({ start, end }) =>
      sumDegreeDays(figures.filter((_, i) => days[i]!.start >= start && days[i]!.start < end)),
    ),
    total: sumDegreeDays(figures),
    means: new Map(days.flatMap(({ start }, i) => (means[i] === null ? [] : [[start, means[i]!]]))),
    references: months.map(({ start }) => {
      const month = Number(localDate(start, timeZone).slice(5, 7))
      return reference?.heating[month - 1] ?? null
    }),
    referenceSource: reference?.source ?? null,
  }
}

async function ofPoint(
  readings: ReadingStore,
  point: string,
  days: readonly Interval[],
  dates: readonly string[],
  threshold: number,
) {
  const [from, to] = [hoursNeeded(dates[0]!).start, hoursNeeded(dates.at(-1)!).end]
  const hours = await readings.aggregate(point, 'hour', from, to)
  return climateOfHours(hours, days, dates, threshold)
}
