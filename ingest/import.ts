import type { Logger } from 'pino'
import { checkReadings } from '../bus/check-readings.ts'
import type { Rejected } from '../bus/envelope.ts'
import type { Clock } from '../model/clock.ts'
import { type ReadingColumns, readingAt } from '../model/reading.ts'
import type { Quarantine, QuarantineItem } from '../store/quarantine.ts'
import type { ReadingStore } from '../store/readings.ts'
import { accountFor } from './account.ts'
import { persist } from './persist.ts'
import { advance, beginning, countNew, isRepeat, keyOf } from './positions.ts'
import { type Fault, writeReadings } from './write-readings.ts'

export interface ImportOptions {
  store: ReadingStore
  /** The hash of the content: the same readings in the same order have the same one. */
  name: string
  /** In an order that is always the same, in portions of any size. */
  portions: Iterable<ImportPortion> | AsyncIterable<ImportPortion>
  quarantine: Quarantine
  clock: Clock
  log: Logger
  /** Called with each portion that is done, in this attempt or in an earlier one. */
  onDone?: (portion: ImportPortion) => void
  /** Stops between two portions. */
  signal?: AbortSignal
}

/** Readings, and what stands among them and is none. */
export interface ImportPortion extends ReadingColumns {
  /** Under their place in the portion, from 0, ascending. */
  unreadable?: readonly Rejected[]
}

export interface ImportOutcome {
  /** Those that are unreadable included. */
  readings: number
  written: number
  repeated: number
  quarantined: number
}

/**
 * Writes readings that do not come over the bus, as the sender `import/<name>` whose numbers count the
 * readings from 1. An import that was interrupted goes on where it stopped when it is called again.
 */
export async function importReadings(options: ImportOptions): Promise<ImportOutcome> {
  const { store, quarantine, clock, log, name, signal } = options
  const stream = { sender: `import/${name}`, stream: 'measures', run: name } as const
  const positions = await persist('reading where imports stand', () => store.positions(), { log, signal })
  const known = positions.find(position => keyOf(position) === keyOf(stream))
  let position = known ?? beginning(stream)
  const outcome: ImportOutcome = { readings: 0, written: 0, repeated: 0, quarantined: 0 }

  async function write(portion: ImportPortion, first: number): Promise<void> {
    const numbers = { first, count: sizeOf(portion) }
    if (isRepeat(position, numbers)) {
      outcome.repeated += numbers.count
      return
    }
    const before = position
    const arrived = clock.now()
    const item = (kind: QuarantineItem['kind'], reason: string, number: number, payload: unknown) => {
      const counted = countNew(before, number, number)
      return { kind, reason, time: arrived, ...stream, first: number, last: number, counted, payload }
    }
    const checked = checkPortion(portion, first)
    const reached = advance(position, numbers)
    const arrival = {
      carried: { ...stream, ...numbers },
      decoded: { batch: checked, ...checked },
      before,
      arrived,
    }
    const account = (faulty: ReadonlySet<number>) => accountFor([arrival], faulty)
    await keep(checked.rejected.map(({ number, reason, entry }) => item('rejected', reason, number, entry)))
    const setAside = (faults: readonly Fault[]) =>
      keep(
        faults.map(({ index, kind, reason }) =>
          item(kind, reason, checked.numbers[index]!, readingAt(checked.readings, index)),
        ),
      )
    const done = await persist(
      'storing',
      () => writeReadings(store, checked.readings, [reached], account, setAside),
      { log, signal },
    )
    outcome.quarantined += checked.rejected.length + done.faults.length
    position = reached
    outcome.written += done.written
    outcome.repeated += done.repeated
  }

  async function keep(items: readonly QuarantineItem[]): Promise<void> {
    await persist('writing to the quarantine', () => quarantine.append(items), { log, signal })
  }

  async function finish(portion: ImportPortion, first: number): Promise<void> {
    await write(portion, first)
    options.onDone?.(portion)
  }

  // One write is under way while the next portion is made.
  let writing = Promise.resolve()
  for await (const portion of options.portions) {
    await writing
    signal?.throwIfAborted()
    writing = finish(portion, outcome.readings + 1)
    // Awaited above or below; an error must not count as unhandled until then.
    writing.catch(() => {})
    outcome.readings += sizeOf(portion)
  }
  await writing
  return outcome
}

export function sizeOf({ points, unreadable = [] }: ImportPortion): number {
  return points.length + unreadable.length
}

/** As {@link checkReadings}: what is unreadable has its numbers among the others. */
function checkPortion(portion: ImportPortion, first: number): ReturnType<typeof checkReadings> {
  const { unreadable = [], ...columns } = portion
  const checked = checkReadings(columns, 0)
  const places = placesBeside(unreadable, columns.points.length)
  const numberOf = (index: number) => first + places[index]!
  return {
    readings: checked.readings,
    numbers: checked.numbers.map(numberOf),
    rejected: [
      ...checked.rejected.map(({ number, ...rest }) => ({ number: numberOf(number), ...rest })),
      ...unreadable.map(({ number, ...rest }) => ({ number: first + number, ...rest })),
    ],
  }
}

/** The places of so many readings, which have those that are not taken. */
function placesBeside(taken: readonly Rejected[], count: number): number[] {
  const places: number[] = []
  let next = 0
  for (let place = 0; places.length < count; place++) {
    if (taken[next]?.number === place) next++
    else places.push(place)
  }
  return places
}
