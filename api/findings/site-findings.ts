import { setImmediate } from 'node:timers/promises'
import { openUseCost } from '../../energy/cost.ts'
import {
  type FoundWaste,
  type Looked,
  lookAtBase,
  lookAtBoth,
  lookAtNights,
  lookForFlow,
  lookOutside,
  unknownOf,
} from '../../energy/findings.ts'
import { type HourUse, sumOfHours } from '../../energy/hour-use.ts'
import { nightHoursOf } from '../../energy/night.ts'
import type { CountedMeter } from '../../energy/waste-ranking.ts'
import { intervalOfDates } from '../../model/calendar.ts'
import { allocationsOf, groupMeters, siteUnit } from '../../model/consumption.ts'
import { formatDecimal } from '../../model/decimal.ts'
import { powerBetween, type Unit } from '../../model/units.ts'
import type { Meter, Registry } from '../../registry/registry.ts'
import type { Site } from '../../registry/schema.ts'
import type { FigureStore } from '../../store/figures.ts'
import { contractsOf, shareOf } from '../cost/contracts.ts'
import { type Calendar, nightsOf, openMeterHours, openSiteCalendar } from './site-hours.ts'

/** Waste that was found at a site. */
export interface SiteFinding extends Omit<FoundWaste, 'wasted'> {
  site: string
  /** Those that it was found on. */
  meters: string[]
  unit: Unit
  /** In the unit. */
  amount: number
  /** € with VAT; undefined where not all of it has a price. */
  cost: number | undefined
}

export type SiteUnknown = Looked['unknown'][number] & { meters: string[] }

export interface SiteFindings {
  site: Site
  found: SiteFinding[]
  unknown: SiteUnknown[]
  /** All that were looked at. */
  meters: (CountedMeter & { unit: Unit })[]
}

/** Ours: machines that stand by use less than a watt by m². In kWh in an hour. */
const RUNNING_PER_M2 = 0.001

/**
 * Makes the function that looks for waste at a site. Others have the event loop between its steps, since a territory
 * has hundreds of meters.
 */
export function openSiteFindings(stores: { registry: Registry; figures: FigureStore }, calendar: Calendar) {
  const { registry } = stores
  const { timeZone } = registry.territory
  const hoursOf = openMeterHours(stores)
  const calendarOf = openSiteCalendar(registry, calendar)
  const civilAt = new Map(calendar.hours.map(({ start, civil }) => [start, civil]))

  const costOf = (meter: Meter, { wasted }: FoundWaste): number | undefined => {
    const cost = openUseCost(contractsOf(meter, registry))
    const sum = cost(wasted.map(hour => ({ ...hour, civil: civilAt.get(hour.start)! })))
    return sum && Number(formatDecimal(sum))
  }

  return async (site: Site): Promise<SiteFindings> => {
    const { open, ...days } = calendarOf(site)
    const meters = metersOf(registry, site)
    const used = new Map<string, HourUse[]>()
    const found: SiteFinding[] = []
    const unknown: SiteUnknown[] = []
    const take = (looked: Looked, some: Meter[], unit: Unit) => {
      for (const waste of looked.found) {
        const { wasted, ...told } = waste
        const cost = some.length === 1 ? costOf(some[0]!, waste) : undefined
        found.push({ ...told, site: site.id, meters: namesOf(some), unit, amount: sumOfHours(wasted), cost })
      }
      for (const each of looked.unknown) unknown.push({ ...each, meters: namesOf(some) })
    }

    for (const meter of meters) {
      const hours = await hoursOf(meter, site.id, calendar)
      await setImmediate()
      const looked = { ...days, hours: hours.map((hour, at) => ({ ...hour, open: open[at] })) }
      const unit = siteUnit(meter)
      const climate = meter.heating || meter.cooling
      const outside = climate ? 'climate-outside-opening' : 'outside-opening'
      if (site.kind === 'building' || site.opening) take(lookOutside(looked, outside), [meter], unit)
      if (!climate) take(lookAtBase(looked, stepOf(meter, meter.resolution)), [meter], unit)
      if (meter.fluid === 'eau') {
        const share = Number(formatDecimal(shareOf(meter, site.id, timeZone)(calendar.end - 1)))
        const byRight = stepOf(meter, meter.nightUse) * share
        const nights = nightsOf(hours, days, nightHoursOf(meter, registry.territory), timeZone)
        take(lookForFlow(looked, byRight), [meter], unit)
        take(lookAtNights(nights, days.from, byRight), [meter], unit)
      }
      if (climate) used.set(meter.id, hours.slice(-hoursFrom(calendar)))
    }

    // Findings are of late: what holds at the end of them tells.
    const latest = meters.map(meter => meterAt(meter, calendar.end - 1, timeZone))
    const [heating, cooling] = (['heating', 'cooling'] as const).map(does =>
      groupMeters(
        latest.filter(meter => meter[does]),
        site.id,
      ).flatMap(group => group.meters),
    )
    if (heating!.length > 0 && cooling!.length > 0) {
      const both = [...heating!, ...cooling!]
      take(lookAtClimate(site, heating!, cooling!, used), both, 'kW.h')
    }
    return { site, found, unknown, meters: countedOf(latest, site) }
  }
}

/** How many hours of a calendar are looked into: its last. */
function hoursFrom({ hours, from }: Calendar): number {
  return hours.filter(({ start }) => start >= from).length
}

function lookAtClimate(
  { floorArea }: Site,
  heating: readonly Meter[],
  cooling: readonly Meter[],
  used: ReadonlyMap<string, HourUse[]>,
): Looked {
  const kind = 'heating-and-cooling'
  if ([...heating, ...cooling].some(meter => siteUnit(meter) !== 'kW.h'))
    return unknownOf(kind, 'no-conversion')
  if (floorArea === undefined) return unknownOf(kind, 'no-floor-area')
  const sumOf = (meters: readonly Meter[]) => addUse(meters.map(({ id }) => used.get(id)!))
  return lookAtBoth(sumOf(heating), sumOf(cooling), floorArea * RUNNING_PER_M2)
}

/** What several meters used in the same hours; not known where one of them is not. */
function addUse([first, ...others]: readonly HourUse[][]): HourUse[] {
  return first!.map((hour, at) => ({
    ...hour,
    amount: others.reduce<number | undefined>((sum, other) => {
      const { amount } = other[at]!
      return sum === undefined || amount === undefined ? undefined : sum + amount
    }, hour.amount),
  }))
}

/** All meters of what a site uses, those within others, too: they tell where it is. */
function metersOf({ meters }: Registry, site: Site): Meter[] {
  return [...meters.values()].filter(
    meter =>
      meter.direction !== 'export' &&
      !meter.reactive &&
      allocationsOf(meter).some(allocation => allocation.site === site.id),
  )
}

/** A meter within what it is within at an instant, as though always. */
function meterAt(meter: Meter, time: number, timeZone: string): Meter {
  const held = meter.within?.find(dates => {
    const { start, end } = intervalOfDates(dates, timeZone)
    return start <= time && time < end
  })
  return { ...meter, within: held && [{ meter: held.meter }] }
}

function countedOf(meters: readonly Meter[], site: Site): SiteFindings['meters'] {
  const counted = new Set(groupMeters(meters, site.id).flatMap(group => namesOf(group.meters)))
  return meters.map(meter => ({
    id: meter.id,
    within: meter.within?.[0]?.meter,
    counted: counted.has(meter.id),
    unit: siteUnit(meter),
  }))
}

/** An amount in the unit of a meter, in the unit of its site. */
function stepOf(meter: Meter, amount: number): number {
  const factor = meter.conversions.at(-1)?.kilowattHours
  return amount * (factor ?? 10 ** (powerBetween(meter.unit, siteUnit(meter)) ?? 0))
}

function namesOf(meters: readonly Meter[]): string[] {
  return meters.map(({ id }) => id)
}
