import { z } from 'zod'
import { changesOf } from '../../model/alert.ts'
import type { Registry } from '../../registry/registry.ts'
import { type Commanding, commandAlert } from '../alerts/command.ts'
import { acceptForms } from '../forms.ts'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import type { AnswerLinks } from './answers.ts'

interface KeyRoute extends Commanding {
  registry: Registry
  answerLinks: AnswerLinks
}

const OUTCOMES = ['acknowledged', 'other-key', 'changed', 'over'] as const

/**
 * Acknowledging by a key of the telephone: the address is in what a voice gateway was asked, signed, and for one alert
 * as it was then. Only posting changes anything; the same once more changes nothing.
 */
export function addKeyRoute(server: Server, parts: KeyRoute): void {
  const { registry, records, answerLinks } = parts

  async function outcomeOf(token: string, body: unknown): Promise<(typeof OUTCOMES)[number]> {
    const { alert: id, change, actor, channel } = answerLinks.find(token)!
    const asked = channel === undefined ? undefined : registry.channels.get(channel)
    const alert = records.alert(id)
    if (asked?.type !== 'http' || !alert)
      throw new Problem(404, 'No voice gateway was asked by this address.')
    const pressed = (body as Record<string, unknown> | null)?.[asked.answerField]
    if (String(pressed) !== asked.answerKey) return 'other-key'
    if (alert.state === 'resolved') return 'over'
    if (alert.state === 'acknowledged') return 'acknowledged'
    if (changesOf(alert) !== change) return 'changed'
    try {
      await commandAlert(id, { action: 'acknowledge', actor, change }, parts)
      return 'acknowledged'
    } catch (error) {
      if (!(error instanceof Problem && error.status === 409)) throw error
      return records.alert(id)?.state === 'resolved' ? 'over' : 'changed'
    }
  }

  server.register(async (scope: Server) => {
    acceptForms(scope)
    scope.post(
      '/v1/answers/:token',
      {
        config: { write: { action: 'answer-call', credential: 'message-link' } },
        schema: {
          tags: ['alerts'],
          summary: 'The keys that were pressed in a call that told of an alert, from the voice gateway',
          consumes: ['application/x-www-form-urlencoded', 'application/json'],
          params: z.strictObject({ token: z.string().max(100) }),
          body: z.unknown(),
          response: {
            200: z.strictObject({ outcome: z.enum(OUTCOMES) }),
            ...problems(401, 403, 404, 503),
          },
        },
      },
      async (request, reply) => {
        reply.header('Cache-Control', 'no-store')
        return { outcome: await outcomeOf(request.params.token, request.body) }
      },
    )
  })
}
