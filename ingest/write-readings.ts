import type { StreamPosition } from '../model/delivery.ts'
import type { LedgerEntry } from '../model/ledger.ts'
import { emptyColumns, pushReading, type ReadingColumns, readingAt } from '../model/reading.ts'
import { type ReadingStore, StoreUnavailableError, type WriteOutcome } from '../store/readings.ts'

/** A reading that is not stored, by its position in the columns: the store holds another, or fails on it. */
export interface Fault {
  index: number
  kind: 'conflict' | 'refused'
  reason: string
}

/** A write that went through, and what it left out. */
export interface ReadingsWritten {
  written: number
  repeated: number
  faults: Fault[]
  /** What was added to the ledger. */
  ledger: readonly LedgerEntry[]
}

/** So many readings refused and none taken: it is the store that is at fault, not the readings. */
const SUSPICIOUS = 100

/**
 * Writes readings, then positions together with the entries of the ledger, which `account` gives when it is
 * told the places of the readings at fault. A reading on which the store fails is searched out by halving
 * and refused alone, so that it holds up nobody. Those at fault are set aside before the positions say that
 * their numbers are accounted for.
 * @throws StoreUnavailableError
 */
export async function writeReadings(
  store: ReadingStore,
  readings: ReadingColumns,
  positions: readonly StreamPosition[],
  account: (faulty: ReadonlySet<number>) => readonly LedgerEntry[],
  setAside: (faults: readonly Fault[]) => Promise<void>,
): Promise<ReadingsWritten> {
  const total: ReadingsWritten = { written: 0, repeated: 0, faults: [], ledger: account(new Set()) }
  try {
    addOutcome(total, await store.write(readings, positions, total.ledger), 0)
    if (total.faults.length === 0) return total
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error
    await writeHalves(store, readings, 0, readings.points.length, total)
  }
  await setAside(total.faults)
  total.ledger = account(new Set(total.faults.map(({ index }) => index)))
  await store.write(emptyColumns(), positions, total.ledger)
  return total
}

async function writeHalves(
  store: ReadingStore,
  readings: ReadingColumns,
  from: number,
  to: number,
  total: ReadingsWritten,
): Promise<void> {
  if (to <= from) return
  try {
    addOutcome(total, await store.write(sliceColumns(readings, from, to), []), from)
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error
    const reason = (error as Error).message
    if (to - from > 1) {
      const middle = (from + to) >>> 1
      await writeHalves(store, readings, from, middle, total)
      await writeHalves(store, readings, middle, to, total)
      return
    }
    total.faults.push({ index: from, kind: 'refused', reason })
    if (total.faults.length >= SUSPICIOUS && total.written + total.repeated === 0)
      throw new StoreUnavailableError(`the store fails on everything: ${reason}`, { cause: error })
  }
}

function addOutcome(total: ReadingsWritten, outcome: WriteOutcome, from: number): void {
  total.written += outcome.written
  total.repeated += outcome.repeated
  const reason = 'another reading is stored under this point and time'
  for (const index of outcome.conflicts) total.faults.push({ index: from + index, kind: 'conflict', reason })
  for (const { index, reason } of outcome.refused ?? [])
    total.faults.push({ index: from + index, kind: 'refused', reason })
}

function sliceColumns(readings: ReadingColumns, from: number, to: number): ReadingColumns {
  return {
    points: readings.points.slice(from, to),
    times: readings.times.slice(from, to),
    values: readings.values.slice(from, to),
    qualities: readings.qualities.slice(from, to),
    gatewayTimes: readings.gatewayTimes.slice(from, to),
  }
}

/** The readings that are in the store after a write: all but those at fault. */
export function storedReadings(readings: ReadingColumns, outcome: ReadingsWritten): ReadingColumns {
  if (outcome.faults.length === 0) return readings
  const missing = new Set(outcome.faults.map(fault => fault.index))
  const stored = emptyColumns()
  for (let i = 0; i < readings.points.length; i++) {
    if (!missing.has(i)) pushReading(stored, readingAt(readings, i))
  }
  return stored
}
