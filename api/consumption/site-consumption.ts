import { type Interval, periodsBetween } from '../../model/calendar.ts'
import { groupMeters, loadWithDeductions, siteConsumption, sumConsumption } from '../../model/consumption.ts'
import { type Decimal, formatDecimal } from '../../model/decimal.ts'
import type { Fluid } from '../../model/fluid.ts'
import type { Period } from '../../model/period.ts'
import { grainOf, type StatedPart } from '../../model/statement.ts'
import type { Unit } from '../../model/units.ts'
import type { Meter, Registry } from '../../registry/registry.ts'
import type { FigureStore } from '../../store/figures.ts'

/** What a site used of one fluid, period by period without holes. */
export interface SiteFluid {
  fluid: Fluid
  unit: Unit
  rows: (Interval & {
    /** An exact decimal in the unit; null without data. */
    amount: string | null
    /** 0 to 1 */
    coverage: number
    /** What of the amount was stated rather than read, where something was. */
    stated?: readonly StatedPart<Decimal>[]
  })[]
}

/**
 * Makes the function that tells what a site used of each fluid over the civil periods in [from, to), ms
 * UTC, from the figures of all meters that count for it (see {@link siteConsumption}).
 */
export function openSiteConsumption({ registry, figures }: { registry: Registry; figures: FigureStore }) {
  const { timeZone } = registry.territory

  return async (site: string, by: Period, from: number, to: number): Promise<SiteFluid[]> => {
    // An allocation changes at midnight, so longer periods are sums of days.
    const part = by === 'hour' ? 'hour' : 'day'
    const periods = periodsBetween(by, from, to, timeZone)
    const [start, end] = [periods[0]?.start ?? from, periods.at(-1)?.end ?? from]
    const parts = part === by ? periods : periodsBetween(part, start, end, timeZone)
    const load = (meter: Meter) => figures.consumption(meter.id, part, start, end)
    return Promise.all(
      groupMeters(registry.meters.values(), site).map(async ({ fluid, unit, meters }) => {
        const sources = await Promise.all(
          meters.map(meter => loadWithDeductions(meter, registry.meters.values(), load)),
        )
        const consumption = siteConsumption(site, sources, parts, timeZone, grainOf(by))
        const rows = sumConsumption(consumption, periods).map(
          ({ amount, coveredMs, partial: _, ...period }) => ({
            ...period,
            amount: amount ? formatDecimal(amount) : null,
            coverage: coveredMs / (period.end - period.start),
          }),
        )
        return { fluid, unit, rows }
      }),
    )
  }
}
