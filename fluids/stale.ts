import { type Interval, periodStart } from '../model/calendar.ts'
import type { ConsumptionFigure } from '../model/figure.ts'
import { sumFigures } from '../model/figure.ts'
import type { RevisionReason } from '../model/revision.ts'
import { DAY_MS } from '../model/time.ts'
import { inTurn } from '../model/workshare.ts'
import { isRead, type Meter, type ReadMeter } from '../registry/registry.ts'
import type { Aggregate } from '../store/readings.ts'
import type { FluidStores } from './recompute.ts'
import { firstReading } from './window.ts'

/** To be raised when the arithmetic of figures changes: all are then computed anew, once. */
const ARITHMETIC = 1

/** What the figures of a meter rest on beside its readings. */
export function basisOf(meter: Meter, timeZone: string): string {
  const { unit, resolution, digits, maxPerHour, replacements, profile, point } = meter
  const parts = [
    ARITHMETIC,
    timeZone,
    point?.id,
    unit,
    resolution,
    digits,
    maxPerHour,
    point?.interval,
    point?.dueWithin,
    replacements,
    profile,
  ]
  return JSON.stringify(parts)
}

/**
 * Where the figures of a meter do not rest on its readings: ranges of source times, both inclusive, and
 * why. Everything, when the registry or the arithmetic has changed since.
 */
export async function findStale(
  stores: FluidStores,
  meter: Meter,
  now: number,
): Promise<{ reason: RevisionReason; ranges: Interval[] }> {
  const [latest] = isRead(meter) ? await stores.readings.latest([meter.point.id]) : []
  const stated = stores.statements.extent(meter.id)
  const until = Math.max(latest?.time ?? 0, stated?.end ?? 0, now) + DAY_MS
  const stored = isRead(meter) ? await storedDays(stores, meter, until) : []
  const days = await stores.figures.consumption(meter.id, 'day', 0, until)
  const months = await stores.figures.consumption(meter.id, 'month', 0, until)
  const all = [
    ...new Map([...stored, ...days].map(({ start, end }) => [start, { start, end: end - 1 }])).values(),
  ]
  all.sort((a, b) => a.start - b.start)
  const basis = await stores.figures.basis(meter.id)
  if (basis !== basisOf(meter, stores.timeZone)) {
    const known = [...all, ...(stated ? [stated] : [])]
    if (known.length === 0) return { reason: 'registry', ranges: [] }
    const ranges = [
      {
        start: known.reduce((least, { start }) => Math.min(least, start), Infinity),
        end: known.reduce((most, { end }) => Math.max(most, end), -Infinity),
      },
    ]
    return { reason: 'registry', ranges }
  }
  const stale = await inTurn(() => staleDays(stored, days, months, stores.timeZone))
  return { reason: 'readings', ranges: joinNeighbours(all, ({ start }) => stale.has(start)) }
}

async function storedDays({ readings }: FluidStores, meter: ReadMeter, until: number): Promise<Aggregate[]> {
  const first = await firstReading(readings, meter, until)
  return readings.aggregate(meter.point.id, 'day', first, until)
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
