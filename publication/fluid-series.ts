import {
  type Interval,
  intervalOfDates,
  type LocalDates,
  periodStart,
  periodsBetween,
} from '../model/calendar.ts'
import {
  allocationsOf,
  groupMeters,
  loadWithDeductions,
  type MeterFigure,
  type SiteConsumption,
  type SiteSource,
  siteConsumption,
  sumConsumption,
} from '../model/consumption.ts'
import type { Fluid } from '../model/fluid.ts'
import { DAY_MS } from '../model/time.ts'
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
  site: Site
  fluid: Fluid
  unit: Unit
  /** Not empty; a period without data has no amount. */
  periods: (SiteConsumption & { corrected?: CorrectedConsumption })[]
  /** The hours or days that these consist of. */
  parts: readonly SiteConsumption[]
  /** Which meters it is made of, and when. */
  madeOf: ReturnType<typeof partsOfConsumption>
}

/**
 * The consumption that may be published (see {@link selectConsumption}): by building, fluid and unit in the order of
 * their identifiers, from the first period with any data to the last one that is closed, while a meter is allocated to
 * the building. No period in between is missing but those that are hidden.
 * @param climate with which months and years are corrected
 */
export async function* fluidSeries(
  registry: Registry,
  figures: Pick<FigureStore, 'consumption'>,
  period: PublishedPeriod,
  now: number,
  climate?: TerritoryClimate,
): AsyncGenerator<FluidSeries> {
  const { timeZone } = registry.territory
  const grain = period === 'hour' ? 'hour' : 'day'
  const counted = selectConsumption(registry).meters
  const heating = counted.filter(meter => meter.heating)
  // Most buildings begin together.
  const calendars = new Map<string, ReturnType<typeof closedPeriods>>()
  for await (const { series, until, sources, load } of loadedSeries(registry, figures, grain, now)) {
    const { site, fluid, unit, meters, hourly, correctedHidden, ...daily } = series
    const chosen = period === 'hour' ? hourly! : daily
    const starts = sources.flatMap(source => source.figures.slice(0, 1).map(figure => figure.start))
    if (starts.length === 0) continue
    const from = Math.min(...starts)
    const { closed, parts } = calendars.getOrInsertComputed(`${from} ${until}`, () =>
      closedPeriods(period, grain, from, until, timeZone),
    )
    const fine = siteConsumption(site.id, sources, parts, timeZone, period)
    const told = period === grain ? fine : sumConsumption(fine, closed)
    const consumption = unknownInParts(told, chosen.onlyWhole, period, timeZone)
    const first = consumption.findIndex(({ amount }) => amount !== undefined)
    const allocated = lastAllocated(site, meters, timeZone)
    const periods = consumption
      .slice(first)
      .filter(({ start }) => first >= 0 && start < allocated)
      .filter(isOutside(chosen.hidden, timeZone))
    if (periods.length === 0) continue
    const published = {
      ...{ site, fluid, unit, periods },
      parts: within(unknownInParts(fine, chosen.onlyWhole, period, timeZone), periods),
      madeOf: partsOfConsumption(site.id, meters, counted),
    }
    if (!climate) {
      yield published
      continue
    }
    const group = groupMeters(heating, site.id).find(each => each.fluid === fluid && each.unit === unit)
    const heatingSources = await Promise.all(
      group?.meters.map(meter => loadWithDeductions(meter, heating, load)) ?? [],
    )
    const heatingDays = group && siteConsumption(site.id, heatingSources, parts, timeZone, period)
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

interface LoadedSeries {
  series: SelectedSeries
  /** The end of what is published of it, ms UTC. */
  until: number
  sources: SiteSource[]
  /** The same figures as are in these, or others. */
  load(meter: Meter): Promise<readonly MeterFigure[]>
}

/** What a store reads for several series together takes it little more than for one: as much as memory has room for. */
const LOADED_AT_ONCE = { day: 16, hour: 1 }

async function* loadedSeries(
  registry: Registry,
  figures: Pick<FigureStore, 'consumption'>,
  grain: 'hour' | 'day',
  now: number,
): AsyncGenerator<LoadedSeries> {
  const selection = selectConsumption(registry)
  const loadSeries = async (series: SelectedSeries): Promise<LoadedSeries> => {
    const until =
      grain === 'hour' ? endOfHours(series.hourly!.delayDays, now, registry.territory.timeZone) : now
    const loaded = new Map<string, Promise<readonly MeterFigure[]>>()
    const load = ({ id }: Meter) =>
      loaded.getOrInsertComputed(id, () => figures.consumption(id, grain, 0, until))
    const sources = series.meters.map(meter => loadWithDeductions(meter, selection.meters, load))
    return { series, until, sources: await Promise.all(sources), load }
  }
  const all = selection.series.filter(({ hourly }) => grain === 'day' || hourly)
  for (let at = 0; at < all.length; at += LOADED_AT_ONCE[grain])
    yield* await Promise.all(all.slice(at, at + LOADED_AT_ONCE[grain]).map(loadSeries))
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
