import type { Logger } from 'pino'
import { decodeReadingBatch } from '../bus/codec.ts'
import type { Bus } from '../bus/contract.ts'
import type { Decoded } from '../bus/envelope.ts'
import { filters } from '../bus/topics.ts'
import type { Clock } from '../model/clock.ts'
import type { ReadingBatch, StreamPosition } from '../model/delivery.ts'
import type { StreamTotal } from '../model/ledger.ts'
import { appendColumns, emptyColumns, type ReadingColumns, readingAt } from '../model/reading.ts'
import type { Quarantine, QuarantineItem } from '../store/quarantine.ts'
import type { ReadingStore } from '../store/readings.ts'
import { accountFor } from './account.ts'
import type { FreshArrival } from './arrival.ts'
import { type RefusedPoints, withoutPoints } from './changed-units.ts'
import { countNew } from './positions.ts'
import { type IngestCounters, type SetAside, type Stored, startReceiver } from './receiver.ts'
import { type SenderShare, shareSenders } from './share-senders.ts'
import { StreamTotals } from './stream-totals.ts'
import { type Fault, storedReadings, writeReadings } from './write-readings.ts'

export interface IngestOptions {
  bus: Bus
  /** Another connection, on which readings are heard and nothing is said; default: the same. */
  readingsBus?: Bus
  store: ReadingStore
  clock: Clock
  log: Logger
  quarantine: Quarantine
  /** Points of which no reading is stored; it goes into the quarantine. */
  refused?: RefusedPoints
  /** How many readings a sender may have under way while ingest keeps up. */
  window?: number
  /** How long batches are collected into one write, ms. */
  collectMs?: number
  /** Messages that may wait or be under way to the store, bytes; those beyond are left to come again. */
  queueBytes?: number
  /** The part of the senders that is ours; without it all of them. */
  share?: SenderShare
}

export interface Ingest {
  /** Called with readings once they are in the store, new or repeated. Returns a function that stops it. */
  onStored(listener: (readings: ReadingColumns) => void): () => void
  stats(): IngestCounters
  /** Messages that wait or are under way to the store. */
  waitingBytes(): number
  /** How many points are refused. */
  refusedPoints: number
  /** What became of the numbers of each stream since the start, and how many are missing so far. */
  streams(): StreamTotal[]
  close(): Promise<void>
}

const NO_POINTS: RefusedPoints = new Map()

/**
 * Each write costs the embedded store its statements and a wait for the disk, however little it brings: at 10,000
 * readings/s one every 50 ms took two fifths of what the hub needs of a processor. A full group does not wait.
 */
const REST_MS = 200

/**
 * Brings the readings of every sender into the store and acknowledges them. A store that is away holds nothing
 * up but the readings: their senders keep them.
 */
export async function startIngest(options: IngestOptions): Promise<Ingest> {
  const { store, log, refused = NO_POINTS } = options
  const listeners = new Set<(readings: ReadingColumns) => void>()
  const { share } = options
  const totals = new StreamTotals()

  async function write(
    arrivals: readonly FreshArrival<ReadingBatch>[],
    positions: readonly StreamPosition[],
    setAside: SetAside,
  ): Promise<Stored> {
    const readings = joinReadings(arrivals.flatMap(({ decoded }) => decoded ?? []))
    const account = (faulty: ReadonlySet<number>) => accountFor(arrivals, faulty)
    const outcome = await writeReadings(store, readings, positions, account, faults =>
      setAside(unusableReadings(arrivals, faults)),
    )
    const { written, repeated, faults } = outcome
    totals.add(positions, outcome.ledger)
    tell(storedReadings(readings, outcome))
    return { written, repeated, setAside: faults.length }
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
    ...(options.readingsBus && { heardOn: options.readingsBus }),
    restMs: REST_MS,
    filter: filters.allReadings,
    decode: payload => withoutPoints(decodeReadingBatch(payload), refused),
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
    waitingBytes: receiver.waitingBytes,
    refusedPoints: refused.size,
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

/** What the store did not take, found again in the arrivals by its place in the joined columns. */
function unusableReadings(
  arrivals: readonly FreshArrival<ReadingBatch>[],
  faults: readonly Fault[],
): QuarantineItem[] {
  return faults.map(({ index, kind, reason }) => {
    let place = index
    const { decoded, before, arrived } = arrivals.find(({ decoded: { numbers } = NOTHING }) => {
      if (place < numbers.length) return true
      place -= numbers.length
      return false
    })!
    const { sender, stream, run, readings } = decoded!.batch
    const number = decoded!.numbers[place]!
    return {
      kind,
      reason,
      time: arrived,
      sender,
      stream,
      run,
      first: number,
      last: number,
      counted: countNew(before, number, number),
      payload: readingAt(readings, place),
    }
  })
}

const NOTHING = { numbers: [] }
