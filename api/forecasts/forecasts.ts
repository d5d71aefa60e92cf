import { z } from 'zod'
import type { Clock } from '../../model/clock.ts'
import {
  FORECAST_QUANTITIES,
  type Forecast,
  type ForecastBoard,
  type ForecastStep,
} from '../../model/forecast.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { Registry } from '../../registry/registry.ts'
import type { ForecastStore } from '../../store/forecasts.ts'
import {
  idParameter,
  instant,
  instantOrNull,
  instantSchema,
  span,
  textSchema,
  timeParameter,
} from '../fields.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { siteOf } from '../sites/parameter.ts'

export interface ForecastRoutes {
  registry: Registry
  forecasts: {
    board: Pick<ForecastBoard, 'all' | 'isFresh'>
    states: ReadonlyMap<string, { asked?: number; problem?: string }>
  }
  forecastStore: Pick<ForecastStore, 'issued'>
  clock: Clock
}

const value = z.number().nullable()
const stepSchema = z
  .strictObject({
    time: instantSchema,
    surfaceTemperature: value.describe('°C'),
    airTemperature: value.describe('°C'),
    dewPoint: value.describe('°C'),
    precipitationRate: value.describe('mm/h, until the next step'),
  })
  .meta({ id: 'ForecastStep' })
const issueFields = {
  source: z.string(),
  site: z.string(),
  issued: instantSchema,
  ageSeconds: z.int().describe('Since it was issued'),
}
const tags = ['winter-service']

/** What suppliers expect of the weather at the roads: never mixed with what was measured. */
export function addForecastRoutes(server: Server, parts: ForecastRoutes): void {
  const { registry, forecasts, forecastStore, clock } = parts

  const issueOf = ({ source, site, issued }: Forecast, now: number) => ({
    ...{ source, site, issued: instant(issued) },
    ageSeconds: Math.round((now - issued) / 1000),
  })

  server.get(
    '/v1/forecasts',
    {
      schema: {
        tags,
        summary: 'The newest forecasts for the roads; those that are stale are named and hidden',
        querystring: z.strictObject({
          site: idParameter.optional(),
          hours: z.coerce
            .number()
            .int()
            .min(1)
            .max(48)
            .default(48)
            .describe('Steps of so many hours ahead, and of the hour before'),
        }),
        response: {
          200: z.strictObject({
            time: instantSchema,
            sources: z.array(
              z.strictObject({
                id: z.string(),
                name: textSchema.nullable(),
                sites: z.array(z.string()),
                staleAfterSeconds: z.int(),
                asked: instantSchema.nullable(),
                problem: z.string().nullable().describe('Why its last answer is not used'),
              }),
            ),
            forecasts: z.array(z.strictObject({ ...issueFields, steps: z.array(stepSchema) })),
            hidden: z.array(z.strictObject(issueFields)).describe('Stale: they count for nothing'),
          }),
          ...problems(400),
        },
      },
    },
    async ({ query: { site, hours } }) => {
      if (site !== undefined) siteOf(registry, site)
      const now = clock.now()
      const { board, states } = forecasts
      const asked = board
        .all()
        .filter(({ source }) => registry.forecasts.has(source))
        .filter(forecast => site === undefined || forecast.site === site)
      const [fresh, stale] = [true, false].map(isFresh =>
        asked.filter(forecast => board.isFresh(forecast, now) === isFresh),
      ) as [Forecast[], Forecast[]]
      return {
        time: instant(now),
        sources: [...registry.forecasts.values()].map(({ id, name = null, sites, staleAfter }) => ({
          ...{ id, name, sites, staleAfterSeconds: staleAfter / 1000 },
          asked: instantOrNull(states.get(id)?.asked),
          problem: states.get(id)?.problem ?? null,
        })),
        forecasts: fresh.map(forecast => ({
          ...issueOf(forecast, now),
          steps: stepsAround(forecast, now, hours).map(describeStep),
        })),
        hidden: stale.map(forecast => issueOf(forecast, now)),
      }
    },
  )

  server.get(
    '/v1/forecasts/issued',
    {
      schema: {
        tags,
        summary: 'What was issued for a site, in order: what was known then, not what holds now',
        querystring: z.strictObject({
          site: idParameter,
          from: timeParameter.optional(),
          to: timeParameter.optional(),
        }),
        response: {
          200: z.strictObject({
            from: instantSchema,
            to: instantSchema,
            issued: z.array(
              z.strictObject({
                source: z.string(),
                issued: instantSchema,
                received: instantSchema,
                steps: z.array(stepSchema),
              }),
            ),
          }),
          ...problems(400),
        },
      },
    },
    async ({ query: { site, ...asked } }) => {
      siteOf(registry, site)
      const { from, to } = span(asked, 'minute', clock.now(), registry.territory.timeZone)
      const issued = forecastStore.issued(site, { from, to }).map(forecast => ({
        source: forecast.source,
        issued: instant(forecast.issued),
        received: instant(forecast.received),
        steps: forecast.steps.map(describeStep),
      }))
      return { from: instant(from), to: instant(to), issued }
    },
  )
}

/** Those of the next hours, and those that reach into the last one. */
function stepsAround({ steps }: Forecast, now: number, hours: number): ForecastStep[] {
  return steps.filter(({ time }, index) => {
    const end = steps[index + 1]?.time ?? time
    return end >= now - HOUR_MS && time <= now + hours * HOUR_MS
  })
}

function describeStep({ time, values }: ForecastStep): z.output<typeof stepSchema> {
  const [surfaceTemperature, airTemperature, dewPoint, precipitationRate] = FORECAST_QUANTITIES.map(
    name => values[name] ?? null,
  ) as [number | null, number | null, number | null, number | null]
  return { time: instant(time), surfaceTemperature, airTemperature, dewPoint, precipitationRate }
}
