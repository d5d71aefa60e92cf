import { type Interval, startOfLocalDate } from './calendar.ts'
import { addDecimals, type Decimal, multiplyDecimals, toDecimal } from './decimal.ts'
import type { Fluid } from './fluid.ts'
import { GRAINS, type Grain, type StatedPart } from './statement.ts'
import type { Unit } from './units.ts'

/** A share of what a meter counts, for a site, over local dates; `to` is exclusive. */
export interface Allocation {
  site: string
  share: number
  from?: string
  to?: string
}

/** What one unit of a gas meter is in kWh (PCS), from a local date on, until the next one. */
export interface Conversion {
  from?: string
  kilowattHours: number
}

/** What has to be known of a meter to say who uses what it counts. */
export interface AllocatedMeter {
  /** Where it stands. */
  site: string
  fluid: Fluid
  /** The step of its figures, in the unit. */
  resolution: number
  unit: Unit
  conversions: readonly Conversion[]
  allocations: readonly Allocation[]
}

/** What a meter counted in one hour or day, in whole steps. */
export interface MeterFigure extends Interval {
  amount: number
  coveredMs: number
  stated?: readonly StatedPart[]
}

/** What a site used in one period. */
export interface SiteConsumption extends Interval {
  /** Exact, in the {@link siteUnit} of its meters; undefined where no meter says anything: never a zero for nothing. */
  amount: Decimal | undefined
  /** How much of the period is covered by every meter that counts for the site, ms. */
  coveredMs: number
}

/** Sites compare in kWh and m³, whatever step their meters count in: powers of ten, so nothing is rounded. */
const SITE_UNITS: Partial<Record<Unit, { unit: Unit; factor: number }>> = {
  'MW.h': { unit: 'kW.h', factor: 1000 },
  'W.h': { unit: 'kW.h', factor: 0.001 },
  L: { unit: 'm3', factor: 0.001 },
}

/** The unit in which a site's consumption is told where a meter counts for it. */
export function siteUnit({ unit, conversions }: Pick<AllocatedMeter, 'unit' | 'conversions'>): Unit {
  return conversions.length > 0 ? 'kW.h' : (SITE_UNITS[unit]?.unit ?? unit)
}

/** Meters whose figures can be added up for a site. */
export interface MeterGroup<M extends AllocatedMeter> {
  fluid: Fluid
  /** What the sum is told in. */
  unit: Unit
  meters: M[]
}

/** Who uses what a meter counts: the site where it stands, wholly, unless the registry says otherwise. */
export function allocationsOf(meter: AllocatedMeter): readonly Allocation[] {
  return meter.allocations.length > 0 ? meter.allocations : [{ site: meter.site, share: 1 }]
}

/** The meters that ever count for a site, by fluid and unit in the order of their names. */
export function groupMeters<M extends AllocatedMeter>(meters: Iterable<M>, site: string): MeterGroup<M>[] {
  const groups = new Map<string, MeterGroup<M>>()
  for (const meter of meters) {
    if (!allocationsOf(meter).some(allocation => allocation.site === site)) continue
    const unit = siteUnit(meter)
    const key = `${meter.fluid} ${unit}`
    const group = groups.get(key) ?? { fluid: meter.fluid, unit, meters: [] }
    groups.set(key, group)
    group.meters.push(meter)
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
}

/**
 * How much of a period is known for itself, ms: what readings follow closely, and what was stated of times that lie
 * within one period of the grain. What was shared out over longer times is not.
 */
export function knownMs(
  { coveredMs, stated = [] }: Pick<MeterFigure, 'coveredMs' | 'stated'>,
  grain: Grain,
): number {
  const within = GRAINS.slice(0, GRAINS.indexOf(grain) + 1)
  return stated.reduce(
    (sum, { known, ms }) => (known !== null && within.includes(known) ? sum + ms : sum),
    coveredMs,
  )
}

/**
 * What a site used in each of the periods, from the figures of the meters of one group.
 *
 * A share is a decimal and so is a step, so a part is their exact product: the parts of all sites are the
 * whole, days make up months, and nothing is rounded anywhere. The coverage is that of the meter that is
 * covered least, since the sum is worth no more; nothing is covered of a meter for which no conversion holds.
 *
 * @param periods hours or days: an allocation changes at midnight, so months are sums of days
 * @param grain of the periods that they are told for, or summed up to
 */
export function siteConsumption(
  site: string,
  meters: readonly { meter: AllocatedMeter; figures: readonly MeterFigure[] }[],
  periods: readonly Interval[],
  timeZone: string,
  grain: Grain,
): SiteConsumption[] {
  const sources = meters.flatMap(({ meter, figures }) => {
    const byStart = new Map(figures.map(figure => [figure.start, figure]))
    const factorAt = factorsOf(meter, timeZone)
    return allocationsOf(meter)
      .filter(allocation => allocation.site === site)
      .map(allocation => ({
        byStart,
        part: multiplyDecimals(toDecimal(meter.resolution), toDecimal(allocation.share)),
        factorAt,
        ...allocationInterval(allocation, timeZone),
      }))
  })
  return periods.map(({ start, end }) => {
    let amount: Decimal | undefined
    let coveredMs: number | undefined
    for (const source of sources) {
      if (start < source.start || start >= source.end) continue
      const factor = source.factorAt(start)
      const figure = factor && source.byStart.get(start)
      coveredMs = Math.min(coveredMs ?? end - start, figure ? knownMs(figure, grain) : 0)
      if (!figure) continue
      const steps = { digits: BigInt(figure.amount), scale: 0 }
      const part = multiplyDecimals(multiplyDecimals(steps, source.part), factor)
      amount = amount ? addDecimals(amount, part) : part
    }
    return { start, end, amount, coveredMs: coveredMs ?? 0 }
  })
}

/** What one unit of a meter is in its {@link siteUnit} at an instant; undefined where no conversion holds yet. */
function factorsOf(
  { unit, conversions }: AllocatedMeter,
  timeZone: string,
): (time: number) => Decimal | undefined {
  if (conversions.length === 0) {
    const factor = toDecimal(SITE_UNITS[unit]?.factor ?? 1)
    return () => factor
  }
  const dated = conversions.map(({ from, kilowattHours }) => ({
    start: from === undefined ? -Infinity : startOfLocalDate(from, timeZone),
    factor: toDecimal(kilowattHours),
  }))
  return time => dated.findLast(({ start }) => start <= time)?.factor
}

/** Sums of ascending parts over ascending periods, one for each period. */
export function sumConsumption(
  parts: readonly SiteConsumption[],
  periods: readonly Interval[],
): SiteConsumption[] {
  let next = 0
  return periods.map(({ start, end }) => {
    let amount: Decimal | undefined
    let coveredMs = 0
    for (; next < parts.length && parts[next]!.start < end; next++) {
      const part = parts[next]!
      if (part.start < start) continue
      coveredMs += part.coveredMs
      if (part.amount) amount = amount ? addDecimals(amount, part.amount) : part.amount
    }
    return { start, end, amount, coveredMs }
  })
}

/**
 * The covered share of a period, 0 to 1 in four decimals, rounded down: 1 is said of a period that is covered
 * to the last millisecond only.
 */
export function coverageOf(coveredMs: number, { start, end }: Interval): number {
  return Math.floor((coveredMs * 10_000) / (end - start)) / 10_000
}

/** The instants between which an allocation holds; open ends are infinite. */
export function allocationInterval({ from, to }: Allocation, timeZone: string): Interval {
  return {
    start: from === undefined ? -Infinity : startOfLocalDate(from, timeZone),
    end: to === undefined ? Infinity : startOfLocalDate(to, timeZone),
  }
}
