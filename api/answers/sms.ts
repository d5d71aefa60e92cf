import type { FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { z } from 'zod'
import { type Alert, changesOf } from '../../model/alert.ts'
import { toPhoneNumber } from '../../model/phone-number.ts'
import { MINUTE_MS } from '../../model/time.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Channel } from '../../registry/schema.ts'
import { type Commanding, commandAlert } from '../alerts/command.ts'
import { acceptForms } from '../forms.ts'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { openPace } from './pace.ts'
import { openOf, type ToldAlert, weighReply } from './reply.ts'
import { type Unsettled, unsettledText } from './reply-text.ts'

type SmsChannel = Extract<Channel, { type: 'http' }>

/** What was told of an alert, as it was after so many changes. */
interface Told {
  alert: string
  change: number
  channel: string
  person?: string
  delivered: boolean
}

interface Known extends ToldAlert {
  told: readonly Told[]
}

/** The gateways of the channels of SMS. */
export interface SmsGateways {
  /** What only the gateway of a channel knows, safe in a URL. */
  tokenOf(channel: string): string
  /** What was told on these channels or to these people, in order. */
  toldTo(recipients: { channels: readonly string[]; people: readonly string[] }): Told[]
  /** Sends an SMS to the number of a channel, once. */
  tell(channel: SmsChannel, text: string): Promise<void>
  /** Where gateways reach the hub. */
  baseUrl(): string
}

interface SmsRoutes extends Commanding {
  registry: Registry
  smsGateways: SmsGateways
  log: Logger
}

/** Whoever answered: the channels of their number at this gateway, and whose they are. */
interface Sender {
  number: string
  channels: readonly SmsChannel[]
  people: readonly string[]
}

/** Nobody answers more often. */
const PACE = { most: 30, within: 10 * MINUTE_MS }
/** Two machines that answer each other come to an end. */
const ANSWER_PACE = { most: 3, within: 10 * MINUTE_MS }
/** Strangers fill no log. */
const STRANGER_PACE = { most: 10, within: 10 * MINUTE_MS }

const params = z.strictObject({ channel: z.string().max(100), token: z.string().max(100) })

/** Acknowledging by answering an SMS: its gateway posts what came in to an address that only it knows. */
export function addSmsRoutes(server: Server, parts: SmsRoutes): void {
  const { registry, records, smsGateways, clock, log } = parts
  const mayAnswer = openPace(PACE)
  const mayBeTold = openPace(ANSWER_PACE)
  const mayBeLogged = openPace(STRANGER_PACE)

  server.get(
    '/v1/answers/sms',
    {
      config: { account: true },
      schema: {
        tags: ['alerts'],
        summary: 'Where the gateway of each channel that takes replies posts what came in; each is a secret',
        response: {
          200: z.strictObject({
            addresses: z.array(z.strictObject({ channel: z.string(), address: z.url() })),
          }),
          ...problems(401, 403),
        },
      },
    },
    async (_, reply) => {
      reply.header('Cache-Control', 'no-store')
      const taking = [...registry.channels.values()].filter(takesReplies)
      const addressOf = ({ id }: Channel) =>
        `${smsGateways.baseUrl()}/v1/answers/sms/${id}/${smsGateways.tokenOf(id)}`
      return { addresses: taking.map(channel => ({ channel: channel.id, address: addressOf(channel) })) }
    },
  )

  /** @throws Problem 404 where the channel takes no replies, 403 for a number of nobody. */
  function senderOf({ params, body }: FastifyRequest): Sender & { text: string } {
    const gateway = registry.channels.get((params as { channel: string }).channel)
    if (!takesReplies(gateway)) throw new Problem(404, 'This channel takes no replies.')
    const { from, text } = gateway.replies
    const given = fieldOf(body, from)
    const number = toPhoneNumber(given)
    const channels = [...registry.channels.values()].filter(
      (each): each is SmsChannel =>
        each.type === 'http' && each.number === number && originOf(each) === originOf(gateway),
    )
    if (number === undefined || channels.length === 0) {
      if (mayBeLogged(gateway.id, clock.now()))
        log.warn(
          { channel: gateway.id, sender: `…${given.slice(-2)}` },
          'an SMS of an unknown number refused',
        )
      throw new Problem(403, 'This is the number of nobody here.')
    }
    const ids = new Set(channels.map(({ id }) => id))
    const people = [...registry.people.values()].filter(person => person.channels.some(id => ids.has(id)))
    return { number, channels, people: people.map(({ id }) => id), text: fieldOf(body, text) }
  }

  async function take({ text, ...sender }: Sender & { text: string }) {
    const known = knownOf(sender)
    const names = [...sender.people, ...sender.channels.map(({ id }) => id)]
    const verdict = weighReply(text, known, { names, now: clock.now() })
    const outcome =
      verdict.outcome === 'acknowledge'
        ? await acknowledge(verdict.alert, actorOf(sender, known, verdict.alert))
        : verdict.outcome
    log.info({ channel: sender.channels[0]!.id, outcome }, 'an SMS answered')
    if (outcome !== 'acknowledged') sayBack(outcome, sender)
  }

  function knownOf({ channels, people }: Sender): Known[] {
    const told = smsGateways.toldTo({ channels: channels.map(({ id }) => id), people })
    return [...Map.groupBy(told, ({ alert }) => alert)].flatMap(([id, told]) => {
      const alert = records.alert(id)
      return alert ? [{ alert, told }] : []
    })
  }

  async function acknowledge(alert: ToldAlert['alert'], actor: string): Promise<'acknowledged' | Unsettled> {
    try {
      await commandAlert(alert.id, { action: 'acknowledge', actor, change: changesOf(alert) }, parts)
      return 'acknowledged'
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      // Of a failure the gateway would try again for hours, and acknowledge what nobody has seen.
      if (error.status === 503) return 'silent'
      return records.alert(alert.id)?.state === 'resolved' ? 'over' : 'changed'
    }
  }

  function sayBack(outcome: Unsettled, sender: Sender) {
    const channel = sender.channels.find(takesReplies)
    if (!channel || !mayBeTold(sender.number, clock.now())) return
    const text = unsettledText(outcome, openOf(knownOf(sender)), registry.territory.language)
    smsGateways
      .tell(channel, text)
      .catch(({ message }: Error) =>
        log.warn({ channel: channel.id, reason: message }, 'an SMS could not be answered'),
      )
  }

  server.register(async (scope: Server) => {
    acceptForms(scope)
    const senders = new WeakMap<FastifyRequest, ReturnType<typeof senderOf>>()
    scope.post(
      '/v1/answers/sms/:channel/:token',
      {
        config: { write: { action: 'answer-sms', credential: 'sms-gateway' } },
        schema: {
          tags: ['alerts'],
          summary: 'An SMS that answers what told of an alert, from its gateway',
          description:
            'The fields are those that `replies` of the channel names. `OK`, or `OK` and the code of the message, ' +
            'acknowledges in the name of the person whose number it is; what does not is answered by an SMS.',
          consumes: ['application/x-www-form-urlencoded', 'application/json'],
          params,
          body: z.unknown(),
          response: { 204: z.undefined(), ...problems(401, 403, 404, 429) },
        },
        // Before it stands in the audit, which strangers and loops are not to fill.
        preValidation: async request => {
          const sender = senderOf(request)
          if (!mayAnswer(sender.number, clock.now()))
            throw new Problem(429, 'This number has answered too often.', { 'Retry-After': '600' })
          senders.set(request, sender)
        },
      },
      async (request, reply) => {
        await take(senders.get(request)!)
        // Of some gateways the body of the answer becomes an SMS.
        return reply.code(204).send()
      },
    )
  })
}

function takesReplies(
  channel: Channel | undefined,
): channel is SmsChannel & { replies: NonNullable<SmsChannel['replies']> } {
  return channel?.type === 'http' && channel.replies !== undefined
}

/** Whose gateway it is: another one vouches for no number here. */
function originOf({ url }: SmsChannel): string {
  return new URL(url.replaceAll(/\{\{.*?\}\}/g, 'x')).origin
}

/** A shared phone has no name of its own: what it answers is done by whoever was told. */
function actorOf({ people }: Sender, known: readonly Known[], alert: Alert): string {
  if (people.length === 1) return people[0]!
  const { person, channel } = known.find(each => each.alert === alert)!.told.at(-1)!
  return person ?? channel
}

/** What stands in a body at a path like `results.0.from`, as text; empty where there is nothing. */
function fieldOf(body: unknown, path: string): string {
  const found = path
    .split('.')
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], body)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : ''
}
