import { countHoles } from '../bus/ranges.ts'
import type { StreamPosition } from '../model/delivery.ts'
import { type LedgerEntry, noCounts, type StreamTotal } from '../model/ledger.ts'
import { keyOf } from './positions.ts'

/** Counts what becomes of the numbers of each stream, and which are missing, as long as the process runs. */
export class StreamTotals {
  readonly #positions = new Map<string, StreamPosition>()
  readonly #totals = new Map<string, StreamTotal>()

  /** Takes in what was stored together. */
  add(positions: readonly StreamPosition[], ledger: readonly LedgerEntry[]): void {
    for (const position of positions) this.#positions.set(keyOf(position), position)
    for (const { sender, stream } of positions) {
      const key = `${stream} ${sender}`
      if (!this.#totals.has(key)) this.#totals.set(key, { sender, stream, counts: noCounts(), missing: 0 })
    }
    for (const { sender, stream, outcome, count } of ledger)
      this.#totals.get(`${stream} ${sender}`)!.counts[outcome] += count
  }

  /** Forgets the streams of other senders. */
  retain(senders: (sender: string) => boolean): void {
    for (const [key, { sender }] of this.#positions) if (!senders(sender)) this.#positions.delete(key)
    for (const [key, { sender }] of this.#totals) if (!senders(sender)) this.#totals.delete(key)
  }

  list(): StreamTotal[] {
    const missing = new Map<string, number>()
    for (const position of this.#positions.values()) {
      const key = `${position.stream} ${position.sender}`
      missing.set(key, (missing.get(key) ?? 0) + countHoles(position))
    }
    return [...this.#totals].map(([key, total]) => ({ ...total, missing: missing.get(key)! }))
  }
}
