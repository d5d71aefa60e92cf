import { z } from 'zod'
import { usualProfile } from '../../energy/usual-profile.ts'
import type { Clock } from '../../model/clock.ts'
import { isKnownHour } from '../../model/consumption.ts'
import type { Registry } from '../../registry/registry.ts'
import type { FigureStore } from '../../store/figures.ts'
import { idParameter, instant, instantSchema, span, timeParameter } from '../fields.ts'
import { meterOf } from '../meters/parameter.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'

export interface ProfileRoutes {
  registry: Registry
  figures: FigureStore
  clock: Clock
}

const weights = z.array(z.int()).length(24)

/** What a meter usually counts in each hour of a day: to be put into the registry, where gaps are spread by it. */
export function addProfileRoutes(server: Server, { registry, figures, clock }: ProfileRoutes): void {
  const { timeZone } = registry.territory
  server.get(
    '/v1/meters/:meter/profile',
    {
      schema: {
        tags: ['consumption'],
        summary: 'What a meter usually counts in each hour of a day, as `profile` of the registry takes it',
        params: z.strictObject({ meter: idParameter }),
        querystring: z.strictObject({ from: timeParameter.optional(), to: timeParameter.optional() }),
        response: {
          200: z.strictObject({
            meter: z.string(),
            from: instantSchema,
            to: instantSchema,
            hours: z.int().describe('Hours that are wholly known, from which it is made'),
            profile: z
              .strictObject({ working: weights, saturday: weights, sunday: weights })
              .nullable()
              .describe('null where an hour of one of the days was never known, or nothing was counted'),
          }),
          ...problems(400, 404),
        },
      },
    },
    async ({ params, query }) => {
      const meter = meterOf(registry, params.meter)
      const { from, to } = span(query, 'hour', clock.now(), timeZone)
      const found = await figures.consumption(meter.id, 'hour', from, to)
      const known = found.filter(isKnownHour)
      const profile = usualProfile(known, timeZone)
      return {
        meter: meter.id,
        from: instant(from),
        to: instant(to),
        hours: known.length,
        profile: profile
          ? {
              working: [...profile.working],
              saturday: [...profile.saturday],
              sunday: [...profile.sunday],
            }
          : null,
      }
    },
  )
}
