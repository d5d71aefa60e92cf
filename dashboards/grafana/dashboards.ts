import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Dashboard, DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Fluid } from '../../model/fluid.ts'
import { type Meter, measuredPoints, type Point, type Registry } from '../../registry/registry.ts'
import type { Site } from '../../registry/schema.ts'
import { dailyConsumptionOf, readingsPerHour, target, validReadingsPerHour } from './influxql.ts'
import { barPanel, letter, measurePanel, timeSeries, yearPanel } from './panels.ts'

const TEXTS = {
  fr: {
    overview: 'Vue du territoire',
    consumption: 'Consommation par jour',
    year: 'sur un an',
    readings: 'Relevés enregistrés par heure',
    stored: 'Tous les relevés',
    valid: 'Relevés avec une valeur',
    fluids: { electricite: 'Électricité', gaz: 'Gaz', eau: 'Eau', chaleur: 'Chaleur', froid: 'Froid' },
  },
  en: {
    overview: 'Territory overview',
    consumption: 'Consumption by day',
    year: 'over a year',
    readings: 'Readings stored by hour',
    stored: 'All readings',
    valid: 'Readings with a value',
    fluids: { electricite: 'Electricity', gaz: 'Gas', eau: 'Water', chaleur: 'Heat', froid: 'Cooling' },
  },
} as const

/** The dashboards of a registry, in its language: one of the territory and one of each site, for InfluxDB. */
export function buildDashboards(registry: Registry): Dashboard[] {
  return [overview(registry), ...[...registry.sites.values()].map(site => siteDashboard(registry, site))]
}

/** Writes each dashboard as `<uid>.json` and returns the files. */
export async function writeDashboards(registry: Registry, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const files: string[] = []
  for (const dashboard of buildDashboards(registry)) {
    const file = join(folder, `${dashboard.uid}.json`)
    await writeFile(file, `${JSON.stringify(dashboard, null, 2)}\n`)
    files.push(file)
  }
  return files
}

function overview(registry: Registry): Dashboard {
  const { language, timeZone } = registry.territory
  const texts = TEXTS[language]
  const builder = newDashboard(registry, 'affluent-territory', texts.overview, 'now-30d')
  const byFluid = Map.groupBy(countingMeters(registry), meter => `${meter.fluid} ${meter.unit}`)
  for (const meters of byFluid.values()) {
    const { fluid, unit } = meters[0]!
    const panel = barPanel(`${texts.consumption}: ${texts.fluids[fluid]}`, unit)
    const bySite = [...Map.groupBy(meters, meter => meter.site)]
    for (const [i, [site, theirs]] of bySite.entries()) {
      const query = dailyConsumptionOf(ids(theirs), timeZone)
      panel.withTarget(target(letter(i), registry.sites.get(site)!.name, query))
    }
    builder.withPanel(panel)
  }
  builder.withPanel(
    timeSeries(texts.readings, '1')
      .withTarget(target('A', texts.stored, readingsPerHour()))
      .withTarget(target('B', texts.valid, validReadingsPerHour())),
  )
  return builder.build()
}

/** Those that make up what is used where they stand: none that exports or counts reactive energy, nor a part of another. */
function countingMeters({ meters }: Registry): Meter[] {
  const isPart = ({ site, within = [] }: Meter) =>
    within.some(({ meter, from, to }) => !from && !to && meters.get(meter)?.site === site)
  return [...meters.values()].filter(
    meter => meter.direction !== 'export' && !meter.reactive && !isPart(meter),
  )
}

function siteDashboard(registry: Registry, site: Site): Dashboard {
  const { language, timeZone } = registry.territory
  const texts = TEXTS[language]
  const builder = newDashboard(registry, siteUid(site.id), site.name, 'now-24h').tags([
    'affluent',
    site.kind,
    site.commune,
  ])
  const meters = countingMeters(registry).filter(meter => meter.site === site.id)
  for (const [fluid, theirs] of Map.groupBy(meters, meter => meter.fluid) as Map<Fluid, Meter[]>) {
    const panel = barPanel(`${texts.consumption}: ${texts.fluids[fluid]}`, theirs[0]!.unit).timeFrom('30d')
    builder.withPanel(
      panel.withTarget(target('A', texts.fluids[fluid], dailyConsumptionOf(ids(theirs), timeZone))),
    )
  }
  for (const points of measuresByQuantity(registry, site)) {
    const title = points[0]!.quantity.label[language]
    builder.withPanel(measurePanel(title, points, language))
    builder.withPanel(yearPanel(`${title} (${texts.year})`, points, language))
  }
  return builder.build()
}

/** Grafana takes 40 characters at most. */
function siteUid(site: string): string {
  const uid = `affluent-${site}`
  if (uid.length <= 40) return uid
  return `${uid.slice(0, 31)}-${createHash('sha256').update(site).digest('hex').slice(0, 8)}`
}

function newDashboard(registry: Registry, uid: string, title: string, from: string): DashboardBuilder {
  const { timeZone } = registry.territory
  return new DashboardBuilder(title)
    .uid(uid)
    .timezone(timeZone)
    .time({ from, to: 'now' })
    .refresh('1m')
    .readonly()
}

function measuresByQuantity(registry: Registry, site: Site): Point[][] {
  const measures = measuredPoints(registry).filter(
    point => point.site === site.id && point.quantity.kind === 'measure',
  )
  return [...Map.groupBy(measures, point => `${point.quantityName} ${point.unit}`).values()]
}

function ids(meters: readonly Meter[]): string[] {
  return meters.map(meter => meter.id)
}
