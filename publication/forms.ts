import type { LocalDates } from '../model/calendar.ts'
import { allocationsOf, countingOf, siteUnit } from '../model/consumption.ts'
import { addDecimals, type Decimal, toDecimal } from '../model/decimal.ts'
import { cutAt, holdsOn } from '../model/local-dates.ts'
import type { Meter } from '../registry/registry.ts'

/**
 * A figure as the sum of what it is made of: own parts of meters by the meter's id, each with its factor, never 0. The
 * own part of a meter is what it counts and no meter within it does. Every consumption is such a sum, and no own part
 * follows from the others.
 */
export type Form = ReadonlyMap<string, Decimal>

/** Meters by fluid that can be held against each other: they count for one building, or one is within the other. */
export function linkedMeters(meters: Iterable<Meter>): Meter[][] {
  const above = new Map<string, string>()
  const top = (key: string): string => {
    const next = above.get(key)
    return next === undefined ? key : top(next)
  }
  const counting = [...meters].filter(meter => !meter.reactive)
  for (const meter of counting) {
    for (const key of linksOf(meter)) {
      const [one, other] = [top(meterKey(meter, meter.id)), top(key)]
      if (one !== other) above.set(one, other)
    }
  }
  return [...Map.groupBy(counting, meter => top(meterKey(meter, meter.id))).values()]
}

function linksOf(meter: Meter): string[] {
  return [
    ...(meter.within ?? []).map(within => meterKey(meter, within.meter)),
    ...allocationsOf(meter).map(({ site }) => `site ${site} ${kindOf(meter)}`),
  ]
}

function meterKey(meter: Meter, id: string): string {
  return `meter ${id} ${kindOf(meter)}`
}

function kindOf(meter: Meter): string {
  return `${meter.fluid} ${siteUnit(meter)}`
}

/** All dates, in stretches on which each of some meters counts for the same, and is within the same. */
export function stretchesOf(meters: readonly Meter[]): LocalDates[] {
  return cutAt(meters.flatMap(meter => [...meter.allocations, ...(meter.within ?? [])]))
}

/** What figures of linked meters are made of, on one of their stretches. */
export interface Forms {
  /** Empty where no meter counts for the site. */
  consumption(site: string, counts?: (meter: Meter) => boolean): Form
  /** How many dwellings the own part of a meter serves. */
  dwellings(meter: string): number
}

export function openForms(meters: readonly Meter[], stretch: LocalDates): Forms {
  const date = stretch.from ?? ''
  const on = <T extends LocalDates>(dates: readonly T[]) => dates.filter(each => holdsOn(each, date))
  const within = Map.groupBy(
    meters.flatMap(meter => on(meter.within ?? []).map(({ meter: main }) => ({ main, meter }))),
    ({ main }) => main,
  )
  const partsOf = ({ id }: Meter) => (within.get(id) ?? []).map(({ meter }) => meter)
  const ownParts = (meter: Meter): string[] => [meter.id, ...partsOf(meter).flatMap(ownParts)]
  const served = (meter: Meter): number =>
    Math.max(
      meter.dwellings ?? 0,
      partsOf(meter).reduce((sum, part) => sum + served(part), 0),
    )
  const own = new Map(
    meters.map(meter => [
      meter.id,
      partsOf(meter).reduce((rest, part) => rest - served(part), served(meter)),
    ]),
  )
  const counting = meters.flatMap(meter => {
    if (meter.direction === 'export') return []
    const { less, countedOtherwise } = countingOf(meter, meters)
    if (on(countedOtherwise).length > 0) return []
    const deducted = new Set(
      on(less.map(({ meter, during }) => ({ meter, ...during }))).flatMap(part => ownParts(part.meter)),
    )
    return [{ meter, parts: ownParts(meter).filter(part => !deducted.has(part)) }]
  })
  return {
    consumption(site, counts = () => true) {
      const form = new Map<string, Decimal>()
      for (const { meter, parts } of counting) {
        if (!counts(meter)) continue
        for (const { share } of on(allocationsOf(meter)).filter(each => each.site === site))
          for (const part of parts)
            form.set(part, addDecimals(form.get(part) ?? toDecimal(0), toDecimal(share)))
      }
      return form
    },
    dwellings: meter => own.get(meter) ?? 0,
  }
}
