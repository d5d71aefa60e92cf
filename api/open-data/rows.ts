import { z } from 'zod'
import { columnOutput } from '../../model/row-query.ts'
import { idParameter } from '../fields.ts'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import type { AnswerMemory } from './answer-memory.ts'
import type { Publication, PublishedVersion } from './publication.ts'
import { readColumns, readFilters } from './row-parameters.ts'
import { sendTagged, unchanged } from './send-tagged.ts'
import { unknownDataset } from './unknown-dataset.ts'

const MOST_ROWS = 10_000

const ownParameters = {
  columns: z.string().max(2000).describe('Names with commas between; default: all').optional(),
  page_size: z.coerce.number().int().min(1).max(MOST_ROWS).default(1000),
  cursor: z.string().max(100).describe('Of `next` of the page before').optional(),
}

/** What files do not serve: the rows of a dataset that meet conditions, in the order of the files, page by page. */
export function addRowRoutes(server: Server, publication: Publication, answers: AnswerMemory): void {
  /** Pages that follow are of the version of the first, so that they fit together. */
  function versionOf(dataset: string, number: number | undefined): PublishedVersion {
    const versions = publication.versions(dataset)
    if (!versions) throw unknownDataset(dataset, publication)
    if (number === undefined) {
      const latest = publication.latest(dataset)
      if (!latest) throw new Problem(404, `${dataset} has not been published yet.`)
      return latest
    }
    const found = versions.find(({ version, withdrawn }) => version.version === number && !withdrawn)
    if (found) return found
    throw new Problem(410, 'This cursor leads nowhere any more: begin again without it.')
  }

  server.get(
    '/open-data/:dataset/rows',
    {
      schema: {
        tags: ['open-data'],
        summary: 'Rows of the newest version of a dataset that meet conditions',
        description:
          'Conditions are parameters `<column>__<operator>=<value>`, all of which a row must meet; the operators are exact, in (values with commas between), greater and less (or equal), strictly_greater, strictly_less, isnull and isnotnull (with no value). Rows come in the order of the files; `next` is the address of the page that follows, in the same version.',
        params: z.strictObject({ dataset: idParameter }),
        querystring: z.looseObject(ownParameters),
        response: {
          200: { description: 'A page', content: { 'application/json': { schema: z.any() } } },
          304: unchanged,
          ...problems(400, 404, 410, 422, 503),
        },
      },
    },
    async (request, reply) => {
      const { dataset } = request.params
      const { columns: names, page_size: size, cursor, ...filters } = request.query
      const { number, after } = cursor === undefined ? {} : readCursor(cursor)
      const version = versionOf(dataset, number)
      const columns = publication.rows.columns(version)
      const told = readColumns(names, columns)
      const where = readFilters(filters, columns)
      const page = await answers.read(version, request.url, async () => {
        const { json, count, last } = await publication.rows.tell(version, {
          select: told.map(({ name }) => columnOutput(name)),
          limit: size,
          ...(where && { where }),
          ...(after !== undefined && { after }),
        })
        const { version: number } = version.version
        const next =
          count < size ? null : nextAddress(publication.baseUrl(), request.url, writeCursor(number, last!))
        const [begin, end] = [JSON.stringify({ dataset, version: number }), JSON.stringify({ next })]
        return Buffer.concat([
          Buffer.from(`${begin.slice(0, -1)},"rows":`),
          ...[json, Buffer.from(`,${end.slice(1)}`)],
        ])
      })
      return sendTagged(request, reply, 'application/json; charset=utf-8', page)
    },
  )
}

function nextAddress(baseUrl: string, url: string, cursor: string): string {
  const next = new URL(baseUrl + url)
  next.searchParams.set('cursor', cursor)
  return next.href
}

function writeCursor(version: number, row: number): string {
  return Buffer.from(`${version}.${row}`).toString('base64url')
}

function readCursor(text: string): { number: number; after: number } {
  const found = /^([1-9]\d{0,8})\.(\d{1,12})$/.exec(Buffer.from(text, 'base64url').toString())
  if (!found) throw new Problem(410, 'This cursor leads nowhere: begin again without it.')
  return { number: Number(found[1]), after: Number(found[2]) }
}
