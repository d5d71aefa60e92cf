import { type Interval, periodsBetween } from '../model/calendar.ts'
import type { Exclusion } from '../model/exclusion.ts'
import type { ConsumptionFigure } from '../model/figure.ts'
import { sumFigures } from '../model/figure.ts'
import type { KeptPeriod } from '../model/period.ts'
import type { Judgement } from '../model/statement.ts'
import { inTurn, limitHeld } from '../model/workshare.ts'
import { isRead, type Meter, type ReadMeter } from '../registry/registry.ts'
import type { FigureStore } from '../store/figures.ts'
import type { ReadingStore } from '../store/readings.ts'
import type { StatementStore } from '../store/statements.ts'
import { consumptionByHour } from './consumption.ts'
import { spreadByProfile } from './profile.ts'
import { bringTogether } from './together.ts'
import { firstReading } from './window.ts'

/** The size of a piece. */
const READINGS_AT_ONCE = 20_000
const JUDGED_AT_ONCE = 1000
/** Readings in memory, of all meters together; of a month of statements as much as of a piece. */
const withReadings = limitHeld(10 * READINGS_AT_ONCE)

/** What consumption is computed from, and into. */
export interface FluidStores {
  readings: ReadingStore
  figures: FigureStore
  statements: StatementStore
  timeZone: string
}

/** Consumption over whole hours, as the readings have it. */
export interface HourlyConsumption {
  hours: Interval
  figures: ConsumptionFigure[]
  /** What had to be left out, ascending. */
  exclusions: Exclusion[]
  /** What has become of the statements. */
  judgements: ReadonlyMap<number, Judgement>
}

/** Computes the hours that a change touches; `change` has the times of readings or statements, both inclusive. */
export async function computeHours(
  stores: FluidStores,
  meter: Meter,
  change: Interval,
): Promise<HourlyConsumption> {
  const { timeZone } = stores
  const { hours, segments, readingTimes, exclusions, judgements } = await bringTogether(stores, meter, change)
  const periods = periodsBetween('hour', hours.start, hours.end, timeZone)
  const figures = await inTurn(() => {
    const spread = meter.profile ? spreadByProfile(segments, meter.profile, timeZone) : segments
    return consumptionByHour(spread, periods, readingTimes, timeZone)
  })
  return {
    hours,
    figures,
    exclusions: exclusions
      .filter(({ time }) => time >= hours.start && time < hours.end)
      .sort((a, b) => a.time - b.time),
    judgements,
  }
}

/** The same in pieces that hold up the event loop for some ten milliseconds each, however long the change. */
export async function* computeInPieces(
  stores: FluidStores,
  meter: Meter,
  change: Interval,
): AsyncGenerator<HourlyConsumption> {
  const pieces = isRead(meter) ? await splitChange(stores.readings, meter, change) : [change]
  const isStated = stores.statements.extent(meter.id) !== undefined
  for (const piece of isStated ? pieces.flatMap(each => splitMonths(stores, each)) : pieces) {
    const { start, end } = piece
    const read = meter.point ? (end - start) / meter.point.interval : 0
    const count = isStated ? READINGS_AT_ONCE : Math.min(read, READINGS_AT_ONCE)
    yield await withReadings(count, () => computeHours(stores, meter, piece))
  }
}

/**
 * Brings the figures of a meter up to date around a change: hours from indexes, days from hours, months
 * from days. Each replacement is one transaction; in this order, so that a crash in between shows (see
 * {@link ./stale.ts}).
 *
 * @returns the hours that were computed, and what had to be left out near the change
 */
export async function recompute(
  stores: FluidStores,
  meter: Meter,
  change: Interval,
): Promise<{ touched: Interval; exclusions: Exclusion[] }> {
  const touched = { start: Infinity, end: -Infinity }
  const excluded: Exclusion[] = []
  for await (const { hours, figures, exclusions, judgements } of computeInPieces(stores, meter, change)) {
    await stores.figures.replace(meter.id, 'hour', hours.start, hours.end, figures, exclusions)
    const judged = [...judgements]
    for (let at = 0; at < judged.length; at += JUDGED_AT_ONCE) {
      await inTurn(() => stores.statements.judge(new Map(judged.slice(at, at + JUDGED_AT_ONCE))))
    }
    touched.start = Math.min(touched.start, hours.start)
    touched.end = Math.max(touched.end, hours.end)
    excluded.push(...exclusions)
  }
  const days = await replaceSums(stores, meter, 'hour', 'day', touched)
  await replaceSums(stores, meter, 'day', 'month', days)
  return { touched, exclusions: excluded }
}

/** Cuts a change where a day begins, so that no piece has too many readings to compute at once. */
async function splitChange(readings: ReadingStore, meter: ReadMeter, change: Interval): Promise<Interval[]> {
  if ((change.end - change.start) / meter.point.interval <= READINGS_AT_ONCE) return [change]
  const first = await firstReading(readings, meter, change.end)
  const days = await readings.aggregate(meter.point.id, 'day', Math.max(change.start, first), change.end + 1)
  const starts = [change.start]
  let count = 0
  for (const day of days) {
    count += day.count
    if (count <= READINGS_AT_ONCE || day.start <= starts.at(-1)!) continue
    starts.push(day.start)
    count = day.count
  }
  return starts.map((start, at) => ({ start, end: (starts[at + 1] ?? change.end + 1) - 1 }))
}

/** Load curves have some thousand statements a month. */
function splitMonths({ timeZone }: FluidStores, { start, end }: Interval): Interval[] {
  return periodsBetween('month', start, end + 1, timeZone).map(month => {
    return { start: Math.max(start, month.start), end: Math.min(end, month.end - 1) }
  })
}

/** Sums the parts over the periods that an interval touches, and gives the interval of those periods. */
async function replaceSums(
  { figures, timeZone }: FluidStores,
  meter: Meter,
  part: KeptPeriod,
  whole: KeptPeriod,
  interval: Interval,
): Promise<Interval> {
  const periods = periodsBetween(whole, interval.start, interval.end, timeZone)
  const start = periods[0]!.start
  const end = periods.at(-1)!.end
  const parts = await figures.consumption(meter.id, part, start, end)
  await figures.replace(meter.id, whole, start, end, sumFigures(parts, periods))
  return { start, end }
}
