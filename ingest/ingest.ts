import type { Logger } from 'pino'
import { decodeReadingBatch } from '../bus/codec.ts'
import type { Bus } from '../bus/contract.ts'
import type { Decoded } from '../bus/envelope.ts'
import { filters } from '../bus/topics.ts'
import type { Clock } from '../model/clock.ts'
import type { ReadingBatch, StreamPosition } from '../model/delivery.ts'
import type { StreamTotal } from '../model/ledger.ts'
import { appendColumns, emptyColumns, type ReadingColumns, readingAt } from '../model/reading.ts'
import type { ReadingStore } from '../store/readings.ts'
import { accountFor } from './account.ts'
import type { FreshArrival } from './arrival.ts'
import type { QuarantineItem } from './quarantine.ts'
import { type IngestCounters, type Stored, startReceiver } from './receiver.ts'
import { type SenderShare, shareSenders } from './share-senders.ts'
import { StreamTotals } from './stream-totals.ts'
import { type ReadingsWritten, storedReadings, writeReadings } from './write-readings.ts'

export interface IngestOptions {
  bus: Bus
  store: ReadingStore
  clock: Clock
  log: Logger
  quarantineFolder: string
  /** How many readings a sender may have under way while ingest keeps up. */
  window?: number
  /** How long batches are collected into one write, ms. */
  collectMs?: number
  /** Readings that may wait to be stored; messages beyond are left to come again. */
  queueLimit?: number
  /** The part of the senders that is ours; without it all of them. */
  share?: SenderShare
}

export interface Ingest {
  /** Called with readings once they are in the store, new or repeated. Returns a function that stops it. */
  onStored(listener: (readings: ReadingColumns) => void): () => void
  stats(): IngestCounters
  /** What became of the numbers of each stream since the start, and how many are missing so far. */
  streams(): StreamTotal[]
  close(): Promise<void>
}

/**
 * Brings the readings of every sender into the store and acknowledges them. A store that is away holds nothing
 * up but the readings: their senders keep them.
 */
export async function startIngest(options: IngestOptions): Promise<Ingest> {
  const { store, log } = options
  const listeners = new Set<(readings: ReadingColumns) => void>()
  const { share } = options
  const totals = new StreamTotals()

  async function write(
    arrivals: readonly FreshArrival<ReadingBatch>[],
    positions: readonly StreamPosition[],
  ): Promise<Stored> {
    const batches = arrivals.flatMap(({ decoded }) => decoded ?? [])
    const readings = joinReadings(batches)
    const account = (faulty: ReadonlySet<number>) => accountFor(arrivals, faulty)
    const outcome = await writeReadings(store, readings, positions, account)
    const { written, repeated } = outcome
    totals.add(positions, outcome.ledger)
    tell(storedReadings(readings, outcome))
    return { written, repeated, unusable: unusableReadings(batches, outcome) }
  }

  function tell(readings: ReadingColumns): void {
    if (readings.points.length === 0) return
    for (const listener of listeners) {
      try {
        listener(readings)
      } catch (error) {
        log.error({ err: error }, 'a listener to stored readings failed')
      }
    }
  }

  const receiver = await startReceiver({
    ...options,
    filter: filters.allReadings,
    decode: decodeReadingBatch,
    join: ({ readings }, more) => appendColumns(readings, more.readings),
    async positions() {
      const positions = share ? [] : await store.positions()
      totals.add(positions, [])
      return positions
    },
    store: write,
    owns: share?.owns,
    greetsAll: !share,
  })
  const sharing = share && (await shareSenders(share, { ...options, receiver, totals }))
  return {
    onStored(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stats: receiver.stats,
    streams: () => totals.list(),
    async close() {
      await receiver.close()
      await sharing?.close()
    },
  }
}

function joinReadings(batches: readonly Decoded<ReadingBatch>[]): ReadingColumns {
  if (batches.length === 1) return batches[0]!.batch.readings
  const joined = emptyColumns()
  for (const { batch } of batches) appendColumns(joined, batch.readings)
  return joined
}

/** What the store did not take, found again in the batches by its place in the joined columns. */
function unusableReadings(
  batches: readonly Decoded<ReadingBatch>[],
  outcome: ReadingsWritten,
): QuarantineItem[] {
  return outcome.faults.map(({ index, kind, reason }) => {
    let place = index
    const home = batches.find(({ numbers }) => {
      if (place < numbers.length) return true
      place -= numbers.length
      return false
    })!
    const { sender, stream, run, readings } = home.batch
    const number = home.numbers[place]!
    const payload = readingAt(readings, place)
    return { kind, reason, sender, stream, run, first: number, last: number, payload }
  })
}
