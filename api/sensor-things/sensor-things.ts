import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { sendTagged, unchanged } from '../open-data/send-tagged.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { type Answerer, createAnswerer, MOST_IN_PAGE, nextAddress, type Page } from './answer.ts'
import { type CatalogueSources, createCatalogueReader } from './catalogue-reader.ts'
import { describeDataArray } from './data-array.ts'
import { addressOf, type Entity, SETS } from './model.ts'
import { TimeValue } from './odata/time-value.ts'
import { type OptionName, optionsSchema, type ReadOptions, readOptions, wrongParameterOf } from './options.ts'
import { type Members, type Resource, resolve } from './resource.ts'

const ROOT = '/sta/v1.1'
const MOST_IN_DATA_ARRAY = 10_000
const OF_ENTITY: readonly OptionName[] = ['$select', '$expand']
const OF_REFS: readonly OptionName[] = ['$filter', '$orderby', '$top', '$skip', '$count', '$skiptoken']
const OF_SET: readonly OptionName[] = [...OF_REFS, ...OF_ENTITY, '$resultFormat']
const JSON_TYPE = 'application/json; charset=utf-8'
const CACHE = 'public, max-age=30'

/** The requirements of OGC 18-088 that are met whole; of its data arrays only the reading is. */
const CONFORMANCE = ['datamodel', 'resource-path/resource-path-to-entities', 'request-data'].map(
  name => `http://www.opengis.net/spec/iot_sensing/1.1/req/${name}`,
)

const tags = ['sensor-things']
const anySchema = z.looseObject({})

/** OGC SensorThings API 1.1, Part 1: Sensing (OGC 18-088), for reading: what may be published, as things that observe. */
export function addSensorThingsRoutes(server: Server, routes: CatalogueSources): void {
  const { publication, clock } = routes
  const readCatalogue = createCatalogueReader(routes)
  const root = () => publication.baseUrl() + ROOT

  async function answer(request: FastifyRequest, reply: FastifyReply, segments: readonly string[]) {
    try {
      const catalogue = await readCatalogue()
      const answerer = createAnswerer(catalogue, root(), clock.now())
      const resource = await resolve(catalogue, segments, answerer.complete)
      return await send(request, reply, resource, answerer)
    } catch (error) {
      throw wrongParameterOf(error)
    }
  }

  async function send(request: FastifyRequest, reply: FastifyReply, resource: Resource, answerer: Answerer) {
    const given = request.query as Record<string, unknown>
    const sendJson = (json: unknown) => sendTagged(request, reply, JSON_TYPE, JSON.stringify(json), CACHE)
    switch (resource.kind) {
      case 'property': {
        readOptions(given, 'Things', [])
        const { name, value, isRaw } = resource
        if (value === null || value === undefined) return reply.code(204).send()
        if (!isRaw) return sendJson({ [name]: value })
        const plain = value instanceof TimeValue ? value.toJSON() : value
        const isText = typeof plain !== 'object'
        const raw = isText ? String(plain) : JSON.stringify(plain)
        return sendTagged(request, reply, isText ? 'text/plain; charset=utf-8' : JSON_TYPE, raw, CACHE)
      }
      case 'entity': {
        const { entity, refs } = resource
        const { query } = readOptions(given, entity.set, refs ? [] : OF_ENTITY)
        if (refs) return sendJson({ value: [refTo(entity)] })
        return sendJson((await answerer.tell([entity], query))[0])
      }
      case 'entities': {
        const options = readOptions(given, resource.set, resource.refs ? OF_REFS : OF_SET)
        const path = request.url.split('?')[0]!
        return sendJson(await describePage(resource, options, publication.baseUrl() + path, answerer))
      }
    }
  }

  async function describePage(
    members: Members & { refs: boolean },
    { query, after, isDataArray, written }: ReadOptions,
    address: string,
    answerer: Answerer,
  ) {
    const most = isDataArray ? MOST_IN_DATA_ARRAY : MOST_IN_PAGE
    const { entities, count, next }: Page = await answerer.page(members, query, { after, most })
    return {
      ...(count !== undefined && { '@iot.count': count }),
      ...(next && { '@iot.nextLink': nextAddress(address, written, next) }),
      value: members.refs
        ? entities.map(refTo)
        : isDataArray
          ? describeDataArray(entities, query.select, root())
          : await answerer.tell(entities, query),
    }
  }

  function refTo(entity: Entity) {
    return { '@iot.selfLink': `${root()}/${addressOf(entity)}` }
  }

  server.get(
    ROOT,
    {
      schema: {
        tags,
        summary: 'The sets of SensorThings 1.1 that there are, and what of the standard is answered',
        response: {
          200: z.strictObject({
            value: z.array(z.strictObject({ name: z.enum(SETS), url: z.string() })),
            serverSettings: z.strictObject({ conformance: z.array(z.string()) }),
          }),
          304: unchanged,
        },
      },
    },
    async (request, reply) => {
      const value = SETS.map(name => ({ name, url: `${root()}/${name}` }))
      const body = JSON.stringify({ value, serverSettings: { conformance: CONFORMANCE } })
      return sendTagged(request, reply, JSON_TYPE, body)
    },
  )

  const answers = {
    200: {
      description: 'A page of entities, an entity, or a property',
      content: { 'application/json': { schema: anySchema }, 'text/plain': { schema: z.string() } },
    },
    204: z.null().describe('The property is null'),
    304: unchanged,
    ...problems(400, 404, 422, 501, 503),
  }

  server.get(
    `${ROOT}/:resource`,
    {
      schema: {
        tags,
        summary: "A set, page by page, or one of its entities: Datastreams, or Datastreams('…')",
        params: z.strictObject({ resource: z.string() }),
        querystring: optionsSchema,
        response: answers,
      },
    },
    (request, reply) => answer(request, reply, [request.params.resource]),
  )

  server.get(
    `${ROOT}/:resource/*`,
    {
      schema: {
        tags,
        summary: 'What an entity is linked with, one of its properties, a $value or $ref',
        description:
          "The path goes on over links, with slashes between: Things('…')/Datastreams('…')/Observations, Things('…')/name/$value, Things/$ref.",
        params: z.strictObject({ resource: z.string(), '*': z.string() }),
        querystring: optionsSchema,
        response: answers,
      },
    },
    (request, reply) => answer(request, reply, [request.params.resource, ...request.params['*'].split('/')]),
  )
}
