import { z } from 'zod'
import type { OutboxStatus, SenderStatus, Stream } from '../../model/delivery.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Gateway } from '../../registry/schema.ts'
import { instantOrNull, instantSchema } from '../fields.ts'

const secondsSchema = z.int().nullable()

export const gatewaySchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    online: z.boolean(),
    time: instantSchema.nullable().describe('When it last said so; null for never'),
    registry: z.string().nullable().describe('SHA-256 of the registry that it runs'),
    registryMatches: z.boolean().nullable().describe('False: it runs another registry than the hub'),
    registryProblem: z.string().nullable().describe("Why it does not take over the hub's, in words"),
    connections: z.array(
      z.strictObject({
        id: z.string(),
        driver: z.string(),
        state: z.enum(['connecting', 'connected', 'failed', 'unknown']),
        error: z.string().nullable(),
        lastReading: instantSchema.nullable(),
      }),
    ),
    waiting: z
      .strictObject({ alerts: z.int(), indexes: z.int(), measures: z.int() })
      .describe('Entries in its outbox, not yet stored here'),
    outbox: z
      .strictObject({
        bytes: z.int(),
        maxBytes: z.int(),
        share: z.number().describe('bytes / maxBytes; at 1 the oldest measures are given up first'),
        timeLeftSeconds: z
          .strictObject({ alerts: secondsSchema, indexes: secondsSchema, measures: secondsSchema })
          .describe('Until a stream must give up entries if nothing is sent; null: nothing is journalled'),
      })
      .nullable()
      .describe('How full its outbox was when it last said so'),
    clockOffsetSeconds: z
      .number()
      .nullable()
      .describe("How far the hub's clock is ahead of its own; null while that is not known"),
  })
  .meta({ id: 'Gateway' })

/** A gateway of the registry with what it last said of itself. */
export function describeGateway(
  gateway: Gateway,
  status: SenderStatus | undefined,
  registry: Registry,
): z.output<typeof gatewaySchema> {
  const online = status?.online ?? false
  return {
    id: gateway.id,
    name: gateway.name,
    online,
    time: instantOrNull(status?.time),
    registry: status?.registry ?? null,
    registryMatches: status ? status.registry === registry.gatewayParts.get(gateway.id)?.hash : null,
    registryProblem: status?.registryProblem ?? null,
    connections: gateway.connections.map(({ id, driver }) => {
      const said = status?.connections?.[id]
      return {
        id,
        driver,
        // What a gateway said before it went away is not so any more.
        state: online ? (said?.state ?? 'unknown') : 'unknown',
        error: said?.error ?? null,
        lastReading: instantOrNull(said?.lastReading),
      }
    }),
    waiting: { alerts: 0, indexes: 0, measures: 0, ...status?.waiting },
    outbox: status?.outbox ? describeOutbox(status.outbox) : null,
    clockOffsetSeconds: status?.clockOffset === undefined ? null : Math.round(status.clockOffset) / 1000,
  }
}

function describeOutbox({ bytes, maxBytes, share, streams }: OutboxStatus) {
  const seconds = (stream: Stream) => {
    const left = streams[stream]?.timeLeftMs
    return left === undefined ? null : Math.round(left / 1000)
  }
  const [alerts, indexes, measures] = [seconds('alerts'), seconds('indexes'), seconds('measures')]
  return { bytes, maxBytes, share, timeLeftSeconds: { alerts, indexes, measures } }
}
