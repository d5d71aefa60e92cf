import { z } from 'zod'
import { type SenderStatus, STREAMS } from '../model/delivery.ts'
import { senderOf } from './topics.ts'

const statusSchema = z.object({
  version: z.literal(1),
  sender: z.string(),
  role: z.string(),
  online: z.boolean(),
  registry: z.string(),
  registryProblem: z.string().optional(),
  follows: z.string().optional(),
  time: z.number(),
  connections: z
    .record(
      z.string(),
      z.object({
        state: z.enum(['connecting', 'connected', 'failed']),
        error: z.string().optional(),
        lastReading: z.number().optional(),
      }),
    )
    .optional(),
  waiting: z.partialRecord(z.enum(STREAMS), z.number()).optional(),
  outbox: z
    .object({
      bytes: z.int(),
      maxBytes: z.int(),
      share: z.number(),
      streams: z.partialRecord(z.enum(STREAMS), z.object({ bytes: z.int(), timeLeftMs: z.int().optional() })),
    })
    .optional(),
  clockOffset: z.number().optional(),
  share: z.object({ life: z.string(), beat: z.int(), members: z.array(z.string()) }).optional(),
}) satisfies z.ZodType<SenderStatus>

/** @throws when the payload is not the status of the sender whose topic it came on. */
export function parseStatus(topic: string, payload: Buffer): SenderStatus {
  const status = statusSchema.parse(JSON.parse(payload.toString()))
  if (status.sender !== senderOf(topic)) throw new Error(`${topic} carries the status of ${status.sender}`)
  return status
}
