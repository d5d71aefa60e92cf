import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { sendConsole } from './console/console.ts'
import { problems, sendProblem } from './problem.ts'
import type { Server } from './server.ts'

/** The first segment of every address that is not the console's. */
const OUR_PATHS =
  /^\/(?:v1|open-data|health|metrics|docs|openapi\.json|login|winter-service|api|sta|datex2)(?:\/|$)/

interface KnownRoute {
  pattern: RegExp
  methods: string[]
}

/**
 * What holds for every route: one that names no parameters takes none and refuses others, one that needs an account
 * says so, and an address or a method that is not there is answered as such.
 */
export function addRouting(server: Server, consoleFolder: string): void {
  const known: KnownRoute[] = []

  server.addHook('onRoute', route => {
    const methods = [route.method].flat()
    if (route.url !== '/*') known.push({ pattern: pathPattern(route.url), methods })
    if (!route.schema || route.schema.hide) return
    route.schema.querystring ??= z.strictObject({})
    const needsAccount =
      route.config?.write?.credential === 'account' || route.config?.account || route.config?.asks
    if (needsAccount) route.schema.security = [{ token: [] }, { session: [] }]
    const refusals = needsAccount ? problems(400, 401, 403) : problems(400)
    route.schema.response = { ...refusals, ...(route.schema.response as object | undefined) }
  })

  server.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split('?')[0]!
    const allowed = [
      ...new Set(known.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods)),
    ]
    if (allowed.length > 0 && !allowed.includes(request.method)) {
      const detail = `${request.method} is not for ${path}; use ${allowed.join(' or ')}.`
      return sendProblem(reply.header('Allow', allowed.join(', ')), 405, detail)
    }
    const reading = request.method === 'GET' || request.method === 'HEAD'
    if (reading && !OUR_PATHS.test(path) && request.headers.accept?.includes('text/html')) {
      return sendConsole(request, reply, consoleFolder)
    }
    return sendProblem(reply, 404, `There is nothing at ${path}; /openapi.json lists what there is.`)
  })
}

/** Matches the paths of a route: `/v1/sites/:site` has any segment in the place of `:site`. */
export function pathPattern(url: string): RegExp {
  const source = url
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/:[A-Za-z]+/g, '[^/]+')
    .replace(/\*/g, '.*')
  return new RegExp(`^${source}$`)
}
