import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { changesOf } from '../../model/alert.ts'
import type { Registry } from '../../registry/registry.ts'
import { type Commanding, commandAlert } from '../alerts/command.ts'
import { acceptForms } from '../forms.ts'
import { preferredLanguage, sendPage } from '../page.ts'
import { Problem, problems } from '../problem.ts'
import { hasPhones } from '../push/push.ts'
import type { Server } from '../server.ts'
import { answerPage, invalidPage, type Obstacle } from './answer-page.ts'

/** What a signed link in a message stands for. */
export interface Answerable {
  alert: string
  /** How many times the alert had changed when the message was written: what worsened later is to be seen first. */
  change: number
  /** Who was told. */
  actor: string
  /** Where it was told as a person's: their id. */
  person?: string
  /** By which it was told. */
  channel?: string
}

/** The links that messages carry. */
export interface AnswerLinks {
  /** Undefined for what we have not signed, or no longer know. */
  find(token: string): Answerable | undefined
}

interface AnswerRoutes extends Commanding {
  registry: Registry
  answerLinks: AnswerLinks
}

const params = z.strictObject({ token: z.string().max(100) })

/** Acknowledging from a message: its link shows a page, whose button posts. */
export function addAnswerRoutes(server: Server, parts: AnswerRoutes): void {
  const { registry, records, answerLinks } = parts
  const { language: own } = registry.territory

  function answer(request: FastifyRequest, reply: FastifyReply, token: string, obstacle?: Obstacle) {
    const language = preferredLanguage(request.headers['accept-language'], own)
    const link = answerLinks.find(token)
    const alert = link && records.alert(link.alert)
    if (!alert) return sendPage(reply, 410, invalidPage(language))
    const isOther = alert.state === 'firing' && changesOf(alert) !== link.change
    const phoneToken = link.person !== undefined && hasPhones(link.person, registry) ? token : undefined
    const page = {
      registry,
      language,
      alert,
      obstacle: isOther ? ('changed' as const) : obstacle,
      phoneToken,
    }
    return sendPage(reply, isOther ? 409 : obstacle === 'silent' ? 503 : 200, answerPage(page))
  }

  server.register(async (scope: Server) => {
    acceptForms(scope)

    // Opening the link changes nothing: mail scanners and previews open links too.
    scope.get('/k/:token', { schema: { hide: true, params } }, async (request, reply) =>
      answer(request, reply, request.params.token),
    )

    scope.post(
      '/k/:token',
      {
        config: { write: { action: 'acknowledge-alert', credential: 'message-link' } },
        schema: {
          tags: ['alerts'],
          summary: 'Acknowledge an alert by the link of a message; the answer is a page',
          params,
          body: z.unknown(),
          response: { 200: z.string(), ...problems(401, 403) },
        },
      },
      async (request, reply) => {
        const { token } = request.params
        const link = answerLinks.find(token)!
        const alert = records.alert(link.alert)
        if (alert?.state !== 'firing' || changesOf(alert) !== link.change)
          return answer(request, reply, token)
        try {
          const { actor, change } = link
          await commandAlert(link.alert, { action: 'acknowledge', actor, change }, parts)
          return answer(request, reply, token)
        } catch (error) {
          if (error instanceof Problem && error.status === 503) return answer(request, reply, token, 'silent')
          if (error instanceof Problem && error.status === 409) return answer(request, reply, token)
          throw error
        }
      },
    )
  })
}
