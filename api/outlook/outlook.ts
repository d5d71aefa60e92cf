import { z } from 'zod'
import { OUTLOOK_MS, type RoadOutlook } from '../../model/road-outlook.ts'
import { ROAD_DANGERS } from '../../model/road-state.ts'
import { unitLabel } from '../../model/units.ts'
import type { Registry } from '../../registry/registry.ts'
import { idParameter, instant, instantOrNull, instantSchema, rounded, unitFields } from '../fields.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { siteOf } from '../sites/parameter.ts'

export interface OutlookRoutes {
  registry: Registry
  outlooks: {
    /** Of every road; `time` is when it was worked out, ms UTC. */
    read(): Promise<{ time: number; outlooks: readonly RoadOutlook[] }>
  }
}

const temperature = z.number().nullable()
const outlookSchema = z
  .strictObject({
    site: z.string(),
    siteName: z.string(),
    road: z.string().nullable(),
    point: z.string().describe('The surface temperature'),
    ...unitFields,
    state: z
      .enum(['now', 'expected', 'none', 'unknown'])
      .describe('`now`: it is there; `unknown`: what would decide is missing, faulty or old'),
    danger: z.enum(ROAD_DANGERS).nullable().describe('Expected are ice and hoar only'),
    at: instantSchema.nullable().describe('From about when on it is expected'),
    surface: temperature.describe('As measured'),
    lowest: temperature.describe('The lowest that is modelled until then, or of all the time ahead'),
  })
  .meta({ id: 'RoadOutlook' })

/** Whether ice or hoar is to be expected on the roads. */
export function addOutlookRoutes(server: Server, { registry, outlooks }: OutlookRoutes): void {
  server.get(
    '/v1/outlook',
    {
      schema: {
        tags: ['winter-service'],
        summary: 'Ice and hoar to be expected within three hours, modelled from how the roads cool',
        querystring: z.strictObject({ site: idParameter.optional() }),
        response: {
          200: z.strictObject({
            time: instantSchema,
            until: instantSchema,
            basis: z
              .literal('modelled-surface')
              .describe('The surface temperatures ahead are modelled: nobody has measured them'),
            roads: z.array(outlookSchema),
          }),
          ...problems(400, 503),
        },
      },
    },
    async ({ query: { site } }) => {
      if (site !== undefined) siteOf(registry, site)
      const { time, outlooks: all } = await outlooks.read()
      const roads = all.map(outlook => describeOutlook(outlook, registry))
      return {
        time: instant(time),
        until: instant(time + OUTLOOK_MS),
        basis: 'modelled-surface' as const,
        roads: site === undefined ? roads : roads.filter(road => road.site === site),
      }
    },
  )
}

function describeOutlook(outlook: RoadOutlook, registry: Registry): z.output<typeof outlookSchema> {
  const { id, site: siteId, unit } = registry.points.get(outlook.point)!
  const { name, road = null } = registry.sites.get(siteId)!
  const { state, danger = null, at, surface = null, lowest } = outlook
  return {
    ...{ site: siteId, siteName: name, road, point: id, unit, unitLabel: unitLabel(unit), state, danger },
    ...{ at: instantOrNull(at), surface, lowest: lowest === undefined ? null : rounded(lowest) },
  }
}
