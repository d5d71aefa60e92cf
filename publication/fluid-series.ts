import {
  type Interval,
  intervalOfDates,
  type LocalDates,
  periodStart,
  periodsBetween,
} from '../model/calendar.ts'
import {
  allocationsOf,
  type CountedMeter,
  countingOf,
  groupMeters,
  loadCounted,
  type MeterFigure,
  type SiteConsumption,
  type SiteSource,
  siteConsumption,
  sumConsumption,
} from '../model/consumption.ts'
import type { Fluid } from '../model/fluid.ts'
import { DAY_MS, HOUR_MS } from '../model/time.ts'
import type { Unit } from '../model/units.ts'
import type { Meter, Registry } from '../registry/registry.ts'
import type { Site } from '../registry/schema.ts'
import type { FigureStore } from '../store/figures.ts'
import type { TerritoryClimate } from './climate.ts'
import { type CorrectedConsumption, correctPeriods } from './corrected.ts'
import { partsOfConsumption } from './followed.ts'
import { type SelectedSeries, selectConsumption } from './selection.ts'

/** The periods for which consumption is published. */
export type PublishedPeriod = 'year' | 'month' | 'day' | 'hour'

/** What one building used of one fluid, in one unit, over consecutive closed periods. */
export interface FluidSeries {
  /** Its place among the series of the selection. */
  place: number
  site: Site
  fluid: Fluid
  unit: Unit
  /** A period without data has no amount. */
  periods: (SiteConsumption & { corrected?: CorrectedConsumption })[]
  /** The hours or days that these consist of. */
  parts: readonly SiteConsumption[]
  /** Whether anything is known of it in that time, be it told or not. */
  isKnown: boolean
}

/** A time of which series are told, and which of them have begun before, by their places in the selection. */
export interface SeriesTime extends Interval {
  begun: ReadonlySet<number>
}

/** From when there were no meters on. */
export const ALL_TIME: SeriesTime = { start: 0, end: Infinity, begun: new Set() }

/**
 * The consumption that may be published (see {@link selectConsumption}): by building, fluid and unit in the order of
 * their identifiers, from the first period with any data to the last one that is closed, while a meter is allocated to
 * the building. No period in between is missing but those that are hidden. Told in several times, one after the other,
 * it is the same as told at once.
 * @param climate with which months and years are corrected
 * @param time all of it, or months or years
 */
export async function* fluidSeries(
  registry: Registry,
  figures: Pick<FigureStore, 'consumption'>,
  period: PublishedPeriod,
  now: number,
  climate?: TerritoryClimate,
  time: SeriesTime = ALL_TIME,
): AsyncGenerator<FluidSeries> {
  const { timeZone } = registry.territory
  const grain = grainOf(period)
  // Most buildings begin together.
  const calendars = new Map<string, ReturnType<typeof closedPeriods>>()
  for await (const { place, prepared, until, sources, load } of loadedSeries(
    registry,
    figures,
    period,
    now,
    time,
  )) {
    const { series, heating } = prepared
    const { site, fluid, unit, meters, hourly, correctedHidden, ...daily } = series
    const chosen = period === 'hour' ? hourly! : daily
    const hasBegun = time.begun.has(place)
    const starts = sources.flatMap(source => source.figures.slice(0, 1).map(figure => figure.start))
    if (starts.length === 0 && !hasBegun) continue
    const from = hasBegun ? time.start : Math.max(time.start, Math.min(...starts))
    const { closed, parts } = calendars.getOrInsertComputed(`${from} ${until}`, () =>
      closedPeriods(period, grain, from, until, timeZone),
    )
    const fine = siteConsumption(site.id, sources, parts, timeZone, period)
    const told = period === grain ? fine : sumConsumption(fine, closed)
    const consumption = unknownInParts(told, chosen.onlyWhole, period, timeZone)
    const isInTime = ({ start }: Interval) => time.start <= start && start < time.end
    const first = hasBegun ? 0 : consumption.findIndex(({ amount }) => amount !== undefined)
    const allocated = lastAllocated(site, meters, timeZone)
    const periods = consumption
      .slice(first)
      .filter(each => first >= 0 && each.start < allocated && isInTime(each))
      .filter(isOutside(chosen.hidden, timeZone))
    const published = {
      ...{ place, site, fluid, unit, periods },
      parts: within(unknownInParts(fine, chosen.onlyWhole, period, timeZone), periods),
      isKnown: consumption.some(each => each.amount !== undefined && isInTime(each)),
    }
    if (!climate) {
      yield published
      continue
    }
    const heatingSources = heating && (await Promise.all(heating.map(meter => loadCounted(meter, load))))
    const heatingDays = heatingSources && siteConsumption(site.id, heatingSources, parts, timeZone, period)
    const mayBeTold = isOutside(correctedHidden, timeZone)
    const corrected = correctPeriods(periods, fine, heatingDays, each => climate.of(site, each))
    yield {
      ...published,
      periods: periods.map((each, at) => ({
        ...each,
        corrected: mayBeTold(each) ? corrected[at]! : { amount: undefined, missing: 'suppressed' },
      })),
    }
  }
}

export function grainOf(period: PublishedPeriod): 'hour' | 'day' {
  return period === 'hour' ? 'hour' : 'day'
}

/** Of which time figures tell what is published of one: whole days, where a part of one makes it unknown. */
export function readTime({ start, end }: Interval, period: PublishedPeriod, timeZone: string): Interval {
  if (period !== 'hour' || end === Infinity) return { start, end }
  const last = periodsBetween('day', end - 1, end, timeZone)[0]!
  return { start: periodStart('day', start, timeZone), end: last.end }
}

/** The end of what is published of a series, ms UTC. */
export function endOfSeries(
  { hourly }: SelectedSeries,
  period: PublishedPeriod,
  now: number,
  timeZone: string,
): number {
  return period === 'hour' ? endOfHours(hourly!.delayDays, now, timeZone) : now
}

interface PreparedSeries {
  series: SelectedSeries
  meters: readonly CountedMeter<Meter>[]
  /** Those that tell what heats; undefined where none does. */
  heating: readonly CountedMeter<Meter>[] | undefined
}

const preparations = new WeakMap<object, readonly PreparedSeries[]>()

/** The series of the selection with the meters that count for them: worked out once for a registry. */
function prepareSeries(registry: Registry): readonly PreparedSeries[] {
  return preparations.getOrInsertComputed(registry, () => {
    const { series, meters } = selectConsumption(registry)
    const heating = meters.filter(meter => meter.heating)
    const count = (own: readonly Meter[], all: readonly Meter[]) =>
      own.map(meter => ({ meter, ...countingOf(meter, all) }))
    return series.map(each => {
      const { site, fluid, unit } = each
      const heats = groupMeters(heating, site.id).find(group => group.fluid === fluid && group.unit === unit)
      return {
        series: each,
        meters: count(each.meters, meters),
        heating: heats && count(heats.meters, heating),
      }
    })
  })
}

/** Whose figures by hour or day are read. */
export function metersRead(registry: Registry, grain: 'hour' | 'day'): string[] {
  const read = prepareSeries(registry).filter(({ series }) => grain === 'day' || series.hourly)
  const all = read.flatMap(({ meters, heating = [] }) =>
    [...meters, ...heating].flatMap(({ meter, less }) => [meter.id, ...less.map(part => part.meter.id)]),
  )
  return [...new Set(all)].sort()
}

/** Of which meters each series is made, and when. */
export function partsOfSeries(registry: Registry): { meter: string; during: readonly LocalDates[] }[][] {
  return prepareSeries(registry).map(({ series, meters }) => partsOfConsumption(series.site.id, meters))
}

interface LoadedSeries {
  place: number
  prepared: PreparedSeries
  /** The end of what is published of it, and of the time; ms UTC. */
  until: number
  sources: SiteSource[]
  /** The same figures as are in these, or others. */
  load(meter: Meter): Promise<readonly MeterFigure[]>
}

/** What a store reads for several series together takes it little more than for one: as much as memory has room for. */
const FIGURES_AT_ONCE = 60_000
const LENGTHS = { day: DAY_MS, hour: HOUR_MS }
/** Of which a store may have figures. */
const LONGEST_MS = 3652 * DAY_MS

async function* loadedSeries(
  registry: Registry,
  figures: Pick<FigureStore, 'consumption'>,
  period: PublishedPeriod,
  now: number,
  time: Interval,
): AsyncGenerator<LoadedSeries> {
  const { timeZone } = registry.territory
  const grain = grainOf(period)
  const read = readTime(time, period, timeZone)
  const loadSeries = async (each: PreparedSeries, place: number): Promise<LoadedSeries> => {
    const until = Math.min(endOfSeries(each.series, period, now, timeZone), read.end)
    const loaded = new Map<string, Promise<readonly MeterFigure[]>>()
    const load = ({ id }: Meter) =>
      loaded.getOrInsertComputed(id, () => figures.consumption(id, grain, read.start, until))
    const sources = await Promise.all(each.meters.map(meter => loadCounted(meter, load)))
    return { place, prepared: each, until, sources, load }
  }
  const all = [...prepareSeries(registry).entries()].filter(
    ([, { series }]) => grain === 'day' || series.hourly,
  )
  const length = Math.min(read.end - read.start, LONGEST_MS) / LENGTHS[grain]
  const atOnce = Math.max(1, Math.floor(FIGURES_AT_ONCE / length))
  for (let at = 0; at < all.length; at += atOnce)
    yield* await Promise.all(all.slice(at, at + atOnce).map(([place, each]) => loadSeries(each, place)))
}

/** The periods that are over by then, and the hours or days that they consist of. */
function closedPeriods(
  period: PublishedPeriod,
  grain: 'hour' | 'day',
  from: number,
  until: number,
  timeZone: string,
): Record<'closed' | 'parts', Interval[]> {
  const closed = periodsBetween(period, from, until, timeZone).filter(({ end }) => end <= until)
  const [first, last] = [closed.at(0), closed.at(-1)]
  if (period === grain || !first || !last) return { closed, parts: closed }
  return { closed, parts: periodsBetween(grain, first.start, last.end, timeZone) }
}

/**
 * What is told of a part of the meters only is not known, where the registry's rules say so: by hour all of the day,
 * whose other hours would tell it with the day's sum.
 */
function unknownInParts(
  consumption: readonly SiteConsumption[],
  onlyWhole: readonly LocalDates[],
  period: PublishedPeriod,
  timeZone: string,
): readonly SiteConsumption[] {
  if (onlyWhole.length === 0) return consumption
  const isFree = isOutside(onlyWhole, timeZone)
  const span = ({ start }: SiteConsumption) =>
    period === 'hour' ? periodStart('day', start, timeZone) : start
  const partial = new Set(consumption.filter(each => each.partial && !isFree(each)).map(span))
  return consumption.map(each => {
    const { start, end } = each
    return partial.has(span(each)) ? { start, end, amount: undefined, coveredMs: 0 } : each
  })
}

/** Those that lie in one of ascending periods. */
function within(parts: readonly SiteConsumption[], periods: readonly Interval[]): SiteConsumption[] {
  let at = 0
  return parts.filter(({ start }) => {
    while (at < periods.length && periods[at]!.end <= start) at++
    return at < periods.length && periods[at]!.start <= start
  })
}

function isOutside(dates: readonly LocalDates[], timeZone: string): (period: Interval) => boolean {
  const times = dates.map(each => intervalOfDates(each, timeZone))
  return ({ start, end }) => !times.some(time => time.start < end && start < time.end)
}

/** Hours appear in whole days: of a part of a day, the rest would be its difference to the day. */
function endOfHours(delayDays: number, now: number, timeZone: string): number {
  return periodStart('day', now - delayDays * DAY_MS, timeZone)
}

/** When the last allocation of any of the meters to the site ends; Infinity while one is open. */
function lastAllocated(site: Site, meters: readonly Meter[], timeZone: string): number {
  const ends = meters
    .flatMap(allocationsOf)
    .filter(allocation => allocation.site === site.id)
    .map(allocation => intervalOfDates(allocation, timeZone).end)
  return Math.max(...ends)
}
