import { dayMeans } from '../../energy/day-means.ts'
import { type DegreeDaySum, degreeDays, hoursNeeded, sumDegreeDays } from '../../energy/degree-days.ts'
import { type Interval, localDate, periodsBetween } from '../../model/calendar.ts'
import type { Registry } from '../../registry/registry.ts'
import type { ReadingStore } from '../../store/readings.ts'

/** The climate of months that follow each other. */
export interface Climate {
  /** One for each month. */
  months: DegreeDaySum[]
  total: DegreeDaySum
  /** Mean temperature of each civil day, °C, by its start, ms UTC; absent where hours are missing. */
  means: ReadonlyMap<number, number>
  /** Mean heating degree-days of each month; null where the registry has none. */
  references: (number | null)[]
}

/** The climate of whole months by the territory's own station; undefined where the registry names none. */
export async function climateOf(
  { territory }: Registry,
  readings: ReadingStore,
  months: readonly Interval[],
): Promise<Climate | undefined> {
  const { climate, timeZone } = territory
  if (!climate) return undefined
  const days = periodsBetween('day', months[0]!.start, months.at(-1)!.end, timeZone)
  const dates = days.map(day => localDate(day.start, timeZone))
  const [from, to] = [hoursNeeded(dates[0]!).start, hoursNeeded(dates.at(-1)!).end]
  const hours = await readings.aggregate(climate.point, 'hour', from, to)
  const figures = degreeDays(dates, hours, climate.threshold)
  const means = dayMeans(days, hours)
  return {
    months: months.map(({ start, end }) =>
      sumDegreeDays(figures.filter((_, i) => days[i]!.start >= start && days[i]!.start < end)),
    ),
    total: sumDegreeDays(figures),
    means: new Map(days.flatMap(({ start }, i) => (means[i] === null ? [] : [[start, means[i]!]]))),
    references: months.map(({ start }) => {
      const month = Number(localDate(start, timeZone).slice(5, 7))
      return climate.reference?.heating[month - 1] ?? null
    }),
  }
}
