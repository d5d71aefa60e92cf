import { EventEmitter } from 'node:events'
import type { Logger } from 'pino'
import { decodeReadingBatch } from '../../bus/codec.ts'
import type { Bus } from '../../bus/contract.ts'
import { parseStatus } from '../../bus/status.ts'
import { filters } from '../../bus/topics.ts'
import type { AlertEvent } from '../../model/alert.ts'
import type { SenderStatus } from '../../model/delivery.ts'
import type { ReadingColumns } from '../../model/reading.ts'

/** Tells of alert events once the records hold them: whoever hears of one finds it in what the API answers. */
export interface AlertSource {
  onStored(listener: (event: AlertEvent) => void): () => void
}

/** What happens that the resources listen to, decoded once for all of them. */
export interface Feed {
  readonly events: EventEmitter<{
    /** As sent: maybe backlog, maybe of points that the registry does not hold. */
    readings: [ReadingColumns]
    alert: [AlertEvent]
    status: [SenderStatus]
  }>
  /** The last status of each sender. */
  readonly statuses: ReadonlyMap<string, SenderStatus>
}

/** Whoever invents names of senders could do so for ever. */
const MAX_SENDERS = 20_000

export async function openFeed(bus: Bus, alerts: AlertSource, log: Logger): Promise<Feed> {
  const events: Feed['events'] = new EventEmitter()
  events.setMaxListeners(0)
  const statuses = new Map<string, SenderStatus>()

  /** What does not decode is ingest's to quarantine and to report. */
  const decoded = <T>(topic: string, decode: () => T): T | undefined => {
    try {
      return decode()
    } catch (error) {
      log.debug({ topic, err: error }, 'skipped a message that does not decode')
    }
  }

  alerts.onStored(event => events.emit('alert', event))
  await Promise.all([
    bus.subscribe(filters.allReadings, (topic, payload) => {
      if (events.listenerCount('readings') === 0) return
      const batch = decoded(topic, () => decodeReadingBatch(payload).batch)
      if (batch) events.emit('readings', batch.readings)
    }),
    bus.subscribe(filters.allStatuses, (topic, payload) => {
      const status = decoded(topic, () => parseStatus(topic, payload))
      if (!status || (!statuses.has(status.sender) && statuses.size >= MAX_SENDERS)) return
      statuses.set(status.sender, status)
      events.emit('status', status)
    }),
  ])
  return { events, statuses }
}
