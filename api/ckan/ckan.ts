import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Registry } from '../../registry/registry.ts'
import type { Publication } from '../open-data/publication.ts'
import { sendTagged, unchanged } from '../open-data/send-tagged.ts'
import { plainMessage } from '../plain-message.ts'
import { answerError } from '../problem.ts'
import type { Server } from '../server.ts'
import { describeDataset, describeOrganization, ORGANIZATION } from './packages.ts'

const ACTIONS = '/api/3/action'
const named = z.strictObject({ id: z.string().min(1).max(200) })
const count = z.coerce.number().int().min(0).max(1000)
const first = z.coerce.number().int().min(0).default(0)

class NotFound extends Error {}

/** What harvesters of CKAN ask, in the shape of its action API 3: read only. */
export function addCkanRoutes(
  server: Server,
  { publication, registry }: { publication: Publication; registry: Registry },
): void {
  const { publisher } = registry.territory
  const packages = () =>
    publication.datasets.flatMap(dataset => describeDataset(publication, publisher, dataset) ?? [])

  server.register(async (scope: Server) => {
    scope.setErrorHandler(answerCkanError)

    function add<T extends z.ZodType>(
      action: string,
      summary: string,
      querystring: T,
      answer: (query: z.output<T>) => unknown,
    ): void {
      scope.get(
        `${ACTIONS}/${action}`,
        { schema: { tags: ['open-data'], summary, querystring, response: answers } },
        async (request: FastifyRequest, reply: FastifyReply) => {
          const result = answer(request.query as z.output<T>)
          const body = JSON.stringify({ help: helpOf(action), success: true, result })
          return sendTagged(request, reply, 'application/json; charset=utf-8', body)
        },
      )
    }
    const helpOf = (action: string) => `${publication.baseUrl()}${ACTIONS}/help_show?name=${action}`

    add(
      'package_list',
      'The names of the datasets, as CKAN has it',
      z.strictObject({ limit: count.default(1000), offset: first }),
      ({ limit, offset }) =>
        packages()
          .map(({ name }) => name)
          .slice(offset, offset + limit),
    )
    add('package_show', 'A dataset, as CKAN has it', named, ({ id }) => {
      const found = packages().find(({ name }) => name === id)
      if (found) return found
      throw new NotFound()
    })
    add(
      'package_search',
      'The datasets, as CKAN has it; all of them, page by page',
      z.strictObject({
        q: z.enum(['', '*:*']).describe('Nothing is searched for').optional(),
        rows: count.default(10),
        start: first,
      }),
      ({ rows, start }) => {
        const all = packages()
        const results = all.slice(start, start + rows)
        return { count: all.length, results, sort: 'name asc', facets: {}, search_facets: {} }
      },
    )
    add('organization_list', 'Who publishes, as CKAN has it', z.strictObject({}), () => [ORGANIZATION])
    add('organization_show', 'Who publishes, as CKAN has it', named, ({ id }) => {
      if (id === ORGANIZATION) return { ...describeOrganization(publisher), package_count: packages().length }
      throw new NotFound()
    })
  })
}

const json = (description: string) => ({
  description,
  content: { 'application/json': { schema: z.any() } },
})
const answers = {
  200: json('Under `result`'),
  304: unchanged,
  404: json('There is nothing of that name; under `error`'),
  409: json('A parameter is wrong; under `error`, by its name'),
}

function answerCkanError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const fail = (status: number, details: object) =>
    reply.code(status).type('application/json; charset=utf-8').send({ success: false, error: details })
  if (error instanceof NotFound) return fail(404, { __type: 'Not Found Error', message: 'Not found' })
  if (!hasZodFastifySchemaValidationErrors(error)) return answerError(error, request, reply)
  const wrong = error.validation.flatMap(({ instancePath, params, message }) => {
    const { keys } = params as { keys?: string[] }
    const names = keys ?? [instancePath.slice(1)]
    return names.map(name => [name, [keys ? 'is not a parameter here' : plainMessage(message ?? 'is wrong')]])
  })
  return fail(409, { __type: 'Validation Error', ...Object.fromEntries(wrong) })
}
