import { z } from 'zod'
import { BYTE_ORDER_MARK } from '../../model/csv.ts'
import { sendTagged } from '../open-data/send-tagged.ts'
import type { Server } from '../server.ts'
import { askCatalogue } from './catalogue.ts'
import {
  answers,
  describe,
  fileAnswers,
  nameParameter,
  type Parts,
  ROOT,
  rootOf,
  send,
  tags,
} from './context.ts'
import { toldDatasets } from './datasets.ts'
import { notFound, wrongParameter } from './errors.ts'
import { writeCells } from './export-formats.ts'
import {
  catalogueExportParameters,
  csvParameters,
  queryParameters,
  readCsvForm,
  tellingParameters,
} from './parameters.ts'

/** DCAT, as data.gouv.fr reads it. */
const RDF = {
  rdf: { format: 'rdf', mediaType: 'application/rdf+xml' },
  dcat: { format: 'rdf', mediaType: 'application/rdf+xml' },
  ttl: { format: 'ttl', mediaType: 'text/turtle; charset=utf-8' },
} as const
const FORMATS = ['csv', 'json', ...Object.keys(RDF)]

/** The catalogue as a file. */
export function addCatalogueExports(server: Server, parts: Parts): void {
  const { publication } = parts

  server.get(
    `${ROOT}/exports`,
    {
      schema: {
        tags,
        summary: 'How the catalogue can be exported, as Opendatasoft’s Explore API has it',
        querystring: z.strictObject({ ...tellingParameters }),
        response: answers,
      },
    },
    async (request, reply) => {
      const links = FORMATS.map(rel => ({ rel, href: `${rootOf(parts)}/exports/${rel}` }))
      return send(request, reply, { links })
    },
  )

  server.get(
    `${ROOT}/exports/:format`,
    {
      schema: {
        tags,
        summary: 'The catalogue as a file, as Opendatasoft’s Explore API has it',
        params: z.strictObject({ format: nameParameter }),
        querystring: z.strictObject({
          ...queryParameters,
          ...catalogueExportParameters,
          ...csvParameters,
          ...tellingParameters,
        }),
        response: fileAnswers,
      },
    },
    async (request, reply) => {
      const { query, params } = request
      const { format } = params
      if (!FORMATS.includes(format)) throw notFound('format', format)
      const told = toldDatasets(publication)
      reply.header(
        'Content-Disposition',
        `attachment; filename="catalog.${format === 'dcat' ? 'rdf' : format}"`,
      )
      if (format !== 'csv' && format !== 'json') {
        const asked = Object.keys(queryParameters).find(name => Object.hasOwn(query, name))
        if (asked) throw wrongParameter(asked, `the catalogue as ${format} is told as a whole.`)
        const { mediaType, ...form } = RDF[format as keyof typeof RDF]
        const whole = { ...form, profile: 'udata', page: 1, pageSize: Math.max(1, told.length) } as const
        return sendTagged(request, reply, mediaType, publication.catalogue(whole)!)
      }
      const { described, terms } = describe(parts, told, query)
      // A file of lines has columns, and what is a list of fields is none.
      const select = query.select ?? (format === 'csv' ? CSV_SELECT : undefined)
      const { results, ask } = askCatalogue(parts, described, terms, { ...query, select })
      const all = await ask()
      const end = query.limit === -1 ? undefined : query.offset + query.limit
      const page = all.slice(query.offset, end)
      if (format === 'json') return send(request, reply, page)
      const form = readCsvForm(query)
      const names = results.map(({ name }) => name)
      const lines = [names, ...page.map(dataset => names.map(name => dataset[name]))]
      const text = lines.map(cells => writeCells(cells, form)).join('')
      const mark = form.withBom ? BYTE_ORDER_MARK : ''
      return sendTagged(request, reply, 'text/csv; charset=utf-8', mark + text)
    },
  )
}

const CSV_SELECT =
  'dataset_id, title, description, keyword, license, license_url, language, publisher, references, modified, records_count, features'
