import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { negotiate } from './negotiate.ts'
import type { CatalogueRequest, Publication } from './publication.ts'
import { sendTagged, unchanged } from './send-tagged.ts'

type Format = CatalogueRequest['format']

const TYPES: Record<Format, string> = {
  jsonld: 'application/ld+json',
  ttl: 'text/turtle',
  rdf: 'application/rdf+xml',
}
const FORMATS = Object.keys(TYPES) as Format[]
/** In the order of our preference. What asks for JSON can read JSON-LD. */
const OFFERS = [
  ...FORMATS.map(format => ({ format, type: TYPES[format] })),
  { format: 'jsonld' as const, type: 'application/json' },
]

const pageParameters = z.strictObject({
  profile: z
    .enum(['udata', 'strict'])
    .default('udata')
    .describe(
      'udata: as data.gouv.fr reads it. strict: as DCAT-AP 3.0.1 has it, checksums as xsd:hexBinary, texts in French and English',
    ),
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  page_size: z.coerce.number().int().min(1).max(1000).default(100).describe('Datasets on a page'),
})

/** The DCAT catalogue, in each of its formats and in the one that a client asks for. */
export function addCatalogueRoutes(server: Server, publication: Publication): void {
  function send(
    request: FastifyRequest,
    reply: FastifyReply,
    format: Format,
    { page, profile, page_size: pageSize }: z.output<typeof pageParameters>,
  ): FastifyReply {
    const text = publication.catalogue({ format, profile, page, pageSize })
    if (text === undefined)
      throw new Problem(404, `The catalogue has no page ${page} of ${pageSize} datasets each.`)
    return sendTagged(request, reply, `${TYPES[format]}; charset=utf-8`, text)
  }

  server.get(
    '/open-data/catalog',
    {
      schema: {
        tags: ['open-data'],
        summary: 'The catalogue (DCAT), in the format that Accept names',
        description: 'Pages name the next one as Hydra has it (hydra:PartialCollectionView).',
        querystring: pageParameters,
        response: { 200: contents(FORMATS), 304: unchanged, ...problems(400, 404, 406) },
      },
    },
    async (request, reply) => {
      reply.header('Vary', 'Accept')
      const chosen = negotiate(request.headers.accept, OFFERS)
      if (!chosen)
        throw new Problem(
          406,
          `The catalogue is ${OFFERS.map(({ type }) => type).join(', ')}; Accept allows none of these.`,
        )
      const query = request.url.split('?')[1]
      reply.header('Content-Location', `/open-data/catalog.${chosen.format}${query ? `?${query}` : ''}`)
      return send(request, reply, chosen.format, request.query)
    },
  )
  for (const format of FORMATS)
    server.get(
      `/open-data/catalog.${format}`,
      {
        schema: {
          tags: ['open-data'],
          summary: `The catalogue (DCAT) as ${TYPES[format]}`,
          querystring: pageParameters,
          response: { 200: contents([format]), 304: unchanged, ...problems(400, 404) },
        },
      },
      async (request, reply) => send(request, reply, format, request.query),
    )
}

function contents(formats: readonly Format[]) {
  const content = Object.fromEntries(formats.map(format => [TYPES[format], { schema: z.any() }]))
  return { description: 'A page of it', content }
}
