import type { Decoded } from '../bus/envelope.ts'
import { cover } from '../bus/ranges.ts'
import type { Gap, ReadingBatch, StreamPosition } from '../model/delivery.ts'
import { LATE_AFTER_MS, type LedgerEntry, type Outcome } from '../model/ledger.ts'
import { DAY_MS, HOUR_MS, isTime } from '../model/time.ts'
import { countNew, type Numbers, type StreamKey } from './positions.ts'

/** Numbers that came, some of them for the first time. */
export interface Accountable {
  carried: StreamKey & Numbers
  /** Undefined where nothing but the numbers could be read. */
  decoded?: { batch: Pick<ReadingBatch, 'readings'> } & Pick<Decoded<ReadingBatch>, 'numbers' | 'rejected'>
  /** Where the stream stood before. */
  before: StreamPosition
  /** When they came, ms UTC. */
  arrived: number
}

/**
 * What became of the numbers that are new. `faulty` holds the places of the readings that the store did not
 * take, in the joined readings of all. What has no source time that can be read counts in the hour it came.
 */
export function accountFor(
  arrivals: readonly Accountable[],
  faulty: ReadonlySet<number> = new Set(),
): LedgerEntry[] {
  const entries = new Map<string, LedgerEntry>()
  let place = 0
  for (const { carried, decoded, before, arrived } of arrivals) {
    const { sender, stream, first, count, gaps = [] } = carried
    let entry: LedgerEntry | undefined
    const add = (time: number, outcome: Outcome, count: number) => {
      const hour = Math.floor(time / HOUR_MS) * HOUR_MS
      if (entry?.hour !== hour || entry.outcome !== outcome) {
        const key = `${hour} ${outcome} ${stream} ${sender}`
        entry = entries.get(key) ?? { sender, stream, hour, outcome, count: 0 }
        entries.set(key, entry)
      }
      entry.count += count
    }

    let covered = before
    for (const gap of gaps) {
      const [from, to] = gap.range
      const lost = countNew(covered, from, to)
      for (const part of spreadOverHours(gap, lost)) add(part.hour, gap.reason, part.count)
      covered = { ...covered, ...cover(covered, from, to) }
    }

    const fresh = countNew(covered, first, first + count - 1)
    if (!decoded) {
      if (fresh > 0) add(arrived, 'quarantined', fresh)
      continue
    }
    const isNew = (number: number) => fresh === count || countNew(covered, number, number) === 1
    const { times } = decoded.batch.readings
    for (let i = 0; i < times.length; i++, place++) {
      if (!isNew(decoded.numbers[i]!)) continue
      const late = arrived - times[i]! > LATE_AFTER_MS
      add(times[i]!, faulty.has(place) ? 'quarantined' : late ? 'late' : 'prompt', 1)
    }
    for (const { number, entry } of decoded.rejected) {
      const time = (entry as { time?: unknown } | null)?.time
      if (isNew(number)) add(isTime(time) ? time : arrived, 'quarantined', 1)
    }
  }
  return [...entries.values()]
}

/** A longer gap comes of a clock that was not set at its beginning. */
const LONGEST_GAP_MS = 400 * DAY_MS

/**
 * Splits the numbers that a gap lost over its hours, in proportion to the time in each: the gap does not say
 * more. One that is too long to be true counts in its last hour.
 */
function* spreadOverHours({ from, to }: Gap, lost: number): Generator<{ hour: number; count: number }> {
  const length = to + 1 - from
  let told = 0
  for (let time = length > 0 && length <= LONGEST_GAP_MS ? from : to; told < lost; ) {
    const hour = Math.floor(time / HOUR_MS) * HOUR_MS
    time = hour + HOUR_MS
    const reached = time > to ? lost : Math.round((lost * (time - from)) / length)
    if (reached > told) yield { hour, count: reached - told }
    told = reached
  }
}
