import rateLimit from '@fastify/rate-limit'
import type { Clock } from '../model/clock.ts'
import { Problem, problems } from './problem.ts'
import type { Server } from './server.ts'
import { createTurns } from './turns.ts'

/** What anybody may ask for without an account, but for the live data of the hub. */
const PUBLIC = /^\/(?:open-data|api|sta|datex2)(?:[/?]|$)/
const MINUTE_MS = 60_000
/** What the public may have of a turn of the event loop, ms. */
const TURN_MS = 2

/** Has those who ask for open data wait for a turn of the event loop, so that everybody else is heard in each. */
export function letPublicWait(server: Server, clock: Clock): void {
  const turns = createTurns(clock, TURN_MS)
  server.addHook('onRequest', (request, _, done) => {
    if (PUBLIC.test(request.url)) turns.take(done)
    else done()
  })
}

/**
 * Answers an address that asks for open data more often than that with 429, until the minute is over.
 * @param perMinute 0 for as often as it likes
 */
export async function limitPublic(server: Server, perMinute: number): Promise<void> {
  if (perMinute === 0) return
  await server.register(rateLimit, {
    max: perMinute,
    timeWindow: MINUTE_MS,
    allowList: request => !PUBLIC.test(request.url),
    errorResponseBuilder: (_, { max, ttl }) => {
      const seconds = Math.ceil(ttl / 1000)
      const detail = `More than ${max} requests in a minute from one address; go on in ${seconds} s. Whole files, /open-data/changes and conditional requests need fewer.`
      return new Problem(429, detail, { 'Retry-After': String(seconds) })
    },
  })
  server.addHook('onRoute', ({ url, schema }) => {
    if (!schema || schema.hide || !PUBLIC.test(url)) return
    schema.response = { ...(schema.response as object), ...problems(429) }
  })
}
