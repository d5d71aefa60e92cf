import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { idParameter } from '../fields.ts'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'

/** What the open data is made of; publication makes it. */
export interface Publication {
  /** Lines of the file, header first, closed periods only. */
  fluidesCsv(period: 'month' | 'day'): AsyncIterable<string>
  /** The DCAT catalogue as JSON-LD. */
  catalogue(): Promise<object>
  /** The Table Schema of a version of a dataset. */
  tableSchema(dataset: string, version: string): object | undefined
}

const tags = ['open-data']
const JSON_LD = 'application/ld+json'

/** The published files at their stable addresses. */
export function addOpenDataRoutes(server: Server, { publication }: { publication: Publication }): void {
  const files = [
    { name: 'fluides', period: 'month', summary: 'Monthly consumption by building and fluid' },
    { name: 'fluides-jour', period: 'day', summary: 'Daily consumption by building and fluid' },
  ] as const
  for (const { name, period, summary } of files) {
    server.get(
      `/open-data/${name}.csv`,
      {
        schema: { tags, summary, response: { 200: content('text/csv'), ...problems(400, 503) } },
      },
      async (_, reply) =>
        reply
          .type('text/csv; charset=utf-8; header=present')
          .header('Content-Disposition', `attachment; filename="${name}.csv"`)
          .header('Cache-Control', 'public, max-age=60')
          .send(Readable.from(publication.fluidesCsv(period))),
    )
  }

  server.get(
    '/open-data/catalog.jsonld',
    { schema: { tags, summary: 'The catalogue (DCAT)', response: { 200: content(JSON_LD) } } },
    async (request, reply) => sendTagged(request, reply, JSON_LD, await publication.catalogue()),
  )

  server.get(
    '/open-data/schemas/:dataset/:version/schema.json',
    {
      schema: {
        tags,
        summary: 'The Table Schema of a dataset',
        params: z.strictObject({
          dataset: idParameter,
          version: z.string().regex(/^\d+\.\d+\.\d+$/, 'write a version like 1.0.0'),
        }),
        response: { 200: content('application/json'), ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { dataset, version } = request.params
      const schema = publication.tableSchema(dataset, version)
      if (!schema)
        throw new Problem(
          404,
          `There is no schema ${dataset} ${version}; the catalogue names those there are.`,
        )
      return sendTagged(request, reply, 'application/json', schema)
    },
  )
}

function content(type: string) {
  return { content: { [type]: { schema: z.any() } } }
}

/** A small document with its hash as ETag, or 304 to who has it. */
function sendTagged(
  request: FastifyRequest,
  reply: FastifyReply,
  type: string,
  document: object,
): FastifyReply {
  const body = JSON.stringify(document)
  const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  reply.header('ETag', tag).header('Cache-Control', 'public, max-age=60')
  if (request.headers['if-none-match'] === tag) return reply.code(304).send()
  return reply.type(type).send(body)
}
