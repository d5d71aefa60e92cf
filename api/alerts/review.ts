import { z } from 'zod'
import { instantOfLocalTime } from '../../model/calendar.ts'
import type { Clock } from '../../model/clock.ts'
import type { Registry } from '../../registry/registry.ts'
import type { RecordStore } from '../../store/records.ts'
import { instant, instantSchema, span, timeParameter } from '../fields.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { GROUPINGS, statisticsFields, statisticsOf } from './statistics.ts'

interface ReviewRoutes {
  registry: Registry
  records: Pick<RecordStore, 'alertLives' | 'alertChain' | 'synced'>
  clock: Clock
}

const tags = ['alerts']
const ids = z.array(z.string()).nullable()
const outOfServiceAnswer = z.strictObject({
  id: z.string(),
  sites: ids,
  points: ids,
  rules: ids,
  from: instantSchema,
  to: instantSchema.describe('Exclusive'),
  reason: z.string(),
})

/** What is said of alerts as a whole: what is out of service, how they fare, and where their chain stands. */
export function addReviewRoutes(server: Server, { registry, records, clock }: ReviewRoutes): void {
  const { timeZone } = registry.territory
  const instantOf = (local: string) => instant(instantOfLocalTime(local, timeZone))

  server.get(
    '/v1/alerts/out-of-service',
    {
      schema: {
        tags,
        summary: 'What is out of service now or will be: its rules do not fire meanwhile',
        response: { 200: z.strictObject({ outOfService: z.array(outOfServiceAnswer) }) },
      },
    },
    async () => ({
      outOfService: registry.outOfService
        .map(({ from, to, sites, points, rules, ...what }) => ({
          ...{ ...what, sites: sites ?? null, points: points ?? null, rules: rules ?? null },
          ...{ from: instantOf(from), to: instantOf(to) },
        }))
        .filter(({ to }) => Date.parse(to) > clock.now()),
    }),
  )

  server.get(
    '/v1/alerts/statistics',
    {
      config: { account: true, crew: true },
      schema: {
        tags,
        summary:
          'How often alerts come, and how long they take, by rule, site or crew; what is stale or silent',
        querystring: z.strictObject({
          by: z.enum(GROUPINGS).default('rule').describe('crew: who acknowledged first'),
          from: timeParameter.optional(),
          to: timeParameter.optional(),
        }),
        response: {
          200: z.strictObject({ from: instantSchema, to: instantSchema, ...statisticsFields }),
          ...problems(400, 401),
        },
      },
    },
    async ({ query }, reply) => {
      reply.header('Cache-Control', 'no-store')
      const now = clock.now()
      const { from, to } = span(query, 'alerts', now, timeZone)
      const lives = records.alertLives(from, to)
      return {
        from: instant(from),
        to: instant(to),
        ...statisticsOf(lives, { by: query.by, from, to, now, registry }),
      }
    },
  )

  server.get(
    '/v1/alerts/chain',
    {
      config: { account: true, crew: true },
      schema: {
        tags,
        summary:
          'Where the hash chain of all alert events stands; kept elsewhere, it shows later that none was changed',
        response: {
          200: z.strictObject({
            length: z.int().describe('How many events are in it'),
            hash: z.string().describe('SHA-256, hex'),
            time: instantSchema,
          }),
          ...problems(401),
        },
      },
    },
    async (_, reply) => {
      reply.header('Cache-Control', 'no-store')
      const head = records.alertChain()
      await records.synced()
      return { ...head, time: instant(clock.now()) }
    },
  )
}
