import { z } from 'zod'
import type { Server } from '../server.ts'
import {
  answers,
  datasetOf,
  describe,
  nameParameter,
  type Parts,
  ROOT,
  rootOf,
  send,
  tags,
} from './context.ts'
import { CATALOGUE_COLUMNS, catalogueRows, toldDatasets } from './datasets.ts'
import { datasetLinks, pageLinks } from './links.ts'
import type { Resolved } from './odsql/query.ts'
import type { Terms } from './odsql/terms.ts'
import {
  flagParameters,
  isSet,
  pagedQueryParameters,
  readPage,
  selectParameter,
  tellingParameters,
} from './parameters.ts'
import { type GivenQuery, resolveQuery } from './refine.ts'
import { tellRow } from './tell.ts'

/** The datasets. */
export function addCatalogueRoutes(server: Server, parts: Parts): void {
  const { publication } = parts

  server.get(
    `${ROOT}/datasets`,
    {
      schema: {
        tags,
        summary: 'The datasets, as Opendatasoft’s Explore API has them',
        querystring: z.strictObject(pagedQueryParameters),
        response: answers,
      },
    },
    async (request, reply) => {
      const { query } = request
      const { described, terms } = describe(parts, toldDatasets(publication), query)
      const { grouped, ask } = askCatalogue(parts, described, terms, query)
      const page = readPage(query, grouped ? 'groups' : 'rows')
      const all = await ask()
      const results = all.slice(page.offset, page.offset + page.limit)
      if (grouped) return send(request, reply, { results })
      if (!isSet(query.include_links)) return send(request, reply, { total_count: all.length, results })
      const linked = results.map(result =>
        typeof result.dataset_id === 'string'
          ? { _links: datasetLinks(rootOf(parts), result.dataset_id), ...result }
          : result,
      )
      const links = pageLinks(publication.baseUrl() + request.url, page, all.length)
      return send(request, reply, { total_count: all.length, _links: links, results: linked })
    },
  )

  server.get(
    `${ROOT}/datasets/:dataset`,
    {
      schema: {
        tags,
        summary: 'A dataset, as Opendatasoft’s Explore API has it',
        params: z.strictObject({ dataset: nameParameter }),
        querystring: z.strictObject({ ...selectParameter, ...tellingParameters, ...flagParameters }),
        response: answers,
      },
    },
    async (request, reply) => {
      const { query, params } = request
      const { described, terms } = describe(parts, [datasetOf(parts, params.dataset)], query)
      const [dataset] = await askCatalogue(parts, described, terms, { select: query.select }).ask()
      const links = isSet(query.include_links) && { _links: datasetLinks(rootOf(parts), params.dataset) }
      return send(request, reply, { ...links, ...dataset })
    },
  )
}

/**
 * A question to the catalogue.
 * @throws ClauseError
 */
export function askCatalogue(
  { publication }: Parts,
  described: readonly Record<string, unknown>[],
  terms: Terms,
  query: GivenQuery,
): Pick<Resolved, 'grouped' | 'results'> & { ask(): Promise<Record<string, unknown>[]> } {
  const resolved = resolveQuery(query, terms)
  const given = catalogueRows(described)
  return {
    ...resolved,
    async ask() {
      if (given.length === 0) return []
      const { rows } = await publication.rows.askGiven(given, CATALOGUE_COLUMNS, resolved.query)
      return rows.map(row => tellRow(resolved.results, row, terms))
    },
  }
}
