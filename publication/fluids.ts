import { intervalOfDates, localDate, periodsBetween } from '../model/calendar.ts'
import {
  allocationsOf,
  coverageOf,
  groupMeters,
  loadWithDeductions,
  type SiteConsumption,
  siteConsumption,
  sumConsumption,
} from '../model/consumption.ts'
import { formatDecimal } from '../model/decimal.ts'
import type { Fluid } from '../model/fluid.ts'
import { asciiUnitLabel, type Unit } from '../model/units.ts'
import type { Meter, Registry } from '../registry/registry.ts'
import type { Site } from '../registry/schema.ts'
import type { FigureStore } from '../store/figures.ts'
import { csvRecord } from './csv.ts'

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
 * The consumption of the buildings that are open data: by building, fluid and unit in the order of their
 * identifiers, from the first period with any data to the last one that is closed, while a meter is
 * allocated to the building, and with no period missing in between.
 */
export async function* fluidSeries(
  registry: Registry,
  figures: FigureStore,
  period: PublishedPeriod,
  now: number,
): AsyncGenerator<FluidSeries> {
  const { timeZone } = registry.territory
  const groups = openBuildings(registry).flatMap(site =>
    groupMeters(registry.meters.values(), site.id).map(group => ({ site, ...group })),
  )
  for (const { site, fluid, unit, meters } of groups) {
    const load = (meter: Meter) => figures.consumption(meter.id, 'day', 0, now)
    const sources = await Promise.all(
      meters.map(meter => loadWithDeductions(meter, registry.meters.values(), load)),
    )
    const starts = sources.flatMap(source => source.figures.slice(0, 1).map(figure => figure.start))
    if (starts.length === 0) continue
    const closed = periodsBetween(period, Math.min(...starts), now, timeZone).filter(({ end }) => end <= now)
    const days = closed.flatMap(({ start, end }) => periodsBetween('day', start, end, timeZone))
    const daily = siteConsumption(site.id, sources, days, timeZone, period)
    const consumption = period === 'day' ? daily : sumConsumption(daily, closed)
    const first = consumption.findIndex(({ amount }) => amount !== undefined)
    const allocated = lastAllocated(site, meters, timeZone)
    const periods = consumption.slice(first).filter(({ start }) => first >= 0 && start < allocated)
    if (periods.length > 0) yield { site, fluid, unit, periods }
  }
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

/** Only sites that say so, by id. */
function openBuildings({ sites }: Registry): Site[] {
  return [...sites.values()]
    .filter(site => site.openData && site.kind === 'building')
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** When the last allocation of any of the meters to the site ends; Infinity while one is open. */
function lastAllocated(site: Site, meters: readonly Meter[], timeZone: string): number {
  const ends = meters
    .flatMap(allocationsOf)
    .filter(allocation => allocation.site === site.id)
    .map(allocation => intervalOfDates(allocation, timeZone).end)
  return Math.max(...ends)
}
