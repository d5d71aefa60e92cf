import { type Interval, type Period, periodsBetween } from '../model/calendar.ts'
import type { Meter } from '../registry/registry.ts'
import type { ConsumptionFigure, FigureStore } from '../store/figures.ts'
import type { ReadingStore } from '../store/readings.ts'
import type { CivilHours } from './civil-hours.ts'
import { consumptionByHour, sumFigures } from './consumption.ts'
import { acceptIndexes, type Exclusion } from './indexes.ts'
import { loadWindow } from './window.ts'

/** What consumption is computed from, and into. */
export interface FluidStores {
  readings: ReadingStore
  figures: FigureStore
  timeZone: string
  civil: CivilHours
}

/** Consumption over whole hours, as the readings have it. */
export interface HourlyConsumption {
  hours: Interval
  figures: ConsumptionFigure[]
  /** What had to be left out, ascending. */
  exclusions: Exclusion[]
}

/** Computes the hours that a change of readings touches; `change` has their source times, both inclusive. */
export async function computeHours(
  { readings, civil }: FluidStores,
  meter: Meter,
  change: Interval,
): Promise<HourlyConsumption> {
  const { hours, indexes, readingTimes, exclusions } = await loadWindow(readings, meter, change, civil)
  const acceptance = acceptIndexes(indexes, meter)
  return {
    hours,
    figures: consumptionByHour(
      acceptance.accepted,
      civil.between(hours.start, hours.end),
      readingTimes,
      meter.point.interval,
    ),
    exclusions: [...exclusions, ...acceptance.exclusions]
      .filter(({ time }) => time >= hours.start && time < hours.end)
      .sort((a, b) => a.time - b.time),
  }
}

/**
 * Brings the figures of a meter up to date around a change: hours from indexes, days from hours, months
 * from days, each replaced in one transaction; in this order, so that a crash in between shows (see
 * {@link ./stale.ts}).
 *
 * @returns what had to be left out near the change
 */
export async function recompute(stores: FluidStores, meter: Meter, change: Interval): Promise<Exclusion[]> {
  const { hours, figures, exclusions } = await computeHours(stores, meter, change)
  await stores.figures.replace(meter.id, 'hour', hours.start, hours.end, figures)
  const days = await replaceSums(stores, meter, 'hour', 'day', hours, figures)
  await replaceSums(stores, meter, 'day', 'month', days.interval, days.figures)
  return exclusions
}

/** Sums new parts, and those that stand on either side of them, over the periods that they lie in. */
async function replaceSums(
  { figures, timeZone }: FluidStores,
  meter: Meter,
  part: Period,
  whole: Period,
  { start, end }: Interval,
  parts: readonly ConsumptionFigure[],
): Promise<{ interval: Interval; figures: ConsumptionFigure[] }> {
  const periods = periodsBetween(whole, start, end, timeZone)
  const interval = { start: periods[0]!.start, end: periods.at(-1)!.end }
  const before = await figures.consumption(meter.id, part, interval.start, start)
  const after = await figures.consumption(meter.id, part, end, interval.end)
  const sums = sumFigures([...before, ...parts, ...after], periods)
  await figures.replace(meter.id, whole, interval.start, interval.end, sums)
  return { interval, figures: sums }
}
