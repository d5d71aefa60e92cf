import { isLoopback } from '../model/address.ts'
import { Problem } from './problem.ts'
import type { Server } from './server.ts'

/** Everything from here and nothing inline, except a style named by its hash. */
export function contentSecurityPolicy(styleSource = ''): string {
  return [
    "default-src 'self'",
    `style-src 'self' ${styleSource}`.trim(),
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

const OPEN_PATHS = /^\/(?:open-data\/|api\/|sta\/|datex2\/|openapi\.json(?:\?|$))/
const DEFAULT_POLICY = contentSecurityPolicy()
const SECURITY = {
  'X-Content-Type-Options': 'nosniff',
  // Not no-referrer: browsers would then send a null Origin with the login form.
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
}

/** Of an answer, what pages of others may read beside what they always may. */
const EXPOSED = 'ETag, Accept-Ranges, Content-Range, Content-Disposition, Repr-Digest, Retry-After'
/** They may read under a condition: no write, and nothing that says who asks. */
const PREFLIGHT = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD',
  'Access-Control-Allow-Headers': 'If-Modified-Since, If-None-Match, If-Range, Range',
  'Access-Control-Max-Age': '86400',
}

/** Security headers on every answer, and `*` for the reading of data by pages of others. */
export function addHeaders(server: Server): void {
  server.addHook('onSend', (request, reply, _payload, done) => {
    if (!reply.hasHeader('Content-Security-Policy')) reply.header('Content-Security-Policy', DEFAULT_POLICY)
    reply.headers(SECURITY)
    const reading = request.method === 'GET' || request.method === 'HEAD'
    if (reading && OPEN_PATHS.test(request.url))
      reply.headers({ 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': EXPOSED })
    done()
  })

  server.addHook('onRequest', (request, reply, done) => {
    const isPreflight =
      request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined
    if (isPreflight && OPEN_PATHS.test(request.url)) reply.code(204).headers(PREFLIGHT).send()
    else done()
  })
}

/**
 * While we listen on loopback only, a name that is not ours in `Host` is a page of another site that had
 * its name resolved to 127.0.0.1 (DNS rebinding).
 */
export function refuseForeignHosts(server: Server, host: string, publicBaseUrl: string): void {
  if (!isLoopback(host)) return
  const known = new Set(['localhost', '127.0.0.1', '[::1]', new URL(publicBaseUrl).hostname])
  server.addHook('onRequest', (request, _reply, done) => {
    const name = request.headers.host?.replace(/:\d+$/, '').toLowerCase()
    if (name === undefined || !known.has(name)) {
      throw new Problem(421, `This hub is not ${name}; if it should be, set publicBaseUrl in hub.yaml.`)
    }
    done()
  })
}
