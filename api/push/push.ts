import { createECDH } from 'node:crypto'
import { z } from 'zod'
import { addressOfUrl, isLoopback } from '../../model/address.ts'
import type { Clock } from '../../model/clock.ts'
import { misfitOfEndpoint, subscriptionId } from '../../model/push-subscription.ts'
import type { Registry } from '../../registry/registry.ts'
import type { RecordStore } from '../../store/records.ts'
import { identify } from '../auth/authenticate.ts'
import { Problem, problems, WrongField } from '../problem.ts'
import type { Server } from '../server.ts'

interface PushRoutes {
  registry: Registry
  records: RecordStore
  clock: Clock
  publicBaseUrl: string
  /** For which browsers subscribe. */
  pushKey: string
}

/** A phone, the one before it, a tablet; more is a mistake, and each is a request for every event. */
const MOST_PHONES = 5

const id = z.string().regex(/^[\w-]{43}$/, 'is not the id of a subscription')
const base64url = (characters: number) =>
  z.string().regex(new RegExp(`^[\\w-]{${characters}}$`), `must be ${characters} characters of base64url`)

const subscriptionBody = z.strictObject({
  endpoint: z.string().max(2048),
  keys: z.strictObject({ p256dh: base64url(87), auth: base64url(22) }),
  link: z
    .string()
    .max(100)
    .describe('The token of a link (`/k/…`) that told its person of an alert.')
    .optional(),
  replaces: id.describe('What this browser had before; in place of an account.').optional(),
})

/** Whether a person is told by push. */
export function hasPhones(person: string, { people, channels }: Registry): boolean {
  return people.get(person)?.channels.some(id => channels.get(id)?.type === 'push') ?? false
}

/** Alerts on the phones of people: their browsers subscribe. */
export function addPushRoutes(server: Server, parts: PushRoutes): void {
  const { registry, records, clock, pushKey } = parts
  const onOwnMachine = isLoopback(addressOfUrl(parts.publicBaseUrl).host)
  const isPushed = () => [...registry.people.keys()].some(name => hasPhones(name, registry))

  server.get(
    '/v1/push',
    {
      config: { open: true },
      schema: {
        tags: ['push'],
        summary:
          'The key for which a browser subscribes, null where no person is told by push; and who I am to it',
        response: {
          200: z.strictObject({
            key: z.string().nullable().describe('VAPID (RFC 8292), base64url'),
            person: z
              .string()
              .nullable()
              .describe('Where my account is that of a person who is told by push'),
          }),
        },
      },
    },
    async (request, reply) => {
      reply.header('Cache-Control', 'no-store')
      const actor = identify(request, parts)?.name
      return {
        key: isPushed() ? pushKey : null,
        person: actor !== undefined && hasPhones(actor, registry) ? actor : null,
      }
    },
  )

  server.get(
    '/v1/push/subscriptions/:id',
    {
      schema: {
        tags: ['push'],
        summary:
          'Whose alerts we push to a browser, null for none; by the SHA-256 (base64url) of its endpoint',
        params: z.strictObject({ id }),
        response: { 200: z.strictObject({ person: z.string().nullable() }) },
      },
    },
    async (request, reply) => {
      reply.header('Cache-Control', 'no-store')
      const phone = records.pushSubscription(request.params.id)
      const isTold = phone?.vapidKey === pushKey && hasPhones(phone.person, registry)
      return { person: isTold ? phone.person : null }
    },
  )

  server.post(
    '/v1/push/subscriptions',
    {
      config: { write: { action: 'subscribe-phone', credential: 'phone' } },
      schema: {
        tags: ['push'],
        summary: 'Have my alerts pushed to this browser (W3C Push API)',
        body: subscriptionBody,
        response: { 201: z.strictObject({ id, person: z.string() }), ...problems(400, 401, 403, 409) },
      },
    },
    async (request, reply) => {
      const { endpoint, keys, replaces } = request.body
      const misfit = misfitOfEndpoint(endpoint, onOwnMachine)
      if (misfit !== undefined) throw new WrongField('endpoint', 'endpoint', misfit)
      if (!isOnCurve(keys.p256dh)) throw new WrongField('keys.p256dh', 'key', 'is no point of P-256')
      const person = request.actor!.name
      if (!hasPhones(person, registry))
        throw new Problem(403, `${person} is not among the people of the registry who are told by push.`)
      const phone = { id: subscriptionId(endpoint), person, endpoint, ...keys }
      const kept = records.addPushSubscription(
        { ...phone, vapidKey: pushKey, createdAt: clock.now() },
        { most: MOST_PHONES, ...(replaces !== undefined && { replaces }) },
      )
      if (!kept)
        throw new Problem(
          409,
          `${person} has ${MOST_PHONES} phones already: end the alerts on one of them first.`,
        )
      return reply.code(201).send({ id: phone.id, person })
    },
  )

  server.delete(
    '/v1/push/subscriptions/:id',
    {
      config: { write: { action: 'unsubscribe-phone', credential: 'phone' } },
      schema: {
        tags: ['push'],
        summary: 'No longer push to this browser',
        params: z.strictObject({ id }),
        response: { 204: z.undefined(), ...problems(401, 403) },
      },
    },
    async (request, reply) => {
      records.removePushSubscription(request.params.id)
      return reply.code(204).send()
    },
  )
}

function isOnCurve(key: string): boolean {
  const own = createECDH('prime256v1')
  own.generateKeys()
  try {
    own.computeSecret(key, 'base64url')
    return true
  } catch {
    return false
  }
}
