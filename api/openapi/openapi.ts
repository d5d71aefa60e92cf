import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { SESSION_COOKIE } from '../auth/authenticate.ts'
import type { Server } from '../server.ts'

const TAGS = [
  { name: 'sites', description: 'The territory and its sites' },
  { name: 'points', description: 'What is measured: now, before, and on average' },
  { name: 'consumption', description: 'What was used, by civil period, with coverage' },
  { name: 'alerts', description: 'What is the matter, and who has seen it' },
  { name: 'push', description: 'Alerts on the phones of people' },
  {
    name: 'winter-service',
    description: 'What was seen, decided and done on the roads, and the log of a night',
  },
  { name: 'gateways', description: 'Where the readings come from' },
  { name: 'simulators', description: 'What simulated devices are told to do wrong' },
  { name: 'rules', description: 'What raises alerts, and how it is changed' },
  { name: 'registry', description: 'What is in force, and what of its files is not' },
  { name: 'live', description: 'Everything as it comes' },
  { name: 'open-data', description: 'Published files' },
  { name: 'datex2', description: 'The roads in DATEX II' },
  { name: 'road-weather', description: 'Road weather for the public, in the shape of Digitraffic' },
  { name: 'sensor-things', description: 'What may be published, as OGC SensorThings API 1.1' },
  { name: 'session', description: 'Who I am' },
  { name: 'health', description: 'For those who run the hub' },
]

interface Described {
  components?: { schemas?: Record<string, object> }
}

/** The description of the API, at /openapi.json, and its reference, at /docs: all files are served from here. */
export async function addOpenApi(server: Server, version: string): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: {
        title: 'Affluent',
        version,
        description:
          'The data hub of the territory. Open data need no account; what changes something needs a session ' +
          'or a token, and reading where an operation answers 401. Unknown parameters are refused. Errors are RFC 9457 problems.',
        license: { name: 'EUPL-1.2', identifier: 'EUPL-1.2' },
      },
      // Relative to where the description was read: also behind a proxy, and by each name of the hub.
      servers: [{ url: '/' }],
      security: [],
      tags: TAGS,
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'Made by `affluent token`' },
          session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
        },
      },
    },
    transform: described => {
      const { schema, url } = nameRest(jsonSchemaTransform(described))
      const [method] = [described.route.method].flat()
      return { schema: { operationId: operationId(method!, url), ...schema }, url }
    },
    transformObject: document => {
      const described = jsonSchemaTransformObject(document) as Described
      const { schemas = {}, ...components } = described.components ?? {}
      // A named schema is written out twice, for requests and for answers; ours are all of answers.
      const ofAnswers = Object.entries(schemas).filter(([name]) => !name.endsWith('Input'))
      return {
        ...described,
        components: { ...components, schemas: Object.fromEntries(ofAnswers) },
      }
    },
  })

  server.get('/openapi.json', { schema: { hide: true, querystring: z.strictObject({}) } }, async () =>
    server.swagger(),
  )

  await server.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { layout: 'BaseLayout', docExpansion: 'list', tryItOutEnabled: true },
    theme: { title: 'Affluent API' },
  })
}

/** The rest of a path is a parameter, which has to have a name. */
function nameRest({ schema, url }: ReturnType<typeof jsonSchemaTransform>) {
  const { properties, required } = (schema.params ?? {}) as { properties?: object; required?: string[] }
  if (schema.hide || !url.endsWith('*') || !properties) return { schema, url }
  const named = Object.entries(properties).map(([name, value]) => [name === '*' ? REST : name, value])
  const params = {
    ...(schema.params as object),
    properties: Object.fromEntries(named),
    required: required?.map(name => (name === '*' ? REST : name)),
  }
  return { schema: { ...schema, params }, url: url.replace('*', `:${REST}`) }
}
const REST = 'path'

/** What generated clients call an operation: `getSitesBySiteConsumption` for GET /v1/sites/:site/consumption. */
function operationId(method: string, url: string): string {
  const words =
    url
      .replace(/^\/v1\//, '/')
      .replaceAll(':', 'by-')
      .match(/[A-Za-z0-9]+/g) ?? []
  return method.toLowerCase() + words.map(word => word[0]!.toUpperCase() + word.slice(1)).join('')
}
