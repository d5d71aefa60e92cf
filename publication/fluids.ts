import { intervalOfDates, localDate, periodStart, periodsBetween } from '../model/calendar.ts'
import {
  allocationsOf,
  coverageOf,
  loadWithDeductions,
  type SiteConsumption,
  siteConsumption,
  sumConsumption,
} from '../model/consumption.ts'
import { formatDecimal } from '../model/decimal.ts'
import type { Fluid } from '../model/fluid.ts'
import { DAY_MS } from '../model/time.ts'
import { asciiUnitLabel, type Unit } from '../model/units.ts'
import type { Meter, Registry } from '../registry/registry.ts'
import type { Site } from '../registry/schema.ts'
import type { FigureStore } from '../store/figures.ts'
import { csvRecord } from './csv.ts'
import { selectConsumption } from './selection.ts'

/** The periods for which consumption is published. */
export type PublishedPeriod = 'month' | 'day'

/** The columns of the contract; later ones stand only behind these. */
const FLUID_COLUMNS = [
  'id_batiment',
  'id_rnb',
  'nom_batiment',
  'code_commune',
  'fluide',
  'debut',
  'fin',
  'consommation',
  'unite',
  'couverture',
] as const

/** What one building used of one fluid, in one unit, over consecutive closed periods. */
export interface FluidSeries {
  site: Site
  fluid: Fluid
  unit: Unit
  /** Not empty; a period without data has no amount. */
  periods: SiteConsumption[]
}

/**
 * The consumption that may be published (see {@link selectConsumption}): by building, fluid and unit in the order of
 * their identifiers, from the first period with any data to the last one that is closed, while a meter is allocated to
 * the building. No period in between is missing but those that are hidden.
 */
export async function* fluidSeries(
  registry: Registry,
  figures: Pick<FigureStore, 'consumption'>,
  period: PublishedPeriod | 'hour',
  now: number,
): AsyncGenerator<FluidSeries> {
  const { timeZone } = registry.territory
  const grain = period === 'hour' ? 'hour' : 'day'
  const selection = selectConsumption(registry)
  for (const { site, fluid, unit, meters, hidden, hourly } of selection.series) {
    const until = period === 'hour' ? hourly && endOfHours(hourly, now, timeZone) : now
    if (until === undefined) continue
    const load = (meter: Meter) => figures.consumption(meter.id, grain, 0, until)
    const sources = await Promise.all(meters.map(meter => loadWithDeductions(meter, selection.meters, load)))
    const starts = sources.flatMap(source => source.figures.slice(0, 1).map(figure => figure.start))
    if (starts.length === 0) continue
    const closed = periodsBetween(period, Math.min(...starts), until, timeZone).filter(
      ({ end }) => end <= until,
    )
    const parts = closed.flatMap(({ start, end }) => periodsBetween(grain, start, end, timeZone))
    const fine = siteConsumption(site.id, sources, parts, timeZone, period)
    const consumption = period === grain ? fine : sumConsumption(fine, closed)
    const first = consumption.findIndex(({ amount }) => amount !== undefined)
    const allocated = lastAllocated(site, meters, timeZone)
    const times = hidden.map(dates => intervalOfDates(dates, timeZone))
    const periods = consumption
      .slice(first)
      .filter(({ start }) => first >= 0 && start < allocated)
      .filter(({ start, end }) => !times.some(time => time.start < end && start < time.end))
    if (periods.length > 0) yield { site, fluid, unit, periods }
  }
}

/** Hours appear in whole days: of a part of a day, the rest would be its difference to the day. */
function endOfHours({ delayDays }: { delayDays: number }, now: number, timeZone: string): number {
  return periodStart('day', now - delayDays * DAY_MS, timeZone)
}

/** The file, record by record: the same figures and the same `now` give the same bytes. */
export async function* fluidsCsv(
  series: AsyncIterable<FluidSeries>,
  timeZone: string,
): AsyncGenerator<string> {
  yield csvRecord(FLUID_COLUMNS)
  for await (const { site, fluid, unit, periods } of series) {
    let records = ''
    for (const consumption of periods) {
      records += csvRecord([
        site.id,
        site.rnb ?? '',
        site.name,
        site.commune,
        fluid,
        localDate(consumption.start, timeZone),
        localDate(consumption.end, timeZone),
        consumption.amount ? formatDecimal(consumption.amount) : '',
        asciiUnitLabel(unit),
        coverageOf(consumption.coveredMs, consumption).toFixed(4),
      ])
    }
    yield records
  }
}

/** When the last allocation of any of the meters to the site ends; Infinity while one is open. */
function lastAllocated(site: Site, meters: readonly Meter[], timeZone: string): number {
  const ends = meters
    .flatMap(allocationsOf)
    .filter(allocation => allocation.site === site.id)
    .map(allocation => intervalOfDates(allocation, timeZone).end)
  return Math.max(...ends)
}
