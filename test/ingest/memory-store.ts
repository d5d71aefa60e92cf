import type { StreamPosition } from '../../model/delivery.ts'
import type { LedgerEntry } from '../../model/ledger.ts'
import { type Reading, type ReadingColumns, readingAt } from '../../model/reading.ts'
import { KnownPositions } from '../../store/known-positions.ts'
import { type ReadingStore, StoreUnavailableError, type WriteOutcome } from '../../store/readings.ts'

/** A reading store in memory that fails when it is told to, before or after it has written. */
export interface MemoryStore extends ReadingStore {
  readings(): Reading[]
  writes: number
  /** While this is set, every write throws before anything is kept, and positions are not told. */
  unavailable: boolean
  /** A write that holds a reading for which this is true throws before anything is kept. */
  isPoison: (reading: Reading) => boolean
  /** The next write is kept, and then throws as if the answer was lost. */
  loseNextAnswer: boolean
}

export function memoryStore(): MemoryStore {
  const kept = new Map<string, Reading>()
  const known = new Map<string, StreamPosition>()
  const reached = new KnownPositions([])
  const counts = new Map<string, number>()
  const notNeeded = () => Promise.reject(new Error('ingest does not read'))
  return {
    writes: 0,
    unavailable: false,
    isPoison: () => false,
    loseNextAnswer: false,
    readings: () => [...kept.values()],
    async write(
      columns: ReadingColumns,
      positions: readonly StreamPosition[],
      ledger: readonly LedgerEntry[] = [],
    ) {
      this.writes++
      if (this.unavailable) throw new StoreUnavailableError('the store is away')
      const readings = columns.points.map((_, i) => readingAt(columns, i))
      const poison = readings.find(this.isPoison)
      if (poison) throw new Error(`cannot write ${poison.point}`)
      const outcome: WriteOutcome = { written: 0, repeated: 0, conflicts: [] }
      for (const [i, reading] of readings.entries()) {
        const key = `${reading.point} ${reading.time}`
        const there = kept.get(key)
        if (!there) {
          kept.set(key, reading)
          outcome.written++
        } else if (there.value === reading.value && there.quality === reading.quality) outcome.repeated++
        else outcome.conflicts.push(i)
      }
      if (outcome.conflicts.length === 0 && !reached.hold(positions)) {
        reached.add(positions)
        for (const position of positions)
          known.set(`${position.sender} ${position.stream} ${position.run}`, structuredClone(position))
        for (const { count, ...of } of ledger)
          counts.set(JSON.stringify(of), (counts.get(JSON.stringify(of)) ?? 0) + count)
      }
      if (this.loseNextAnswer) {
        this.loseNextAnswer = false
        throw new StoreUnavailableError('the answer was lost')
      }
      return outcome
    },
    async positions() {
      if (this.unavailable) throw new StoreUnavailableError('the store is away')
      return [...known.values()]
    },
    ledger: async () => [...counts].map(([of, count]) => ({ ...JSON.parse(of), count })),
    series: notNeeded,
    latest: notNeeded,
    range: notNeeded,
    aggregate: notNeeded,
    close: async () => {},
  }
}
