import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Clock } from '../../model/clock.ts'
import type { Registry } from '../../registry/registry.ts'
import type { RecordStore } from '../../store/records.ts'
import { instantOrNull, instantSchema } from '../fields.ts'
import { acceptForms } from '../forms.ts'
import { preferredLanguage, sendPage } from '../page.ts'
import { answerError, Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { findActor, identify, SESSION_COOKIE } from './authenticate.ts'
import type { Reads } from './guard.ts'
import { type LoginLink, loginPage } from './login-page.ts'
import { createSession, SESSION_LIFE } from './tokens.ts'

export interface AuthRoutes {
  registry: Registry
  records: RecordStore
  clock: Clock
  /** Whether browsers reach us by https: then the cookie goes nowhere else. */
  secure: boolean
  reads: Reads
}

const tokenField = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'is not a token')

/** The one-time link, the session that it opens, and who I am. */
export function addAuthRoutes(server: Server, { registry, records, clock, secure, reads }: AuthRoutes): void {
  const accounts = { records, clock, registry }
  const cookie = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const

  const sendLogin = (request: FastifyRequest, reply: FastifyReply, status: number, link?: LoginLink) => {
    const language = preferredLanguage(request.headers['accept-language'], registry.territory.language)
    return sendPage(reply, status, loginPage(language, link))
  }

  server.get(
    '/v1/session',
    {
      config: { open: true },
      schema: {
        tags: ['session'],
        summary: 'Who I am, and whether I may read what is not open data; an actor of null may not write',
        response: {
          200: z.strictObject({
            actor: z.string().nullable(),
            scope: z.enum(['session', 'api']).nullable(),
            role: z.enum(['administrator', 'crew', 'reader']).nullable(),
            expiresAt: instantSchema.nullable(),
            mayRead: z.boolean(),
          }),
        },
      },
    },
    async (request, reply) => {
      reply.header('Cache-Control', 'no-store')
      const actor = identify(request, accounts)
      if (!actor)
        return { actor: null, scope: null, role: null, expiresAt: null, mayRead: reads === 'everybody' }
      const scope = actor.scope === 'api' ? ('api' as const) : ('session' as const)
      const { name, role } = actor
      return { actor: name, scope, role, expiresAt: instantOrNull(actor.expiresAt), mayRead: true }
    },
  )

  server.post(
    '/v1/logout',
    {
      config: { write: { action: 'logout', credential: 'account' }, anyAccount: true },
      schema: {
        tags: ['session'],
        summary: 'End my session',
        response: { 204: z.undefined(), ...problems(401, 403, 409) },
      },
    },
    async (request, reply) => {
      if (request.actor!.scope === 'api') throw new Problem(409, 'A token has no session to end.')
      records.revokeToken(request.actor!.tokenId, clock.now())
      return reply.clearCookie(SESSION_COOKIE, cookie).code(204).send()
    },
  )

  server.register(async (scope: Server) => {
    acceptForms(scope)
    scope.setErrorHandler<FastifyError>((error, request, reply) => {
      const page =
        error instanceof Problem && error.status === 401 && request.headers.accept?.includes('text/html')
      return page ? sendLogin(request, reply, 401) : answerError(error, request, reply)
    })

    // Opening the link changes nothing: mail scanners and previews open links too.
    scope.get(
      '/login',
      { schema: { hide: true, querystring: z.strictObject({ token: tokenField }) } },
      async (request, reply) => {
        const { token } = request.query
        const actor = findActor(token, 'link', accounts)
        if (!actor) return sendLogin(request, reply, 410)
        const { name, role } = actor
        return sendLogin(request, reply, 200, { token, name, role })
      },
    )

    scope.post(
      '/login',
      {
        config: { write: { action: 'login', credential: 'login-link' } },
        schema: {
          tags: ['session'],
          summary: 'Spend a one-time link and open a session',
          consumes: ['application/x-www-form-urlencoded', 'application/json'],
          body: z.strictObject({ token: tokenField }),
          response: { 303: z.undefined(), ...problems(401, 403) },
        },
      },
      async (request, reply) => {
        const { name: actor, role } = request.actor!
        // Who had the browser before has it no more.
        const before = findActor(request.cookies[SESSION_COOKIE], 'session', accounts)
        if (before) records.revokeToken(before.tokenId, clock.now())
        const session = createSession(accounts, { actor, role })
        reply.setCookie(SESSION_COOKIE, session.token, { ...cookie, maxAge: SESSION_LIFE[role] / 1000 })
        return reply.header('Cache-Control', 'no-store').redirect(role === 'crew' ? '/crew' : '/', 303)
      },
    )
  })
}
