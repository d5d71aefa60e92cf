import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import { createGzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { QueryRefusedError } from '../../model/row-query.ts'
import type { PublishedVersion } from '../open-data/publication.ts'
import { sendNotModified, tagsOf } from '../open-data/send-file.ts'
import { CACHE } from '../open-data/send-tagged.ts'
import type { Server } from '../server.ts'
import {
  answers,
  datasetOf,
  fileAnswers,
  isTimely,
  nameParameter,
  openDataset,
  type Parts,
  ROOT,
  rootOf,
  send,
  tags,
} from './context.ts'
import { notFound, wrongParameter } from './errors.ts'
import {
  type CsvForm,
  inChunks,
  type Told,
  writeCsv,
  writeGeoJson,
  writeJson,
  writeJsonLines,
} from './export-formats.ts'
import { readAll, wholeColumns } from './export-rows.ts'
import type { Resolved } from './odsql/query.ts'
import {
  csvParameters,
  exportParameters,
  isSet,
  queryParameters,
  readCsvForm,
  tellingParameters,
} from './parameters.ts'
import { resolveQuery } from './refine.ts'

const FORMATS = {
  csv: { mediaType: 'text/csv; charset=utf-8', write: writeCsv },
  json: { mediaType: 'application/json; charset=utf-8', write: writeJson },
  jsonl: { mediaType: 'application/jsonl; charset=utf-8', write: writeJsonLines },
  geojson: { mediaType: 'application/geo+json', write: writeGeoJson },
} satisfies Record<string, { mediaType: string; write(told: Told, form: CsvForm): AsyncGenerator<string> }>
const PARQUET = 'parquet'
const PARQUET_TYPE = 'application/vnd.apache.parquet'
/** How many may be under way at a time. */
const MOST_EXPORTS = 8

type TextFormat = keyof typeof FORMATS

/** Whole datasets, and all results of a query. */
export function addExportRoutes(server: Server, parts: Parts): void {
  const { publication } = parts
  let underWay = 0

  server.get(
    `${ROOT}/datasets/:dataset/exports`,
    {
      schema: {
        tags,
        summary: 'How a dataset can be exported, as Opendatasoft’s Explore API has it',
        params: z.strictObject({ dataset: nameParameter }),
        querystring: z.strictObject({ ...tellingParameters }),
        response: answers,
      },
    },
    async (request, reply) => {
      const { dataset } = datasetOf(parts, request.params.dataset)
      const links = [...Object.keys(FORMATS), PARQUET]
        .filter(format => format !== 'geojson' || dataset.position)
        .map(rel => ({ rel, href: `${rootOf(parts)}/datasets/${dataset.id}/exports/${rel}` }))
      return send(request, reply, { links })
    },
  )

  server.get(
    `${ROOT}/datasets/:dataset/exports/:format`,
    {
      schema: {
        tags,
        summary: 'All results of a query to a dataset, as Opendatasoft’s Explore API has them',
        params: z.strictObject({ dataset: nameParameter, format: nameParameter }),
        querystring: z.strictObject({
          ...queryParameters,
          ...exportParameters,
          ...csvParameters,
          ...tellingParameters,
        }),
        response: fileAnswers,
      },
    },
    async (request, reply) => {
      const { query, params } = request
      const { dataset, version, terms } = openDataset(parts, params.dataset, query)
      const { format } = params
      if (format !== PARQUET && !isTextFormat(format)) throw notFound('format', format)
      if (format === 'geojson' && !dataset.position) throw notFound('format', format)
      const resolved = resolveQuery(query, terms)
      const limit = query.limit === -1 ? undefined : query.limit
      const compressed = isSet(query.compressed) && format !== PARQUET
      const name = `${dataset.id}.${format}${compressed ? '.gz' : ''}`
      const type = compressed
        ? 'application/gzip'
        : format === PARQUET
          ? PARQUET_TYPE
          : FORMATS[format].mediaType
      reply.type(type).header('Content-Disposition', `attachment; filename="${name}"`)
      if (hasIt(request, reply, version)) return sendNotModified(request, reply)
      if (request.method === 'HEAD') return reply.send(Readable.from([]))
      if (format === PARQUET)
        return reply.send(await parquetOf(version, resolved, limit, query.parquet_compression))

      if (underWay >= MOST_EXPORTS) throw new QueryRefusedError('busy')
      underWay++
      const ended = once(reply.raw, 'close').then(() => {
        underWay--
      })
      const { rows, close } = await readAll(publication, version, resolved, limit)
      // A client that has gone never reads it.
      void ended.then(close)
      const told = { results: resolved.results, rows, clocks: terms }
      const texts = Readable.from(inChunks(FORMATS[format].write(told, readCsvForm(query))))
      return reply.send(compressed ? pipeline(texts, createGzip(), () => {}) : texts)
    },
  )

  async function parquetOf(
    version: PublishedVersion,
    { query, results }: Resolved,
    limit: number | undefined,
    compression: 'snappy' | 'zstd' | undefined,
  ): Promise<Readable> {
    const whole = publication.file(version, `${version.version.dataset}.${PARQUET}`)!
    // A position is its two columns anyway.
    const told = results.filter(({ type }) => type !== 'geo_point_2d')
    const names = publication.rows.columns(version).map(({ name }) => name)
    const isWhole =
      limit === undefined &&
      compression !== 'snappy' &&
      isDeepStrictEqual(wholeColumns(query, names)?.slice(0, names.length), [...names.keys()]) &&
      isDeepStrictEqual(
        told.map(({ name }) => name),
        names,
      )
    if (isWhole) return Readable.from(bytesOf(whole.parts))
    const labelled = results.find(({ tell }) => tell)
    if (labelled)
      throw wrongParameter('group_by', `${labelled.name} has labels, which only exports of text hold.`)
    const select = results.flatMap(({ name, at: [first, second] }) =>
      second === undefined
        ? [query.select[first]!]
        : [
            { ...query.select[first]!, name: `${name}_lon` },
            { ...query.select[second]!, name: `${name}_lat` },
          ],
    )
    const limited = { ...query, select, ...(limit !== undefined && { limit }) }
    return publication.rows.copyParquet(version, limited, compression ?? 'snappy')
  }
}

function isTextFormat(format: string): format is TextFormat {
  return Object.hasOwn(FORMATS, format)
}

/** Whether the client has this answer of this version; tags it. */
function hasIt(request: FastifyRequest, reply: FastifyReply, { version }: PublishedVersion): boolean {
  const made = createHash('sha256').update(`${version.files[0]!.sha256} ${version.version} ${request.url}`)
  const tag = `"${made.digest('base64url').slice(0, 22)}"`
  if (isTimely(request)) return false
  reply.header('ETag', tag).header('Cache-Control', CACHE)
  return tagsOf(request.headers['if-none-match'] ?? '').includes(tag)
}

async function* bytesOf(parts: readonly { path: string }[]): AsyncGenerator<Buffer> {
  for (const { path } of parts) yield* createReadStream(path) as AsyncIterable<Buffer>
}
