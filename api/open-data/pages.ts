import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Registry } from '../../registry/registry.ts'
import { idParameter } from '../fields.ts'
import { preferredLanguage, sendPage } from '../page.ts'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { datasetPage, indexPage, type PageContext } from './dataset-page.ts'
import { listDuties } from './duties.ts'
import type { Publication } from './publication.ts'

const tags = ['open-data']
const languageQuery = z.strictObject({
  language: z.enum(['fr', 'en']).describe('Default: what the browser asks for').optional(),
})
const page = { 200: { content: { 'text/html': { schema: z.any() } } } }

/** What people are shown of the open data; without an account and without scripts. */
export function addOpenDataPages(
  server: Server,
  { publication, registry }: { publication: Publication; registry: Registry },
): void {
  const contextOf = (
    request: FastifyRequest,
    language: PageContext['language'] | undefined,
  ): PageContext => ({
    language: language ?? preferredLanguage(request.headers['accept-language'], registry.territory.language),
    publisher: registry.territory.publisher.name,
    timeZone: registry.territory.timeZone,
    baseUrl: publication.baseUrl(),
  })

  server.get(
    '/open-data',
    { schema: { tags, summary: 'All datasets, a page', querystring: languageQuery, response: page } },
    async (request, reply) =>
      sendPage(
        reply,
        200,
        indexPage(publication, listDuties(publication, registry), contextOf(request, request.query.language)),
      ),
  )

  server.get(
    '/open-data/datasets/:dataset',
    {
      schema: {
        tags,
        summary: 'A dataset, a page: preview, chart, columns, how to use and to cite it',
        params: z.strictObject({ dataset: idParameter }),
        querystring: languageQuery,
        response: { ...page, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { dataset } = request.params
      const found = await publication.page(dataset)
      if (!found) throw new Problem(404, `There is no dataset ${dataset}, or it has not been published yet.`)
      return sendPage(reply, 200, datasetPage(found, contextOf(request, request.query.language)))
    },
  )
}
