import { EventEmitter } from 'node:events'
import type { Logger } from 'pino'
import { decodeReadingBatch } from '../../bus/codec.ts'
import type { Bus } from '../../bus/contract.ts'
import { parseStatus } from '../../bus/status.ts'
import { filters } from '../../bus/topics.ts'
import type { AlertEvent } from '../../model/alert.ts'
import type { Clock } from '../../model/clock.ts'
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
  /** The last status of each sender; one that has fallen silent is offline, whatever it said last. */
  readonly statuses: ReadonlyMap<string, SenderStatus>
  close(): void
}

export interface FeedOptions {
  bus: Bus
  /** Another connection, on which readings are heard; default: the same. */
  readingsBus?: Bus | undefined
  alerts: AlertSource
  clock: Clock
  log: Logger
  /** What is known here to be wrong with what a sender runs, in words. */
  registryProblemOf?: (status: SenderStatus) => string | undefined
  /** How often silence is looked for, ms. */
  silenceCheckMs?: number
}

/** Whoever invents names of senders could do so for ever. */
const MAX_SENDERS = 20_000
/** Three statuses that did not come. A broker that dies together with a sender never publishes its will. */
const SILENT_MS = 90_000

export async function openFeed(options: FeedOptions): Promise<Feed> {
  const { bus, readingsBus = bus, alerts, clock, log, registryProblemOf, silenceCheckMs = 10_000 } = options
  const events: Feed['events'] = new EventEmitter()
  events.setMaxListeners(0)
  const statuses = new Map<string, SenderStatus>()
  /** When each sender was last heard, by the monotonic clock. */
  const heard = new Map<string, number>()

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
    readingsBus.subscribe(filters.allReadings, (topic, payload) => {
      if (events.listenerCount('readings') === 0) return
      const batch = decoded(topic, () => decodeReadingBatch(payload).batch)
      if (batch) events.emit('readings', batch.readings)
    }),
    bus.subscribe(filters.allStatuses, (topic, payload) => {
      const status = decoded(topic, () => parseStatus(topic, payload))
      if (!status || (!statuses.has(status.sender) && statuses.size >= MAX_SENDERS)) return
      heard.set(status.sender, clock.elapsed())
      keep({ ...status, registryProblem: status.registryProblem ?? registryProblemOf?.(status) })
    }),
  ])

  function keep(status: SenderStatus): void {
    statuses.set(status.sender, status)
    events.emit('status', status)
  }

  function noticeSilence(): void {
    const silentSince = clock.elapsed() - SILENT_MS
    for (const [sender, status] of statuses)
      if (status.online && heard.get(sender)! < silentSince) keep({ ...status, online: false })
  }

  const timer = setInterval(noticeSilence, silenceCheckMs)
  return { events, statuses, close: () => clearInterval(timer) }
}
