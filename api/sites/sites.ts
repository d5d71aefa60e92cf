import { z } from 'zod'
import { type Alert, SEVERITIES } from '../../model/alert.ts'
import type { Clock } from '../../model/clock.ts'
import { FLUIDS } from '../../model/fluid.ts'
import { SITE_KINDS } from '../../model/site-kind.ts'
import { type Meter, measuredPoints, type Registry } from '../../registry/registry.ts'
import { BUILDING_USES, type Site } from '../../registry/schema.ts'
import type { ReadingStore } from '../../store/readings.ts'
import type { RecordStore } from '../../store/records.ts'
import { alertSchema, describeAlert } from '../alerts/alert.ts'
import { idParameter, textSchema } from '../fields.ts'
import { Problem, problems } from '../problem.ts'
import { type Latest, readLatest } from '../readings/latest.ts'
import { describeMeter, describePoint, meterSchema, pointSchema } from '../readings/point.ts'
import type { Server } from '../server.ts'

export interface SiteRoutes {
  registry: Registry
  readings: ReadingStore
  records: RecordStore
  clock: Clock
  version: string
}

const siteFields = {
  id: z.string(),
  name: z.string(),
  kind: z.enum(SITE_KINDS),
  use: z.enum(BUILDING_USES).nullable(),
  position: z.strictObject({ lat: z.number(), lon: z.number() }),
  address: z.string().nullable(),
  commune: z.string().describe('INSEE code'),
  rnb: z.string().nullable().describe('Référentiel national des bâtiments'),
  floorArea: z.number().nullable().describe('m²'),
  road: z.string().nullable(),
  openData: z.boolean(),
  fluids: z.array(z.enum(FLUIDS)),
  pointCount: z.int().describe('Of its devices: what the hub works out is not counted'),
  unknownPoints: z.int().describe('Points that are stale, bad or missing now'),
  activeAlerts: z.int(),
  worstSeverity: z.enum(SEVERITIES).nullable(),
  state: z
    .enum(['alert', 'unknown', 'normal'])
    .describe('`normal` only when no alert is active and every point is known'),
}
const siteSchema = z.strictObject(siteFields).meta({ id: 'Site' })
type SiteDocument = z.output<typeof siteSchema>

/** More active alerts than this are not counted. */
const MOST_ALERTS = 10_000

/** The territory and its sites, with what is the matter at each. */
export function addSiteRoutes(
  server: Server,
  { registry, readings, records, clock, version }: SiteRoutes,
): void {
  const { territory } = registry
  const meters = metersBySite(registry)

  server.get(
    '/v1/territory',
    {
      config: { open: true },
      schema: {
        tags: ['sites'],
        summary: 'The territory, the registry in force and the version of the hub',
        response: {
          200: z.strictObject({
            id: z.string(),
            name: textSchema,
            timeZone: z.string(),
            language: z.enum(['fr', 'en']),
            publisher: z.strictObject({ name: z.string(), url: z.string(), email: z.string() }),
            outline: z.array(z.array(z.array(z.number()))).describe('Rings of [longitude, latitude]'),
            registry: z.string().describe('SHA-256 of the registry'),
            version: z.string(),
          }),
        },
      },
    },
    async () => {
      const { id, name, timeZone, language, publisher, outline } = territory
      return { id, name, timeZone, language, publisher, outline, registry: registry.hash, version }
    },
  )

  server.get(
    '/v1/sites',
    {
      schema: {
        tags: ['sites'],
        summary: 'The sites of the territory and their state',
        response: { 200: z.strictObject({ sites: z.array(siteSchema) }), ...problems(400, 503) },
      },
    },
    async () => {
      const latest = await readLatest(readings, measuredPoints(registry), clock.now())
      const latestBySite = Map.groupBy(latest, point => point.site)
      const alerts = records.alerts({ state: 'active', limit: MOST_ALERTS })
      const alertsBySite = Map.groupBy(alerts, alert => alert.site)
      return {
        sites: [...registry.sites.values()].map(site =>
          describeSite(
            site,
            meters.get(site.id)!,
            latestBySite.get(site.id) ?? [],
            alertsBySite.get(site.id) ?? [],
          ),
        ),
      }
    },
  )

  server.get(
    '/v1/sites/:site',
    {
      schema: {
        tags: ['sites'],
        summary: 'One site with its points, its meters and its active alerts',
        params: z.strictObject({ site: idParameter }),
        response: {
          200: z.strictObject({
            ...siteFields,
            points: z
              .array(pointSchema)
              .describe('Of its devices; /v1/points lists what the hub works out besides'),
            meters: z.array(meterSchema).describe('Those at the site, and those that count for it'),
            alerts: z.array(alertSchema),
          }),
          ...problems(400, 404, 503),
        },
      },
    },
    async ({ params }) => {
      const site = registry.sites.get(params.site)
      if (!site) throw new Problem(404, `There is no site ${params.site}; /v1/sites lists them.`)
      const points = measuredPoints(registry).filter(point => point.site === site.id)
      const alerts = records.alerts({ state: 'active', site: site.id, limit: MOST_ALERTS })
      const latest = await readLatest(readings, points, clock.now())
      return {
        ...describeSite(site, meters.get(site.id)!, latest, alerts),
        points: points.map(describePoint),
        meters: meters.get(site.id)!.map(describeMeter),
        alerts: alerts.map(alert => describeAlert(alert, registry)),
      }
    },
  )
}

/** For each site the meters that stand there or of which a share counts for it. */
function metersBySite(registry: Registry): ReadonlyMap<string, Meter[]> {
  const bySite = new Map<string, Meter[]>([...registry.sites.keys()].map(site => [site, []]))
  for (const meter of registry.meters.values()) {
    const sites = new Set([meter.site, ...meter.allocations.map(allocation => allocation.site)])
    for (const site of sites) bySite.get(site)!.push(meter)
  }
  return bySite
}

function describeSite(site: Site, meters: Meter[], latest: Latest[], alerts: Alert[]): SiteDocument {
  const unknownPoints = latest.filter(point => point.status !== 'current').length
  const severities = alerts.map(alert => SEVERITIES.indexOf(alert.severity))
  return {
    id: site.id,
    name: site.name,
    kind: site.kind,
    use: site.use ?? null,
    position: site.position,
    address: site.address ?? null,
    commune: site.commune,
    rnb: site.rnb ?? null,
    floorArea: site.floorArea ?? null,
    road: site.road ?? null,
    openData: site.openData,
    fluids: FLUIDS.filter(fluid => meters.some(meter => meter.fluid === fluid)),
    pointCount: latest.length,
    unknownPoints,
    activeAlerts: alerts.length,
    worstSeverity: SEVERITIES[Math.max(...severities)] ?? null,
    state: alerts.length > 0 ? 'alert' : unknownPoints > 0 ? 'unknown' : 'normal',
  }
}
