import { type Interval, intervalOfDates, type LocalDates, startOfLocalDate } from './calendar.ts'
import { addDecimals, type Decimal, multiplyDecimals, subtractDecimals, toDecimal } from './decimal.ts'
import { joinStated } from './figure.ts'
import type { Fluid } from './fluid.ts'
import { intersect, isAlways } from './local-dates.ts'
import { GRAINS, type Grain, type StatedPart } from './statement.ts'
import type { Unit } from './units.ts'

/** A share of what a meter counts, for a site, over local dates; `to` is exclusive. */
export interface Allocation extends LocalDates {
  site: string
  share: number
}

/** The main meter that counts what a meter counts, too, over local dates; `to` is exclusive. */
export interface Containment extends LocalDates {
  meter: string
}

/** What one unit of a gas meter is in kWh (PCS), from a local date on, until the next one. */
export interface Conversion {
  from?: string
  kilowattHours: number
}

export const DIRECTIONS = ['import', 'self-consumption', 'export'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** What has to be known of a meter to say who uses what it counts. */
export interface AllocatedMeter {
  id: string
  /** Which main meters count what it counts, too; one at a time. */
  within?: readonly Containment[] | undefined
  /** `export`: what a site gives away is none of its consumption. */
  direction: Direction
  /** It counts reactive energy, which is no consumption, beside the meter of active energy. */
  reactive?: { of: string } | undefined
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
  /**
   * What of it was stated, where something was: the shares of its meters, below 0 where what was stated is taken
   * off. Of its time it makes up what it does of the meter of which most was stated.
   */
  stated?: readonly StatedPart<Decimal>[]
  /** A meter that counts for the site says nothing of some of it: the amount is that of the others. */
  partial?: true
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

/**
 * The meters that ever count for a site, by fluid and unit in the order of their names. One within a main meter that
 * always counts for the same sites tells nothing that the main meter does not, and is left out.
 */
export function groupMeters<M extends AllocatedMeter>(meters: Iterable<M>, site: string): MeterGroup<M>[] {
  const all = [...meters]
  const byId = new Map(all.map(meter => [meter.id, meter]))
  const groups = new Map<string, MeterGroup<M>>()
  for (const meter of all) {
    if (meter.direction === 'export' || meter.reactive || isAlways(countedOtherwise(meter, byId))) continue
    if (!allocationsOf(meter).some(allocation => allocation.site === site)) continue
    const unit = siteUnit(meter)
    const key = `${meter.fluid} ${unit}`
    const group = groups.get(key) ?? { fluid: meter.fluid, unit, meters: [] }
    groups.set(key, group)
    group.meters.push(meter)
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
}

/** A meter within another that counts for other sites, and when. */
export interface Deduction<M extends AllocatedMeter> {
  meter: M
  during: LocalDates
}

/**
 * The meters within another that count for other sites: what they count is none of what it counts for its own. Those
 * within a part that counts for the same sites are among them, since that part is not counted by itself.
 */
export function deductionsOf<M extends AllocatedMeter>(
  main: M,
  meters: Iterable<M>,
  dates: LocalDates = {},
): Deduction<M>[] {
  const all = [...meters]
  return all.flatMap(part =>
    (part.within ?? [])
      .filter(({ meter }) => meter === main.id)
      .flatMap(within => {
        const during = intersect(within, dates)
        if (!during) return []
        return countForSame(part, main) ? deductionsOf(part, all, during) : [{ meter: part, during }]
      }),
  )
}

/** When a meter tells nothing that a main meter does not: it is within one that counts for the same sites. */
function countedOtherwise(
  meter: AllocatedMeter,
  byId: ReadonlyMap<string, AllocatedMeter>,
): readonly LocalDates[] {
  return (meter.within ?? []).filter(within => {
    const main = byId.get(within.meter)
    return main && countForSame(meter, main)
  })
}

/** What a site's consumption is made of. */
export interface SiteSource extends MeterFigures {
  /** Its {@link deductionsOf deductions}. */
  less?: readonly (MeterFigures & { during?: LocalDates })[]
  /** When a main meter counts it for the same sites. */
  countedOtherwise?: readonly LocalDates[]
}

/** How a meter counts for its sites: what of it is none of theirs, and when a main meter tells it for them. */
export function countingOf<M extends AllocatedMeter>(
  meter: M,
  meters: Iterable<M>,
): { less: Deduction<M>[]; countedOtherwise: readonly LocalDates[] } {
  const all = [...meters]
  return {
    less: deductionsOf(meter, all),
    countedOtherwise: countedOtherwise(meter, new Map(all.map(each => [each.id, each]))),
  }
}

/** A meter with how it counts for its sites. */
export interface CountedMeter<M extends AllocatedMeter> extends ReturnType<typeof countingOf<M>> {
  meter: M
}

/** Loads the figures of a meter with those of its {@link deductionsOf deductions}, as {@link siteConsumption} takes them. */
export async function loadCounted<M extends AllocatedMeter>(
  { meter, less, countedOtherwise }: CountedMeter<M>,
  load: (meter: M) => Promise<readonly MeterFigure[]>,
): Promise<SiteSource> {
  // Together: where one fails, the others must not be left to fail unheard.
  const [figures, ...theirs] = await Promise.all([meter, ...less.map(part => part.meter)].map(load))
  return {
    meter,
    figures: figures!,
    less: less.map((part, at) => ({ ...part, figures: theirs[at]! })),
    countedOtherwise,
  }
}

/** The same of a meter among others. */
export function loadWithDeductions<M extends AllocatedMeter>(
  meter: M,
  meters: Iterable<M>,
  load: (meter: M) => Promise<readonly MeterFigure[]>,
): Promise<SiteSource> {
  return loadCounted({ meter, ...countingOf(meter, meters) }, load)
}

function countForSame(a: AllocatedMeter, b: AllocatedMeter): boolean {
  const written = (meter: AllocatedMeter) =>
    allocationsOf(meter)
      .map(({ site, share, from = '', to = '' }) => `${site} ${share} ${from} ${to}`)
      .sort()
      .join()
  return written(a) === written(b)
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

/** Whether an hour is wholly known for itself: nothing of it was shared out over a longer time. */
export function isKnownHour(figure: MeterFigure): boolean {
  return knownMs(figure, 'hour') >= figure.end - figure.start
}

/**
 * What a site used in each of the periods, from the figures of the meters of one group, each less those within it that
 * count for others (`less`, see {@link deductionsOf}). Where one of these is not known, nor is the rest.
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
  meters: readonly SiteSource[],
  periods: readonly Interval[],
  timeZone: string,
  grain: Grain,
): SiteConsumption[] {
  const sources = meters.flatMap(({ meter, figures, less = [], countedOtherwise = [] }) => {
    const count = meterCount({ meter, figures }, timeZone, grain)
    const parts = less.map(({ during = {}, ...part }) => ({
      count: meterCount(part, timeZone, grain),
      ...intervalOfDates(during, timeZone),
    }))
    const silent = countedOtherwise.map(dates => intervalOfDates(dates, timeZone))
    return allocationsOf(meter)
      .filter(allocation => allocation.site === site)
      .map(allocation => ({
        ...{ count, parts, silent },
        share: toDecimal(allocation.share),
        ...intervalOfDates(allocation, timeZone),
      }))
  })
  return periods.map(({ start, end }) => {
    let amount: Decimal | undefined
    let coveredMs: number | undefined
    let stated: readonly StatedPart<Decimal>[] = []
    let partial = false
    for (const source of sources) {
      if (!holds(source, start) || source.silent.some(silent => holds(silent, start))) continue
      const whole = source.count(start)
      const less = source.parts.filter(part => holds(part, start)).map(({ count }) => count(start))
      const known = less.every(part => part !== undefined) ? whole : undefined
      coveredMs = [known, ...less].reduce(
        (least, part) => Math.min(least, part?.knownMs ?? 0),
        coveredMs ?? end - start,
      )
      if (!known) {
        partial = true
        continue
      }
      const rest = less.reduce((sum, part) => subtractDecimals(sum, part!.amount), known.amount)
      const part = multiplyDecimals(rest, source.share)
      amount = amount ? addDecimals(amount, part) : part
      stated = joinStated(stated, scaleStated(known.stated, source.share), sameTime)
      const off = subtractDecimals(toDecimal(0), source.share)
      for (const part of less) stated = joinStated(stated, scaleStated(part!.stated, off), sameTime)
    }
    return {
      ...{ start, end, amount, coveredMs: coveredMs ?? 0 },
      ...(stated.length > 0 && { stated }),
      ...(partial && { partial }),
    }
  })
}

function holds({ start, end }: Interval, time: number): boolean {
  return start <= time && time < end
}

function scaleStated(parts: readonly StatedPart<Decimal>[], factor: Decimal): StatedPart<Decimal>[] {
  return parts.map(part => ({ ...part, amount: multiplyDecimals(part.amount, factor) }))
}

/** What several meters say of one period. */
function sameTime(a: StatedPart<Decimal>, b: StatedPart<Decimal>): StatedPart<Decimal> {
  return { ...a, amount: addDecimals(a.amount, b.amount), ms: Math.max(a.ms, b.ms) }
}

/** What is said of several periods. */
export function oneAfterTheOther(a: StatedPart<Decimal>, b: StatedPart<Decimal>): StatedPart<Decimal> {
  return { ...a, amount: addDecimals(a.amount, b.amount), ms: a.ms + b.ms }
}

export interface MeterFigures {
  meter: AllocatedMeter
  figures: readonly MeterFigure[]
}

export interface MeterCount {
  amount: Decimal
  knownMs: number
  stated: readonly StatedPart<Decimal>[]
  /** One step of the meter, in the same unit. */
  step: Decimal
}

/** What a meter counted in the period that starts at an instant, exact, in its {@link siteUnit}. */
export function meterCount(
  { meter, figures }: MeterFigures,
  timeZone: string,
  grain: Grain,
): (start: number) => MeterCount | undefined {
  const byStart = new Map(figures.map(figure => [figure.start, figure]))
  const factorAt = factorsOf(meter, timeZone)
  const step = toDecimal(meter.resolution)
  return start => {
    const factor = factorAt(start)
    const figure = factor && byStart.get(start)
    if (!figure) return undefined
    const inUnit = (steps: number) =>
      multiplyDecimals(multiplyDecimals({ digits: BigInt(steps), scale: 0 }, step), factor)
    return {
      amount: inUnit(figure.amount),
      knownMs: knownMs(figure, grain),
      step: multiplyDecimals(step, factor),
      stated: (figure.stated ?? []).map(part => ({ ...part, amount: inUnit(part.amount) })),
    }
  }
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
  const opened = openConversions(conversions, timeZone)
  return time => opened.findLast(({ start }) => start <= time)?.factor
}

/** From when on, ms UTC, one unit of a gas meter is so many kWh (PCS); ascending, each until the next one. */
export function openConversions(
  conversions: readonly Conversion[],
  timeZone: string,
): { start: number; factor: Decimal }[] {
  return conversions.map(({ from, kilowattHours }) => ({
    start: from === undefined ? -Infinity : startOfLocalDate(from, timeZone),
    factor: toDecimal(kilowattHours),
  }))
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
    let stated: readonly StatedPart<Decimal>[] = []
    let partial = false
    for (; next < parts.length && parts[next]!.start < end; next++) {
      const part = parts[next]!
      if (part.start < start) continue
      coveredMs += part.coveredMs
      if (part.amount) amount = amount ? addDecimals(amount, part.amount) : part.amount
      if (part.stated) stated = joinStated(stated, part.stated, oneAfterTheOther)
      partial ||= part.partial ?? false
    }
    return {
      ...{ start, end, amount, coveredMs },
      ...(stated.length > 0 && { stated }),
      ...(partial && { partial }),
    }
  })
}

/**
 * The covered share of a period, 0 to 1 in four decimals, rounded down: 1 is said of a period that is covered
 * to the last millisecond only.
 */
export function coverageOf(coveredMs: number, { start, end }: Interval): number {
  return Math.floor((coveredMs * 10_000) / (end - start)) / 10_000
}
