import { type Cost, civilHour, openDayCosts } from '../../energy/cost.ts'
import { periodsBetween } from '../../model/calendar.ts'
import { groupMeters, loadWithDeductions, siteConsumption, siteUnit } from '../../model/consumption.ts'
import type { Unit } from '../../model/units.ts'
import type { Meter, Registry } from '../../registry/registry.ts'
import type { FigureStore } from '../../store/figures.ts'
import { contractsOf, shareOf } from './contracts.ts'

/** What a site's share of a meter costs, day by day. */
export interface MeterCosts {
  meter: Meter
  /** Of the amounts. */
  unit: Unit
  /** Those that hold within the span, by id. */
  tariffs: string[]
  days: Cost[]
}

/**
 * Makes the function that tells what a site's share of each meter costs over the civil days in [from, to), ms
 * UTC, both at the start of a day, by the hours of the figures; and which of its meters have no tariff then.
 */
export function openSiteCosts({ registry, figures }: { registry: Registry; figures: FigureStore }) {
  const { timeZone } = registry.territory

  return async (site: string, from: number, to: number) => {
    const all = groupMeters(registry.meters.values(), site).flatMap(({ meters }) => meters)
    const costs = all.map(meter => {
      const contracts = contractsOf(meter, registry).filter(({ start, end }) => start < to && end > from)
      return {
        meter,
        unit: siteUnit(meter),
        tariffs: [...new Set(contracts.map(({ tariff }) => tariff.id))],
        days: [] as Cost[],
        dayCosts: openDayCosts(contracts, shareOf(meter, site, timeZone), timeZone),
      }
    })
    const priced = costs.filter(({ tariffs }) => tariffs.length > 0)
    // Month by month: the hours of ten years are not held at once.
    for (const month of periodsBetween('month', from, to, timeZone)) {
      const [start, end] = [Math.max(month.start, from), Math.min(month.end, to)]
      const days = periodsBetween('day', start, end, timeZone)
      const hours = periodsBetween('hour', start, end, timeZone)
      const civil = hours.map(hour => civilHour(hour, timeZone))
      for (const each of priced) {
        const load = (meter: Meter) => figures.consumption(meter.id, 'hour', start, end)
        const source = await loadWithDeductions(each.meter, registry.meters.values(), load)
        const used = siteConsumption(site, [source], hours, timeZone, 'hour')
        each.days.push(
          ...each.dayCosts(
            days,
            used.map((hour, i) => ({ ...hour, civil: civil[i]! })),
          ),
        )
      }
    }
    return {
      meters: priced.map(({ dayCosts: _, ...meter }): MeterCosts => meter),
      withoutTariff: costs.filter(({ tariffs }) => tariffs.length === 0).map(({ meter }) => meter.id),
    }
  }
}
