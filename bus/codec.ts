import type { ReadingBatch, Stream } from '../model/delivery.ts'
import type { ReadingColumns } from '../model/reading.ts'
import { checkReadings } from './check-readings.ts'
import { type Decoded, decodeEnvelope, isObject, MalformedBatchError } from './envelope.ts'

const READING_STREAMS: readonly Stream[] = ['indexes', 'measures']
const COLUMNS = [
  'points',
  'times',
  'values',
  'qualities',
  'gatewayTimes',
] as const satisfies (keyof ReadingColumns)[]

export function encodeReadingBatch(batch: ReadingBatch): string {
  return JSON.stringify(batch)
}

/** What was decoded last: several parts of a process hear a message one after the other. */
let last: { payload: Buffer; decoded: Decoded<ReadingBatch> } | undefined

/**
 * Reads a batch of readings. Readings that are not sound are left out of the batch and listed beside it. Whoever hears
 * the same message on the same connection gets the same batch: it is ingest's, which adds to it once all have heard it,
 * and is not to be kept by anybody else.
 * @throws MalformedBatchError when the batch as a whole cannot be used.
 */
export function decodeReadingBatch(payload: Buffer | string): Decoded<ReadingBatch> {
  if (last?.payload === payload) return last.decoded
  const decoded = decode(payload)
  if (typeof payload !== 'string') last = { payload, decoded }
  return decoded
}

function decode(payload: Buffer | string): Decoded<ReadingBatch> {
  const { envelope, fields, count } = decodeEnvelope(payload, READING_STREAMS, countReadings)
  const columns = fields.readings as ReadingColumns
  const { stream, run, first } = envelope
  for (const name of COLUMNS) {
    const column: unknown = columns[name]
    if (Array.isArray(column) && column.length === count) continue
    const length = Array.isArray(column)
      ? `has ${column.length} entries, points has ${count}`
      : 'is not a list'
    throw new MalformedBatchError(`readings.${name} ${length}`, { stream, run, first, count })
  }
  const { readings, numbers, rejected } = checkReadings(columns, first)
  return { batch: { ...envelope, readings } as ReadingBatch, numbers, count, rejected }
}

function countReadings(fields: Record<string, unknown>): number | undefined {
  const points = isObject(fields.readings) ? fields.readings.points : undefined
  return Array.isArray(points) ? points.length : undefined
}
