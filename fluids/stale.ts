import { type Interval, periodStart } from '../model/calendar.ts'
import { DAY_MS } from '../model/time.ts'
import type { Meter } from '../registry/registry.ts'
import type { ConsumptionFigure } from '../store/figures.ts'
import type { Aggregate } from '../store/readings.ts'
import { sumFigures } from './consumption.ts'
import type { FluidStores } from './recompute.ts'
import { firstReading } from './window.ts'

/** To be raised when the arithmetic of figures changes: all are then computed anew, once. */
const ARITHMETIC = 1

/** What the figures of a meter rest on beside its readings. */
export function basisOf(meter: Meter, timeZone: string): string {
  const { unit, resolution, digits, maxPerHour, replacements, point } = meter
  const { id, interval, dueWithin } = point
  const parts = [
    ARITHMETIC,
    timeZone,
    id,
    unit,
    resolution,
    digits,
    maxPerHour,
    interval,
    dueWithin,
    replacements,
  ]
  return JSON.stringify(parts)
}

/**
 * Where the figures of a meter do not rest on its readings: ranges of source times, both inclusive.
 * Everything, when the registry or the arithmetic has changed since.
 */
export async function findStale(stores: FluidStores, meter: Meter, now: number): Promise<Interval[]> {
  const [latest] = await stores.readings.latest([meter.point.id])
  const until = Math.max(latest?.time ?? 0, now) + DAY_MS
  const first = await firstReading(stores.readings, meter, until)
  const stored = await stores.readings.aggregate(meter.point.id, 'day', first, until)
  const days = await stores.figures.consumption(meter.id, 'day', 0, until)
  const months = await stores.figures.consumption(meter.id, 'month', 0, until)
  const all = [
    ...new Map([...stored, ...days].map(({ start, end }) => [start, { start, end: end - 1 }])).values(),
  ]
  all.sort((a, b) => a.start - b.start)
  const basis = await stores.figures.basis(meter.id)
  if (all.length > 0 && basis !== basisOf(meter, stores.timeZone))
    return [{ start: all[0]!.start, end: all.at(-1)!.end }]
  const stale = staleDays(stored, days, months, stores.timeZone)
  return joinNeighbours(all, ({ start }) => stale.has(start))
}

/**
 * Starts of the days whose figures cannot be right. Readings are neither changed nor removed, so equal
 * counts mean equal readings; a month that is not the sum of its days was cut off by a crash. A day with
 * uncertain readings counts more of them than its figure does, and is done again at each start.
 */
function staleDays(
  stored: readonly Aggregate[],
  days: readonly ConsumptionFigure[],
  months: readonly ConsumptionFigure[],
  timeZone: string,
): Set<number> {
  const missing = new Map(stored.map(day => [day.start, day.valid]))
  for (const { start, readings } of days) missing.set(start, (missing.get(start) ?? 0) - readings)
  const stale = new Set([...missing].filter(([, count]) => count !== 0).map(([start]) => start))
  const kept = new Map(months.map(month => [month.start, month]))
  for (const { start } of days) {
    // A month lacks only until it is written for the first time.
    if (!kept.has(periodStart('month', start, timeZone))) stale.add(start)
  }
  for (const sum of sumFigures(days, months)) {
    if (sameFigure(sum, kept.get(sum.start))) continue
    for (const { start } of days) if (start >= sum.start && start < sum.end) stale.add(start)
  }
  return stale
}

function sameFigure(a: ConsumptionFigure, b: ConsumptionFigure | undefined): boolean {
  return (
    a.start === b?.start && a.amount === b.amount && a.coveredMs === b.coveredMs && a.readings === b.readings
  )
}

/** The intervals that are meant, those in a row joined to one. */
function joinNeighbours(
  intervals: readonly Interval[],
  isMeant: (interval: Interval) => boolean,
): Interval[] {
  const joined: Interval[] = []
  let wasMeant = false
  for (const interval of intervals) {
    const meant = isMeant(interval)
    if (meant && wasMeant) joined.at(-1)!.end = interval.end
    else if (meant) joined.push({ ...interval })
    wasMeant = meant
  }
  return joined
}
