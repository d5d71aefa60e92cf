import type { ReadingBatch, StreamPosition } from '../model/delivery.ts'
import type { ReadingColumns } from '../model/reading.ts'
import { decodeAcknowledgement } from './acknowledgement.ts'
import { decodeReadingBatch } from './codec.ts'
import type { Bus } from './contract.ts'
import { nextUncovered } from './ranges.ts'
import { filters, senderOf } from './topics.ts'

/**
 * Tells of readings once an ingest process, wherever it runs, has acknowledged them, and so has stored them. The
 * window of their senders bounds what waits.
 */
export async function watchStored(
  bus: Bus,
  streams: readonly ReadingBatch['stream'][],
  tell: (readings: ReadingColumns) => void,
): Promise<void> {
  const waiting = new Map<string, Map<string, ReadingBatch>>()

  await bus.subscribe(filters.allReadings, (topic, payload) => {
    const { batch } = decodeReadingBatch(payload)
    if (!streams.includes(batch.stream)) return
    const batches = waiting.get(senderOf(topic)) ?? new Map()
    waiting.set(senderOf(topic), batches)
    batches.set(`${batch.stream} ${batch.run} ${batch.first}`, batch)
  })
  await bus.subscribe(filters.allAcknowledgements, (topic, payload) => {
    const answer = decodeAcknowledgement(payload)
    const batches = waiting.get(senderOf(topic))
    if (!answer || !batches) return
    for (const [key, batch] of batches) {
      if (!isStored(batch, answer)) continue
      batches.delete(key)
      tell(batch.readings)
    }
  })
}

type Answer = Pick<StreamPosition, 'stream' | 'run' | 'upTo' | 'ranges'>

function isStored({ stream, run, first, readings }: ReadingBatch, answer: Answer): boolean {
  if (stream !== answer.stream || run !== answer.run) return false
  return nextUncovered(answer, first) >= first + readings.points.length
}
