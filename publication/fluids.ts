import {
  type Interval,
  intervalOfDates,
  type LocalDates,
  localDate,
  periodStart,
  periodsBetween,
} from '../model/calendar.ts'
import {
  allocationsOf,
  coverageOf,
  groupMeters,
  loadWithDeductions,
  type MeterFigure,
  type SiteConsumption,
  type SiteSource,
  siteConsumption,
  sumConsumption,
} from '../model/consumption.ts'
import { formatDecimal } from '../model/decimal.ts'
import type { Fluid } from '../model/fluid.ts'
import { overlap } from '../model/local-dates.ts'
import { DAY_MS } from '../model/time.ts'
import { asciiUnitLabel, type Unit } from '../model/units.ts'
import type { Meter, Registry } from '../registry/registry.ts'
import type { Site, Text } from '../registry/schema.ts'
import type { FigureStore } from '../store/figures.ts'
import { openClimate, type TerritoryClimate } from './climate.ts'
import type { Aspect } from './complement.ts'
import { type CorrectedConsumption, correctPeriods } from './corrected.ts'
import { columnsOf, type Dataset, type Row, type TableSchema } from './dataset.ts'
import { datesOfSpan, localSpan } from './row-dates.ts'
import { FLUIDES, FLUIDES_HEURE, FLUIDES_JOUR, type QUALITIES } from './schemas/fluides.ts'
import { type SelectedSeries, selectConsumption } from './selection.ts'
import { publishedFigures } from './withdrawal.ts'

/** The periods for which consumption is published. */
export type PublishedPeriod = 'year' | 'month' | 'day' | 'hour'

/** What one building used of one fluid, in one unit, over consecutive closed periods. */
export interface FluidSeries {
  site: Site
  fluid: Fluid
  unit: Unit
  /** Not empty; a period without data has no amount. */
  periods: (SiteConsumption & { corrected?: CorrectedConsumption })[]
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
  const heating = selectConsumption(registry).meters.filter(meter => meter.heating)
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
    if (!climate) {
      yield { site, fluid, unit, periods }
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
      ...{ site, fluid, unit },
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

const HOW_IT_IS_KNOWN = {
  fr: 'La consommation est calculée à partir des index des compteurs : les index écartés et les lacunes ne deviennent jamais des zéros, et la colonne « couverture » dit quelle part de la période est réellement mesurée.',
  en: 'Consumption is computed from the indexes of meters: what is discarded or missing never becomes a zero, and the column “couverture” says how much of the period was really measured.',
}
const WHOSE = {
  fr: 'd’électricité, de gaz, d’eau, de chaleur et de froid de chaque bâtiment public',
  en: 'of electricity, gas, water, heat and cold of each public building',
}

const PERIODS: readonly {
  id: string
  period: PublishedPeriod
  name: Text
  frequency: Dataset['frequency']
}[] = [
  { id: 'fluides', period: 'month', name: { fr: 'mensuelle', en: 'Monthly' }, frequency: 'MONTHLY' },
  { id: 'fluides-jour', period: 'day', name: { fr: 'quotidienne', en: 'Daily' }, frequency: 'DAILY' },
  { id: 'fluides-heure', period: 'hour', name: { fr: 'horaire', en: 'Hourly' }, frequency: 'DAILY' },
  { id: 'fluides-annee', period: 'year', name: { fr: 'annuelle', en: 'Yearly' }, frequency: 'ANNUAL' },
]

const ASPECTS_OF: Record<PublishedPeriod, readonly Aspect[]> = {
  ...{ year: ['consumption', 'heating'], month: ['consumption', 'heating'] },
  ...{ day: ['consumption'], hour: ['hours'] },
}
const SCHEMA_OF: Record<PublishedPeriod, TableSchema> = {
  ...{ year: FLUIDES, month: FLUIDES, day: FLUIDES_JOUR, hour: FLUIDES_HEURE },
}

/** Consumption by building and fluid, for each of the periods. */
export const FLUIDS: readonly Dataset[] = PERIODS.map(({ id, period, name, frequency }) => ({
  id,
  title: {
    fr: `Consommation ${name.fr} de fluides des bâtiments publics`,
    en: `${name.en} consumption of fluids of public buildings`,
  },
  description: {
    fr: `Consommation ${name.fr} ${WHOSE.fr}. ${HOW_IT_IS_KNOWN.fr}`,
    en: `${name.en} consumption ${WHOSE.en}. ${HOW_IT_IS_KNOWN.en}`,
  },
  keywords: ['énergie', 'eau', 'électricité', 'gaz', 'chaleur', 'consommation', 'bâtiments publics'],
  frequency,
  schema: SCHEMA_OF[period],
  period: { start: 'debut', end: 'fin' },
  subject: ['id_batiment', 'fluide'],
  partOf: row => row[START]!.slice(0, IN_PARTS_OF[period]),
  chart: row =>
    row[AMOUNT] === ''
      ? undefined
      : {
          ...{ unit: row[UNIT]!, series: row[FLUID]! },
          ...{
            x: row[START]!.slice(0, period === 'year' ? 'YYYY'.length : 'YYYY-MM'.length),
            y: Number(row[AMOUNT]),
          },
        },
  measure: row => ({ [row[QUALITY]!]: 1 }),
  async *rows({ registry, sources, now }, remarks = {}) {
    const { timeZone } = registry.territory
    const isCorrected = period === 'month' || period === 'year'
    const climate = isCorrected ? await openClimate(registry, sources, now) : undefined
    const uncorrected: Record<string, number> = {}
    const dates = new Map<number, string>()
    // Buildings share their days: the calendar is asked once for each.
    const dateOf = (time: number) => dates.getOrInsertComputed(time, () => localDate(time, timeZone))
    for await (const series of fluidSeries(registry, sources.figures, period, now, climate)) {
      for (const { corrected } of series.periods)
        if (corrected?.missing) uncorrected[corrected.missing] = (uncorrected[corrected.missing] ?? 0) + 1
      yield rowsOf(series, period === 'hour' ? toHour : dateOf)
    }
    if (climate) remarks.climateCorrection = { ...climate.describe(), missing: uncorrected }
  },
  subjects({ registry }) {
    const { series } = selectConsumption(registry)
    const shown = period === 'hour' ? series.filter(({ hourly }) => hourly) : series
    return new Set(shown.map(({ site, fluid }) => `${site.id} ${fluid}`))
  },
  isWithheld({ registry }) {
    const { timeZone } = registry.territory
    const hidden = new Map(
      selectConsumption(registry).series.map(({ site, fluid, unit, hourly, ...daily }) => [
        [site.id, fluid, asciiUnitLabel(unit)].join(),
        (period === 'hour' ? hourly : daily)?.hidden ?? [],
      ]),
    )
    return row => {
      const dates = datesOfSpan(localSpan({ start: row[START]!, end: row[END]! }, timeZone))
      return (hidden.get([row[ID], row[FLUID], row[UNIT]].join()) ?? []).some(each => overlap(each, dates))
    }
  },
  figures: ({ registry }) => publishedFigures(registry, ASPECTS_OF[period]),
  suppressions: ({ registry }) => selectConsumption(registry).suppressions,
}))

/** So many characters of the start name the part that a row is in: a month of days and hours, a year of the others. */
const IN_PARTS_OF: Record<PublishedPeriod, number> = { hour: 7, day: 7, month: 4, year: 4 }
const [ID, FLUID, START, END, AMOUNT, UNIT, QUALITY] = columnsOf(FLUIDES, [
  ...['id_batiment', 'fluide', 'debut', 'fin', 'consommation', 'unite', 'qualite'],
]) as [number, number, number, number, number, number, number]

function rowsOf({ site, fluid, unit, periods }: FluidSeries, told: (time: number) => string): Row[] {
  return periods.map(({ start, end, amount, coveredMs, stated = [], corrected }) => {
    const coverage = coverageOf(coveredMs, { start, end })
    const statedMs = stated.reduce((sum, { ms }) => sum + ms, 0)
    return [
      ...[site.id, site.rnb ?? '', site.name, site.commune, fluid],
      ...[told(start), told(end)],
      amount ? formatDecimal(amount) : '',
      asciiUnitLabel(unit),
      coverage.toFixed(4),
      Math.min(1, Math.ceil((statedMs * 10_000) / (end - start)) / 10_000).toFixed(4),
      qualityOf(amount !== undefined, coverage, statedMs),
      '',
      ...(corrected ? [corrected.amount ?? ''] : []),
    ]
  })
}

function qualityOf(isKnown: boolean, coverage: number, statedMs: number): (typeof QUALITIES)[number] {
  if (!isKnown) return 'absente'
  if (statedMs > 0) return 'estimee'
  return coverage === 1 ? 'mesuree' : 'partielle'
}

function toHour(time: number): string {
  return new Date(time).toISOString().replace('.000', '')
}
