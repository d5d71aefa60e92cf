import { z } from 'zod'
import { type SenderStatus, STREAMS } from '../../model/delivery.ts'

const statusSchema = z.object({
  version: z.literal(1),
  sender: z.string(),
  role: z.string(),
  online: z.boolean(),
  registry: z.string(),
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
}) satisfies z.ZodType<SenderStatus>

/** @throws when the payload is not the status of a sender. */
export function parseStatus(payload: Buffer): SenderStatus {
  return statusSchema.parse(JSON.parse(payload.toString()))
}
