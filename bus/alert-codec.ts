import { z } from 'zod'
import {
  ALERT_CHANGES,
  ALERT_EVENT_TYPES,
  ALERT_STATES,
  type Alert,
  type AlertEvent,
  SEVERITIES,
} from '../model/alert.ts'
import type { AlertBatch, Stream } from '../model/delivery.ts'
import { ID_PATTERN, POINT_ID_PATTERN } from '../model/point-id.ts'
import { MAX_STRING_LENGTH } from '../model/reading.ts'
import { isTime } from '../model/time.ts'
import { type Decoded, decodeEnvelope, type Rejected } from './envelope.ts'

const ALERT_STREAMS: readonly Stream[] = ['alerts']

const id = z.string().regex(ID_PATTERN)
const time = z.number().refine(isTime, 'not a time in ms UTC')
const value = z.union([z.number(), z.boolean(), z.string().max(MAX_STRING_LENGTH), z.null()])

// Unknown keys pass: a newer sender may say more, and the event is kept as it came.
const alertSchema = z.looseObject({
  id,
  rule: id,
  point: z.string().regex(POINT_ID_PATTERN),
  site: id,
  severity: z.enum(SEVERITIES),
  phenomenon: z.string().optional(),
  state: z.enum(ALERT_STATES),
  since: time,
  firedAt: time,
  change: z.looseObject({ type: z.enum(ALERT_CHANGES), number: z.int().positive(), time }).optional(),
  flapping: z.int().positive().optional(),
  shelving: z
    .looseObject({
      number: z.int().positive(),
      time,
      by: z.string(),
      reason: z.string().optional(),
      until: time.optional(),
    })
    .optional(),
  acknowledgedAt: time.optional(),
  acknowledgedBy: z.string().optional(),
  actedAt: time.optional(),
  resolvedAt: time.optional(),
  ended: z.literal('rule-gone').optional(),
  value,
  lastValue: value,
  message: z.looseObject({ fr: z.string(), en: z.string() }),
}) satisfies z.ZodType<Alert>

const eventSchema = z
  .looseObject({
    type: z.enum(ALERT_EVENT_TYPES),
    time,
    actor: z.string().min(1),
    alert: alertSchema,
  })
  .refine(({ type, alert }) => !/shelved$/.test(type) || alert.shelving !== undefined, {
    path: ['alert', 'shelving'],
    error: 'is missing',
  }) satisfies z.ZodType<AlertEvent>

/** An alert of the retained live set; undefined where the topic is empty, or holds something else. */
export function decodeLiveAlert(payload: Buffer): Alert | undefined {
  try {
    return alertSchema.parse(JSON.parse(payload.toString()))
  } catch {
    return undefined
  }
}

export function encodeAlertBatch(batch: AlertBatch): string {
  return JSON.stringify(batch)
}

/**
 * Reads a batch of alert events. Events that are not sound are left out of the batch and listed beside it.
 * @throws MalformedBatchError when the batch as a whole cannot be used.
 */
export function decodeAlertBatch(payload: Buffer | string): Decoded<AlertBatch> {
  const { envelope, fields, count } = decodeEnvelope(payload, ALERT_STREAMS, ({ events }) =>
    Array.isArray(events) ? events.length : undefined,
  )
  const events: AlertEvent[] = []
  const numbers: number[] = []
  const rejected: Rejected[] = []
  for (const [i, entry] of (fields.events as unknown[]).entries()) {
    const number = envelope.first + i
    const checked = eventSchema.safeParse(entry)
    if (checked.success) {
      events.push(checked.data)
      numbers.push(number)
    } else {
      const issue = checked.error.issues[0]!
      rejected.push({ number, reason: `${issue.path.join('.')}: ${issue.message}`, entry })
    }
  }
  return { batch: { ...envelope, stream: 'alerts', events }, numbers, count, rejected }
}
