import type { LocalDates } from '../model/calendar.ts'
import { allocationsOf, countingOf, siteUnit } from '../model/consumption.ts'
import { addDecimals, type Decimal, formatDecimal, subtractDecimals, toDecimal } from '../model/decimal.ts'
import { cutAt, holdsOn } from '../model/local-dates.ts'
import { ROUNDED_SHARES } from '../registry/may-appear.ts'
import type { Meter } from '../registry/registry.ts'

/** A figure as a sum: of what it is made of by the meter's id, each with its factor, never 0. */
export type Form = ReadonlyMap<string, Decimal>

/** Meters by fluid that can be held against each other: they count for one building, or one is within the other. */
export function linkedMeters(meters: Iterable<Meter>): Meter[][] {
  return linked(
    [...meters].filter(meter => !meter.reactive),
    linksOf,
  )
}

/** Things that have a name in common, or that others link so. */
export function linked<T>(things: readonly T[], namesOf: (thing: T) => readonly string[]): T[][] {
  const above = new Map<string, string>()
  const top = (name: string): string => {
    const next = above.get(name)
    return next === undefined ? name : top(next)
  }
  const named = things
    .map(thing => ({ thing, names: namesOf(thing) }))
    .filter(({ names }) => names.length > 0)
  for (const { names } of named) {
    for (const name of names) {
      const [one, other] = [top(names[0]!), top(name)]
      if (one !== other) above.set(one, other)
    }
  }
  const groups = Map.groupBy(named, ({ names }) => top(names[0]!))
  return [...groups.values()].map(group => group.map(({ thing }) => thing))
}

/** What links a meter to others. */
export function linksOf(meter: Meter): string[] {
  return [
    meterLink(meter.id),
    ...(meter.within ?? []).map(within => meterLink(within.meter)),
    ...allocationsOf(meter).map(({ site }) => `site ${site} ${meter.fluid} ${siteUnit(meter)}`),
  ]
}

export function meterLink(id: string): string {
  return `meter ${id}`
}

/** All dates, in stretches on which each of some meters counts for the same, and is within the same. */
export function stretchesOf(meters: readonly Meter[]): LocalDates[] {
  return cutAt(meters.flatMap(meter => [...meter.allocations, ...(meter.within ?? [])]))
}

/** What figures of linked meters are made of, on one of their stretches. */
export interface Forms {
  /** The consumption of a site as a sum of what meters count; empty where none counts for it. */
  consumption(site: string): Form
  /** The same of each meter that counts for it: what is told of it where the others say nothing. */
  alone(site: string): Form[]
  /** Of each meter what nobody in the registry has of it. */
  unallocated(): Form[]
  /**
   * A sum of what meters count as one of their own parts: of what a meter counts and no meter within it does. No own part
   * follows from others.
   */
  inOwnParts(form: Form): Form
  /** How many dwellings the own part of a meter serves; undefined of a meter that serves none. */
  dwellings(meter: string): number | undefined
}

export function openForms(meters: readonly Meter[], stretch: LocalDates): Forms {
  const on = <T extends LocalDates>(dates: readonly T[]) =>
    dates.filter(each => holdsOn(each, stretch.from ?? ''))
  const within = Map.groupBy(
    meters.flatMap(meter => on(meter.within ?? []).map(({ meter: main }) => ({ main, part: meter }))),
    ({ main }) => main,
  )
  const partsOf = (id: string) => (within.get(id) ?? []).map(({ part }) => part)
  const allWithin = (id: string): string[] => [id, ...partsOf(id).flatMap(part => allWithin(part.id))]
  const served = (meter: Meter): number => Math.max(meter.dwellings ?? 0, servedBelow(meter))
  const servedBelow = ({ id }: Meter): number => partsOf(id).reduce((sum, part) => sum + served(part), 0)
  const dwellings = new Map(
    meters
      .filter(meter => meter.dwellings !== undefined)
      .map(meter => [meter.id, served(meter) - servedBelow(meter)]),
  )

  const counting = meters.flatMap(meter => {
    const { less, countedOtherwise } = countingOf(meter, meters)
    if (meter.direction === 'export' || on(countedOtherwise).length > 0) return []
    const lessNow = on(less.map(({ meter, during }) => ({ id: meter.id, ...during })))
    return [{ meter, lessNow }]
  })
  type Counting = (typeof counting)[number]
  const sharesOf = ({ meter }: Counting, site?: string) =>
    on(allocationsOf(meter))
      .filter(allocation => site === undefined || allocation.site === site)
      .map(({ share }) => toDecimal(share))
  const termsOf = ({ meter, lessNow }: Counting, share: Decimal) => [
    [meter.id, share] as const,
    ...lessNow.map(({ id }) => [id, subtractDecimals(toDecimal(0), share)] as const),
  ]
  const termsFor = (site: string) => (each: Counting) =>
    sharesOf(each, site).flatMap(share => termsOf(each, share))
  return {
    consumption: site => addUp(counting.flatMap(termsFor(site))),
    alone: site => counting.map(each => addUp(termsFor(site)(each))).filter(form => form.size > 0),
    unallocated: () =>
      counting.flatMap(each => {
        const rest = sharesOf(each).reduce(subtractDecimals, toDecimal(1))
        return Number(formatDecimal(rest)) > ROUNDED_SHARES ? [addUp(termsOf(each, rest))] : []
      }),
    inOwnParts: form =>
      addUp([...form].flatMap(([id, factor]) => allWithin(id).map(part => [part, factor] as const))),
    dwellings: meter => dwellings.get(meter),
  }
}

function addUp(terms: readonly (readonly [string, Decimal])[]): Form {
  const sums = new Map<string, Decimal>()
  for (const [id, factor] of terms) sums.set(id, addDecimals(sums.get(id) ?? toDecimal(0), factor))
  return new Map([...sums].filter(([, { digits }]) => digits !== 0n))
}
