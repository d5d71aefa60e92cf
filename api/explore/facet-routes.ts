import { z } from 'zod'
import type { RowPage, RowQuery } from '../../model/row-query.ts'
import type { Server } from '../server.ts'
import {
  answers,
  datasetOf,
  describe,
  nameParameter,
  openDataset,
  type Parts,
  ROOT,
  send,
  sendOf,
  tags,
} from './context.ts'
import { CATALOGUE_COLUMNS, catalogueRows, toldDatasets } from './datasets.ts'
import { countFacet, type Facet, readFacets } from './facets.ts'
import { resolveWhere } from './odsql/query.ts'
import type { Terms } from './odsql/terms.ts'
import { eachOf, facetParameter, filterParameters, tellingParameters } from './parameters.ts'

const querystring = z.strictObject({ ...filterParameters, ...facetParameter, ...tellingParameters })

/** By which values datasets and rows are refined. */
export function addFacetRoutes(server: Server, parts: Parts): void {
  const { publication } = parts

  server.get(
    `${ROOT}/facets`,
    {
      schema: {
        tags,
        summary: 'By what datasets are refined, as Opendatasoft’s Explore API has it',
        querystring,
        response: answers,
      },
    },
    async (request, reply) => {
      const { query } = request
      const { described, terms } = describe(parts, toldDatasets(publication), query)
      const rows = catalogueRows(described)
      const facets = await countFacets(query, terms, async asked =>
        rows.length > 0 ? publication.rows.askGiven(rows, CATALOGUE_COLUMNS, asked) : { rows: [] },
      )
      return send(request, reply, { links: [], facets })
    },
  )

  server.get(
    `${ROOT}/datasets/:dataset/facets`,
    {
      schema: {
        tags,
        summary: 'By what rows of a dataset are refined, as Opendatasoft’s Explore API has it',
        params: z.strictObject({ dataset: nameParameter }),
        querystring,
        response: answers,
      },
    },
    async (request, reply) => {
      const { query, params } = request
      const { version, terms } = openDataset(parts, params.dataset, query)
      return sendOf(parts, version, request, reply, async () => ({
        links: [],
        facets: await countFacets(query, terms, asked => publication.rows.ask(version, asked)),
      }))
    },
  )

  server.get(
    `${ROOT}/datasets/:dataset/attachments`,
    {
      schema: {
        tags,
        summary: 'The attachments of a dataset, as Opendatasoft’s Explore API has them: there are none',
        params: z.strictObject({ dataset: nameParameter }),
        querystring: z.strictObject({ ...tellingParameters }),
        response: answers,
      },
    },
    async (request, reply) => {
      datasetOf(parts, request.params.dataset)
      return send(request, reply, { links: [], attachments: [] })
    },
  )
}

type FacetQuery = z.output<typeof querystring>

async function countFacets(
  query: FacetQuery,
  terms: Terms,
  ask: (asked: RowQuery) => Promise<Pick<RowPage, 'rows'>>,
): Promise<Facet[]> {
  const conditions = resolveWhere(eachOf(query.where), terms)
  const facets: Facet[] = []
  // One after the other: a client has one place in the queue.
  for (const facet of readFacets(query.facet, terms))
    facets.push(await countFacet(facet, query, conditions, terms, async asked => (await ask(asked)).rows))
  return facets
}
