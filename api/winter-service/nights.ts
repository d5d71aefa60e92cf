import type { FastifyError, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { idParameter, WrongParameter } from '../fields.ts'
import { preferredLanguage, sendPage } from '../page.ts'
import { answerError, Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { describeNight } from './describe-night.ts'
import type { WinterRoutes } from './entries.ts'
import { nightOf } from './night.ts'
import { closedPage, nightPage } from './night-page.ts'
import { type AnsweredNight, nightSchema } from './night-schema.ts'
import { readNight } from './read-night.ts'

const params = z.strictObject({
  date: z.iso.date().describe('The local date of the evening: from its noon to that of the next day'),
})
const query = { circuit: idParameter.optional().describe('Without it: all of them') }

/** What was known, decided and done in a night, beside what was promised. Who did is not for everybody. */
export function addNightLogRoutes(server: Server, { registry, records, clock }: WinterRoutes): void {
  async function logOf(date: string, circuit: string | undefined): Promise<AnsweredNight> {
    const evidence = readNight(records, registry, nightOf(date, registry.territory.timeZone))
    const request = { date, circuit, now: clock.now() }
    const night = describeNight(registry, evidence, records.alertChain(), request)
    if (circuit !== undefined && night.circuits.length === 0)
      throw new WrongParameter('circuit', `there is no circuit ${circuit}`)
    await records.synced()
    return night
  }

  server.get(
    '/v1/winter-service/nights/:date',
    {
      config: { account: true, crew: true },
      schema: {
        tags: ['winter-service'],
        summary: 'The log of a night, from noon to noon: alerts, decisions, treatments and the service level',
        params,
        querystring: z.strictObject(query),
        response: { 200: nightSchema, ...problems(400, 401) },
      },
    },
    async (request, reply) => {
      reply.header('Cache-Control', 'no-store')
      return logOf(request.params.date, request.query.circuit)
    },
  )

  server.register(async (scope: Server) => {
    const languageOf = ({ headers }: FastifyRequest) =>
      preferredLanguage(headers['accept-language'], registry.territory.language)
    scope.setErrorHandler<FastifyError>((error, request, reply) =>
      error instanceof Problem && error.status === 401
        ? sendPage(reply, 401, closedPage(languageOf(request)))
        : answerError(error, request, reply),
    )

    scope.get(
      '/winter-service/nights/:date',
      {
        config: { account: true, crew: true },
        schema: {
          hide: true,
          params,
          querystring: z.strictObject({ ...query, language: z.enum(['fr', 'en']).optional() }),
        },
      },
      async (request, reply) => {
        const { circuit, language = languageOf(request) } = request.query
        const night = await logOf(request.params.date, circuit)
        const other = new URLSearchParams({
          ...(circuit !== undefined && { circuit }),
          language: language === 'fr' ? 'en' : 'fr',
        })
        const { timeZone } = registry.territory
        return sendPage(reply, 200, nightPage({ language, timeZone, night, other: `?${other}` }))
      },
    )
  })
}
