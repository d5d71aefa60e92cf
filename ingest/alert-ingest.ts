import type { Logger } from 'pino'
import { decodeAlertBatch } from '../bus/alert-codec.ts'
import type { Bus } from '../bus/contract.ts'
import type { Decoded } from '../bus/envelope.ts'
import { filters } from '../bus/topics.ts'
import type { AlertEvent } from '../model/alert.ts'
import type { Clock } from '../model/clock.ts'
import type { AlertBatch, StreamPosition } from '../model/delivery.ts'
import type { NumberedAlertEvent, RecordStore } from '../store/records.ts'
import { keyOf } from './positions.ts'
import type { QuarantineItem } from './quarantine.ts'
import { type IngestCounters, type Stored, startReceiver } from './receiver.ts'

export interface AlertIngest {
  /** Called with an event once the records hold it. Returns a function that stops it. */
  onStored(listener: (event: AlertEvent) => void): () => void
  stats(): IngestCounters
  close(): Promise<void>
}

/** Brings the alert events of every sender into the records and acknowledges them. */
export async function startAlertIngest(options: {
  bus: Bus
  records: RecordStore
  clock: Clock
  log: Logger
  quarantineFolder: string
}): Promise<AlertIngest> {
  const { records, log } = options
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

  const receiver = await startReceiver({
    ...options,
    filter: filters.allAlertEvents,
    decode: decodeAlertBatch,
    positions: async () => records.positions(),
    store: async (arrivals, positions) => {
      const batches = arrivals.flatMap(({ decoded }) => decoded ?? [])
      const { outcome, added } = storeEvents(records, batches, positions)
      for (const event of added) tell(event)
      return outcome
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

function storeEvents(
  records: RecordStore,
  batches: readonly Decoded<AlertBatch>[],
  positions: readonly StreamPosition[],
): { outcome: Stored; added: AlertEvent[] } {
  const unusable: QuarantineItem[] = []
  const added: AlertEvent[] = []
  let carried = 0
  for (const position of positions) {
    const events = batches.filter(({ batch }) => keyOf(batch) === keyOf(position)).flatMap(numberedEvents)
    carried += events.length
    try {
      added.push(...records.writeAlertEvents(events, position))
    } catch {
      // Where the records cannot be written at all, the last of these calls throws and all is tried again.
      const alone = events.map(event => storeAlone(records, event, position))
      records.writeAlertEvents([], position)
      added.push(...alone.flatMap(({ added }) => added))
      unusable.push(...alone.flatMap(({ refused }) => refused))
    }
  }
  const repeated = carried - added.length - unusable.length
  return { outcome: { written: added.length, repeated, unusable }, added }
}

/** Stores one event without moving its position; what it fails on is for the quarantine. */
function storeAlone(
  records: RecordStore,
  event: NumberedAlertEvent,
  { stream }: StreamPosition,
): { added: AlertEvent[]; refused: QuarantineItem[] } {
  const { sender, run, number } = event
  try {
    const added = records.writeAlertEvents([event], { sender, stream, run, upTo: 0, ranges: [] })
    return { added, refused: [] }
  } catch (error) {
    const reason = (error as Error).message
    const numbers = { first: number, last: number }
    return {
      added: [],
      refused: [{ kind: 'refused', reason, sender, stream, run, ...numbers, payload: event.event }],
    }
  }
}

function numberedEvents({ batch, numbers }: Decoded<AlertBatch>): NumberedAlertEvent[] {
  const { sender, run } = batch
  return batch.events.map((event, i) => ({ sender, run, number: numbers[i]!, event }))
}
