import { z } from 'zod'
import { ROAD_HISTORY_MS, type RoadHistory } from '../../model/road-history.ts'
import { ROAD_STATES } from '../../model/road-state.ts'
import { unitLabel } from '../../model/units.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Site } from '../../registry/schema.ts'
import { idParameter, instant, instantOrNull, instantSchema, unitFields } from '../fields.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { siteOf } from '../sites/parameter.ts'

export interface RoadStateRoutes {
  registry: Registry
  roadStates: {
    /** Of every road that a rule watches; `time` is when it was worked out, ms UTC. */
    read(): Promise<{ time: number; roads: readonly RoadHistory[] }>
  }
}

const stateSchema = z
  .enum(ROAD_STATES)
  .describe(
    '`clear`: all that decides was heard, and is no danger; `unknown`: something is missing, faulty or old',
  )
const placeFields = { site: z.string(), siteName: z.string(), road: z.string().nullable() }
const roadSchema = z
  .strictObject({
    ...placeFields,
    rule: z.string().describe('By whose condition, without its delays'),
    point: z.string().describe('The surface temperature'),
    ...unitFields,
    state: stateSchema,
    since: instantSchema.nullable().describe('null: for longer than is told'),
    surface: z.number().nullable().describe('As measured; null where it is missing, faulty or old'),
    bands: z
      .array(z.strictObject({ from: instantSchema, to: instantSchema, state: stateSchema }))
      .describe('Of the last twelve hours, without holes; what came late counts at its own time'),
  })
  .meta({ id: 'RoadStateHistory' })

/** In which state the roads are and have been. */
export function addRoadStateRoutes(server: Server, { registry, roadStates }: RoadStateRoutes): void {
  server.get(
    '/v1/road-states',
    {
      schema: {
        tags: ['winter-service'],
        summary: 'The state of each road that a rule watches, now and in the last twelve hours',
        querystring: z.strictObject({ site: idParameter.optional() }),
        response: {
          200: z.strictObject({
            time: instantSchema,
            from: instantSchema,
            roads: z.array(roadSchema),
            unwatched: z
              .array(z.strictObject(placeFields))
              .describe('Stations of which no rule tells a state: nothing is known of these'),
          }),
          ...problems(400, 503),
        },
      },
    },
    async ({ query: { site } }) => {
      if (site !== undefined) siteOf(registry, site)
      const { time, roads: all } = await roadStates.read()
      const isAsked = (each: { site: string }) => site === undefined || each.site === site
      const roads = all.map(road => describeRoad(road, registry))
      const watched = new Set(roads.map(road => road.site))
      const stations = [...registry.sites.values()].filter(({ kind }) => kind === 'road-station')
      return {
        time: instant(time),
        from: instant(time - ROAD_HISTORY_MS),
        roads: roads.filter(isAsked),
        unwatched: stations
          .filter(({ id }) => !watched.has(id))
          .map(placeOf)
          .filter(isAsked),
      }
    },
  )
}

function describeRoad(history: RoadHistory, registry: Registry) {
  const { rule, spans, surface = null } = history
  const { id, site, unit } = registry.points.get(history.point)!
  const { state, start } = spans.at(-1)!
  return {
    ...placeOf(registry.sites.get(site)!),
    ...{ rule, point: id, unit, unitLabel: unitLabel(unit), state, surface },
    since: instantOrNull(spans.length > 1 ? start : undefined),
    bands: spans.map(span => ({ from: instant(span.start), to: instant(span.end), state: span.state })),
  }
}

function placeOf(site: Site) {
  const { id, name, road = null } = site
  return { site: id, siteName: name, road }
}
