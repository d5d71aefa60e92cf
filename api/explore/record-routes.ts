import { z } from 'zod'
import { columnOutput } from '../../model/row-query.ts'
import type { Server } from '../server.ts'
import {
  answers,
  nameParameter,
  openDataset,
  type Parts,
  ROOT,
  rootOf,
  send,
  sendOf,
  tags,
} from './context.ts'
import type { ToldDataset } from './datasets.ts'
import { notFound } from './errors.ts'
import { pageLinks, recordLinks } from './links.ts'
import { resolveClauses } from './odsql/query.ts'
import {
  flagParameters,
  isSet,
  pagedQueryParameters,
  readPage,
  selectParameter,
  tellingParameters,
} from './parameters.ts'
import { recordCondition, recordId } from './records.ts'
import { resolveQuery } from './refine.ts'
import { tellRow } from './tell.ts'

/** The rows of datasets. */
export function addRecordRoutes(server: Server, parts: Parts): void {
  const { publication } = parts

  server.get(
    `${ROOT}/datasets/:dataset/records`,
    {
      schema: {
        tags,
        summary: 'Rows of a dataset, or groups of them, as Opendatasoft’s Explore API has them',
        params: z.strictObject({ dataset: nameParameter }),
        querystring: z.strictObject(pagedQueryParameters),
        response: answers,
      },
    },
    async (request, reply) => {
      const { query } = request
      const { dataset, version, terms } = openDataset(parts, request.params.dataset, query)
      const { query: rowQuery, results, grouped } = resolveQuery(query, terms)
      const page = readPage(query, query.group_by ? 'groups' : 'rows')
      const withLinks = isSet(query.include_links)
      const withMetas = isSet(query.include_app_metas)
      const key = !grouped && (withMetas || withLinks) ? dataset.schema.primaryKey.map(columnOutput) : []
      const select = [...rowQuery.select, ...key.map(({ name, of }) => ({ name: `key ${name}`, of }))]
      return sendOf(parts, version, request, reply, async () => {
        const { rows } = await publication.rows.ask(version, { ...rowQuery, select, ...page })
        const told = rows.map(row => {
          const record = tellRow(results, row, terms)
          if (key.length === 0) return record
          const id = recordId(row.slice(rowQuery.select.length))
          return {
            ...(withMetas && metasOf(id, record, version)),
            ...(withLinks && { _links: recordLinks(rootOf(parts), dataset.id, id) }),
            ...record,
          }
        })
        if (query.group_by) return { results: told }
        const { where } = rowQuery
        const total = await publication.rows.count(version, { select: [], ...(where && { where }) })
        const links = withLinks && { _links: pageLinks(publication.baseUrl() + request.url, page, total) }
        return { total_count: total, ...links, results: told }
      })
    },
  )

  server.get(
    `${ROOT}/datasets/:dataset/records/:record`,
    {
      schema: {
        tags,
        summary: 'A row of a dataset, as Opendatasoft’s Explore API has it',
        params: z.strictObject({ dataset: nameParameter, record: nameParameter }),
        querystring: z.strictObject({ ...selectParameter, ...tellingParameters, ...flagParameters }),
        response: answers,
      },
    },
    async (request, reply) => {
      const { query, params } = request
      const { dataset, version, terms } = openDataset(parts, params.dataset, query)
      const condition = recordCondition(params.record, dataset, version, publication)
      const { query: rowQuery, results } = resolveClauses({ select: query.select }, terms, [condition])
      const { rows } = await publication.rows.ask(version, { ...rowQuery, limit: 1 })
      if (!rows[0]) throw notFound('record', params.record)
      const record = tellRow(results, rows[0], terms)
      return send(request, reply, {
        ...(isSet(query.include_app_metas) && metasOf(params.record, record, version)),
        ...(isSet(query.include_links) && {
          _links: recordLinks(rootOf(parts), dataset.id, params.record),
        }),
        ...record,
      })
    },
  )
}

function metasOf(id: string, record: object, { version }: ToldDataset['version']) {
  return {
    _id: id,
    _timestamp: version.publishedAt,
    _size: Buffer.byteLength(JSON.stringify(record)),
  }
}
