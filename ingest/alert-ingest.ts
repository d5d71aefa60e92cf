import type { Logger } from 'pino'
import { decodeAlertBatch } from '../bus/alert-codec.ts'
import type { Bus } from '../bus/contract.ts'
import type { Decoded } from '../bus/envelope.ts'
import { filters } from '../bus/topics.ts'
import type { AlertEvent } from '../model/alert.ts'
import type { Clock } from '../model/clock.ts'
import type { AlertBatch, StreamPosition } from '../model/delivery.ts'
import type { Quarantine, QuarantineItem } from '../store/quarantine.ts'
import type { NumberedAlertEvent, RecordStore } from '../store/records.ts'
import { beginning, keyOf } from './positions.ts'
import { type IngestCounters, type SetAside, startReceiver } from './receiver.ts'

export interface AlertIngest {
  /** Called with an event once the records hold it. Returns a function that stops it. */
  onStored(listener: (event: AlertEvent) => void): () => void
  stats(): IngestCounters
  close(): Promise<void>
}

/** Each write waits for the disk: a storm is written in few. */
const REST_MS = 250

/** Brings the alert events of every sender into the records and acknowledges them. */
export async function startAlertIngest(options: {
  bus: Bus
  records: RecordStore
  clock: Clock
  log: Logger
  quarantine: Quarantine
}): Promise<AlertIngest> {
  const { records, clock, log } = options
  const listeners = new Set<(event: AlertEvent) => void>()

  function tell(event: AlertEvent): void {
    for (const listener of listeners) {
      try {
        listener(event)
      } catch (error) {
        log.error({ err: error }, 'a listener to stored alert events failed')
      }
    }
  }

  /** In the records, and perhaps not on the disk. */
  const untold: AlertEvent[] = []

  const receiver = await startReceiver({
    ...options,
    restMs: REST_MS,
    filter: filters.allAlertEvents,
    decode: decodeAlertBatch,
    positions: async () => records.positions(),
    store: async (arrivals, positions, setAside) => {
      const batches = arrivals.flatMap(({ decoded }) => decoded ?? [])
      const { added, repeated, refused } = await storeEvents(records, batches, positions, clock, setAside)
      untold.push(...added)
      await records.synced()
      for (const event of untold.splice(0)) tell(event)
      return { written: added.length, repeated, setAside: refused }
    },
  })
  return {
    onStored(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stats: receiver.stats,
    close: receiver.close,
  }
}

async function storeEvents(
  records: RecordStore,
  batches: readonly Decoded<AlertBatch>[],
  positions: readonly StreamPosition[],
  clock: Clock,
  setAside: SetAside,
): Promise<{ added: AlertEvent[]; repeated: number; refused: number }> {
  const added: AlertEvent[] = []
  let carried = 0
  let refused = 0
  for (const position of positions) {
    const events = batches.filter(({ batch }) => keyOf(batch) === keyOf(position)).flatMap(numberedEvents)
    carried += events.length
    try {
      added.push(...records.writeAlertEvents(events, position))
    } catch {
      // Throws where the records cannot be written at all: then nothing is refused and all is tried again.
      records.writeAlertEvents([], beginning(position))
      const unusable: QuarantineItem[] = []
      for (const event of events) {
        try {
          added.push(...records.writeAlertEvents([event], beginning(position)))
        } catch (error) {
          unusable.push(refusal(event, position, (error as Error).message, clock.now()))
        }
      }
      await setAside(unusable)
      records.writeAlertEvents([], position)
      refused += unusable.length
    }
  }
  return { added, repeated: carried - added.length - refused, refused }
}

function refusal(
  { sender, run, number, event }: NumberedAlertEvent,
  { stream }: StreamPosition,
  reason: string,
  time: number,
): QuarantineItem {
  const numbers = { first: number, last: number }
  return { kind: 'refused', reason, time, sender, stream, run, ...numbers, payload: event }
}

function numberedEvents({ batch, numbers }: Decoded<AlertBatch>): NumberedAlertEvent[] {
  const { sender, run } = batch
  return batch.events.map((event, i) => ({ sender, run, number: numbers[i]!, event }))
}
