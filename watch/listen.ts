import { decodeReadingBatch } from '../bus/codec.ts'
import type { Bus } from '../bus/contract.ts'
import { parseStatus } from '../bus/status.ts'
import { filters } from '../bus/topics.ts'
import type { SenderStatus } from '../model/delivery.ts'
import { type Reading, readingAt } from '../model/reading.ts'

export interface Listener {
  read(reading: Reading): void
  hear(status: SenderStatus): void
}

/** Hears what every sender says on a bus; what does not decode is ingest's to report. */
export async function listen(bus: Bus, { read, hear }: Listener): Promise<void> {
  await bus.subscribe(filters.allReadings, (_, payload) => {
    const columns = attempt(() => decodeReadingBatch(payload).batch.readings)
    for (let i = 0; i < (columns?.points.length ?? 0); i++) read(readingAt(columns!, i))
  })
  await bus.subscribe(filters.allStatuses, (topic, payload) => {
    const status = attempt(() => parseStatus(topic, payload))
    if (status) hear(status)
  })
}

function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode()
  } catch {
    return undefined
  }
}
