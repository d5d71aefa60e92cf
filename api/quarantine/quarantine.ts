import { z } from 'zod'
import type { Clock } from '../../model/clock.ts'
import { STREAMS } from '../../model/delivery.ts'
import { QUARANTINE_KINDS } from '../../model/quarantine.ts'
import type { Registry } from '../../registry/registry.ts'
import type { KeptItem, Quarantine } from '../../store/quarantine.ts'
import { instant, instantOrNull, instantSchema, parameterTime, timeParameter } from '../fields.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'

export interface QuarantineRoutes {
  registry: Registry
  quarantine: Quarantine
  clock: Clock
}

const GROUPS = 100
const kind = z.enum(QUARANTINE_KINDS)
const itemSchema = z.strictObject({
  id: z.int(),
  time: instantSchema.describe('When it came'),
  kind,
  reason: z.string(),
  sender: z.string(),
  topic: z.string().nullable(),
  stream: z.enum(STREAMS).nullable(),
  run: z.string().nullable(),
  first: z.int().nullable().describe('The first and the last number that it accounts for'),
  last: z.int().nullable(),
  payload: z.unknown().describe('The entry, or the message: its text, or `{ base64 }` where it is not text'),
  truncated: z.boolean().describe('The payload is only the beginning'),
  times: z.int().describe('How often it came'),
  released: instantSchema.nullable().describe('When a replay stored it'),
  failure: z.string().nullable().describe('Why the last replay failed on it'),
})

/** What could not be stored, and why. Payloads may hold what is not for everybody: only for an account. */
export function addQuarantineRoutes(server: Server, { registry, quarantine }: QuarantineRoutes): void {
  server.get(
    '/v1/quarantine',
    {
      config: { account: true },
      schema: {
        tags: ['gateways'],
        summary: 'What could not be stored, and why; a page at a time, the newest first',
        querystring: z.strictObject({
          kind: kind.optional(),
          sender: z.string().min(1).optional(),
          reason: z.string().min(1).optional().describe('A part of the reason'),
          since: timeParameter.optional(),
          released: z
            .enum(['true', 'false'])
            .optional()
            .describe('Only what a replay has stored, or has not'),
          before: z.coerce.number().int().min(1).optional().describe('The `next` of the page before'),
          limit: z.coerce.number().int().min(1).max(500).default(50),
        }),
        response: {
          200: z.strictObject({
            groups: z
              .array(
                z.strictObject({
                  kind,
                  sender: z.string(),
                  reason: z.string(),
                  items: z.int(),
                  from: instantSchema,
                  to: instantSchema,
                }),
              )
              .describe('By kind, sender and reason, the largest first'),
            items: z.array(itemSchema),
            next: z.int().nullable(),
          }),
          ...problems(400, 401),
        },
      },
    },
    async ({ query: { since, released, before, limit, ...asked } }, reply) => {
      reply.header('Cache-Control', 'no-store')
      const filter = {
        ...asked,
        since: since === undefined ? undefined : parameterTime(since, registry.territory.timeZone),
        released: released === undefined ? undefined : released === 'true',
      }
      const items = quarantine.list(filter, { before, limit })
      const last = items.at(-1)?.id
      const more = last !== undefined && quarantine.list(filter, { before: last, limit: 1 }).length > 0
      return {
        groups: quarantine.groups(filter, GROUPS).map(({ from, to, ...group }) => {
          return { ...group, from: instant(from), to: instant(to) }
        }),
        items: items.map(describeItem),
        next: more ? last : null,
      }
    },
  )
}

function describeItem(item: KeptItem): z.output<typeof itemSchema> {
  const { id, time, kind, reason, sender, topic, stream, run, first, last, payload } = item
  return {
    id,
    time: instant(time),
    kind,
    reason,
    sender,
    topic: topic ?? null,
    stream: stream ?? null,
    run: run ?? null,
    first: first ?? null,
    last: last ?? null,
    payload,
    truncated: item.truncated ?? false,
    times: item.times,
    released: instantOrNull(item.released),
    failure: item.failure ?? null,
  }
}
