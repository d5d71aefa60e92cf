import { z } from 'zod'
import type { Clock } from '../../model/clock.ts'
import { pointId } from '../../model/point-id.ts'
import { unitLabel } from '../../model/units.ts'
import type { Point, Registry } from '../../registry/registry.ts'
import type { ReadingStore } from '../../store/readings.ts'
import {
  idParameter,
  instant,
  instantSchema,
  localTime,
  localTimeSchema,
  span,
  timeParameter,
  unitFields,
  valueSchema,
} from '../fields.ts'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { siteOf } from '../sites/parameter.ts'
import { latestSchema, qualitySchema, readLatest } from './latest.ts'
import { describePoint, pointSchema } from './point.ts'

export interface ReadingRoutes {
  registry: Registry
  readings: ReadingStore
  clock: Clock
}

const params = z.strictObject({ site: idParameter, device: idParameter, point: idParameter })
const statistic = z.number().nullable()
const tags = ['points']
const keptFromSchema = instantSchema
  .nullable()
  .describe(
    'Readings of before were deleted (retention): nothing is known of minutes, all of hours and days. Null: none were',
  )

/** Points, what they say now, what they said, and statistics over it. */
export function addReadingRoutes(server: Server, { registry, readings, clock }: ReadingRoutes): void {
  const { timeZone } = registry.territory

  const pointOf = (request: z.output<typeof params>): Point => {
    const id = pointId(request.site, request.device, request.point)
    const point = registry.points.get(id)
    if (!point) throw new Problem(404, `There is no point ${id}; /v1/points lists them.`)
    return point
  }

  const pointsOf = (site: string | undefined): Point[] => {
    if (site !== undefined) siteOf(registry, site)
    return [...registry.points.values()].filter(point => site === undefined || point.site === site)
  }

  const keptFrom = async ({ id }: Point) => {
    const [deleted] = (await readings.deleted?.(id)) ?? []
    return deleted ? instant(deleted.before) : null
  }

  server.get(
    '/v1/points',
    {
      schema: {
        tags,
        summary: 'The points of the territory, or of a site',
        querystring: z.strictObject({ site: idParameter.optional() }),
        response: { 200: z.strictObject({ points: z.array(pointSchema) }), ...problems(400) },
      },
    },
    async ({ query }) => ({ points: pointsOf(query.site).map(describePoint) }),
  )

  server.get(
    '/v1/points/latest',
    {
      schema: {
        tags,
        summary: 'What each point says now; what is stale, bad or missing has no value',
        querystring: z.strictObject({ site: idParameter.optional() }),
        response: {
          200: z.strictObject({ time: instantSchema, points: z.array(latestSchema) }),
          ...problems(400, 503),
        },
      },
    },
    async ({ query }) => {
      const now = clock.now()
      return { time: instant(now), points: await readLatest(readings, pointsOf(query.site), now) }
    },
  )

  server.get(
    '/v1/points/:site/:device/:point',
    {
      schema: {
        tags,
        summary: 'One point',
        params,
        response: { 200: pointSchema, ...problems(400, 404) },
      },
    },
    async request => describePoint(pointOf(request.params)),
  )

  server.get(
    '/v1/points/:site/:device/:point/readings',
    {
      schema: {
        tags,
        summary: 'The readings of a point, ascending; by default those of the last day',
        params,
        querystring: z.strictObject({
          from: timeParameter.optional(),
          to: timeParameter.optional(),
          limit: z.coerce.number().int().min(1).max(10_000).default(1000),
        }),
        response: {
          200: z.strictObject({
            point: z.string(),
            ...unitFields,
            from: instantSchema,
            to: instantSchema,
            readings: z.array(
              z.strictObject({
                time: instantSchema,
                value: valueSchema,
                quality: qualitySchema,
                gatewayTime: instantSchema,
              }),
            ),
            next: instantSchema.nullable().describe('The `from` of the following page'),
            keptFrom: keptFromSchema,
          }),
          ...problems(400, 404, 503),
        },
      },
    },
    async ({ params, query }) => {
      const point = pointOf(params)
      const { from, to } = span(query, 'reading', clock.now(), timeZone)
      const found = await readings.range(point.id, from, to, query.limit + 1)
      const page = found.slice(0, query.limit)
      const following = found[query.limit]
      return {
        point: point.id,
        unit: point.unit,
        unitLabel: unitLabel(point.unit),
        from: instant(from),
        to: instant(to),
        readings: page.map(reading => ({
          time: instant(reading.time),
          value: reading.value,
          quality: reading.quality,
          gatewayTime: instant(reading.gatewayTime),
        })),
        next: following ? instant(following.time) : null,
        keptFrom: await keptFrom(point),
      }
    },
  )

  server.get(
    '/v1/points/:site/:device/:point/aggregates',
    {
      schema: {
        tags,
        summary: 'Statistics of a point by minute or hour of UTC, or by civil day',
        params,
        querystring: z.strictObject({
          by: z.enum(['minute', 'hour', 'day']),
          from: timeParameter.optional(),
          to: timeParameter.optional(),
        }),
        response: {
          200: z.strictObject({
            point: z.string(),
            ...unitFields,
            by: z.enum(['minute', 'hour', 'day']),
            from: instantSchema,
            to: instantSchema,
            aggregates: z
              .array(
                z.strictObject({
                  start: localTimeSchema,
                  end: localTimeSchema,
                  count: z.int().describe('All readings'),
                  valid: z.int().describe('Readings that carry a value and are not bad'),
                  min: statistic,
                  max: statistic,
                  mean: statistic,
                  first: statistic,
                  last: statistic,
                }),
              )
              .describe('A bucket without a reading is absent'),
            keptFrom: keptFromSchema,
          }),
          ...problems(400, 404, 503),
        },
      },
    },
    async ({ params, query }) => {
      const point = pointOf(params)
      const { from, to } = span(query, query.by, clock.now(), timeZone)
      const aggregates = await readings.aggregate(point.id, query.by, from, to)
      return {
        point: point.id,
        unit: point.unit,
        unitLabel: unitLabel(point.unit),
        by: query.by,
        from: instant(from),
        to: instant(to),
        aggregates: aggregates.map(({ start, end, count, valid, min, max, mean, first, last }) => ({
          start: localTime(start, timeZone),
          end: localTime(end, timeZone),
          count,
          valid,
          min,
          max,
          mean,
          first,
          last,
        })),
        keptFrom: await keptFrom(point),
      }
    },
  )
}
