import type { Interval } from '../../model/calendar.ts'
import type { StreamPosition } from '../../model/delivery.ts'
import type { LedgerEntry } from '../../model/ledger.ts'
import { KnownPositions } from '../known-positions.ts'
import { StoreUnavailableError } from '../readings.ts'
import type { Connection } from './connection.ts'
import { type HourCounts, ledgerLine, positionLine } from './line-protocol.ts'
import { readLedger, readPositions } from './queries.ts'

/**
 * Keeps positions and the ledger. InfluxDB adds nothing up and has no transactions, so the ledger holds
 * absolute counts, and a position carries those that it changes, in the same point: whatever a crash leaves
 * out of the ledger is taken from there. Counts only grow, so of two values the larger one is the newer.
 * A sender has one writer at a time.
 */
export class LedgerWriter {
  readonly #connection: Connection
  /** Whose positions were read: they are forgotten when a write fails. */
  readonly #senders = new Set<string>()
  readonly #positions = new KnownPositions([])
  /** What InfluxDB holds, of the hours that were looked up. */
  readonly #hours = new Map<string, HourCounts>()

  readonly #mayCommit: () => boolean

  constructor(connection: Connection, mayCommit: () => boolean) {
    this.#connection = connection
    this.#mayCommit = mayCommit
  }

  /** Not to be called again before it has settled. */
  async write(positions: readonly StreamPosition[], ledger: readonly LedgerEntry[]): Promise<void> {
    if (positions.length === 0) return
    try {
      for (const { sender } of positions) if (!this.#senders.has(sender)) await this.#recover(sender)
      if (this.#positions.hold(positions)) return
      const changed = await this.#add(ledger)
      const ofStream = Map.groupBy(changed, streamOf)
      this.#assertWriter()
      await this.#connection.write(
        positions.map(position => {
          return positionLine({ position, carried: ofStream.get(streamOf(position)) ?? [] })
        }),
      )
      this.#assertWriter()
      await this.#connection.writeWhatIsKept(changed.map(ledgerLine))
      for (const hour of changed) this.#hours.set(hourKey(hour), hour)
      this.#positions.add(positions)
    } catch (error) {
      // What InfluxDB has taken by now is not known.
      this.#senders.clear()
      this.#hours.clear()
      throw error
    }
  }

  /** Forgets what is known of other senders. */
  retain(senders: (sender: string) => boolean): void {
    for (const sender of this.#senders) if (!senders(sender)) this.#senders.delete(sender)
    for (const [key, { sender }] of this.#hours) if (!senders(sender)) this.#hours.delete(key)
  }

  /** Absolute values of one who is not the writer any more must not stand over those of the next. */
  #assertWriter(): void {
    if (!this.#mayCommit()) throw new StoreUnavailableError('another process may write the positions by now')
  }

  /**
   * Brings into the ledger what the positions of a sender carry and it may lack. Those are written again: what InfluxDB
   * did not get onto a full disk it shows all the same, until it is started again.
   */
  async #recover(sender: string): Promise<void> {
    const positions = await readPositions(this.#connection, sender)
    const carried = positions.flatMap(position => position.carried)
    const keys = new Set(carried.map(hourKey))
    const stored = await readLedger(this.#connection, spanOf(carried), sender)
    const hours = mergeHours(stored, carried).filter(hour => keys.has(hourKey(hour)))
    this.#assertWriter()
    await this.#connection.write(positions.map(positionLine))
    await this.#connection.writeWhatIsKept(hours.map(ledgerLine))
    this.#positions.add(positions.map(({ position }) => position))
    this.#senders.add(sender)
  }

  /** The hours that entries belong to, with the entries added. */
  async #add(ledger: readonly LedgerEntry[]): Promise<HourCounts[]> {
    const unknown = ledger.filter(entry => !this.#hours.has(hourKey(entry)))
    const keys = new Set(unknown.map(hourKey))
    for (const hour of await readLedger(this.#connection, spanOf(unknown)))
      if (keys.has(hourKey(hour))) this.#hours.set(hourKey(hour), hour)
    const changed = new Map<string, HourCounts>()
    for (const entry of ledger) {
      const key = hourKey(entry)
      const { sender, stream, hour, outcome, count } = entry
      const held = changed.get(key) ?? { sender, stream, hour, counts: new Map(this.#hours.get(key)?.counts) }
      held.counts.set(outcome, (held.counts.get(outcome) ?? 0) + count)
      changed.set(key, held)
    }
    return [...changed.values()]
  }
}

/** The hours of both, with the larger count of each outcome. */
export function mergeHours(...lists: HourCounts[][]): HourCounts[] {
  const merged = new Map<string, HourCounts>()
  for (const hour of lists.flat()) {
    const held = merged.get(hourKey(hour))
    if (!held) merged.set(hourKey(hour), { ...hour, counts: new Map(hour.counts) })
    else
      for (const [outcome, count] of hour.counts)
        held.counts.set(outcome, Math.max(count, held.counts.get(outcome) ?? 0))
  }
  return [...merged.values()]
}

function hourKey({ sender, stream, hour }: Pick<LedgerEntry, 'sender' | 'stream' | 'hour'>): string {
  return `${hour} ${stream} ${sender}`
}

function streamOf({ sender, stream }: Pick<LedgerEntry, 'sender' | 'stream'>): string {
  return `${stream} ${sender}`
}

function spanOf(entries: readonly { hour: number }[]): Interval {
  const span = { start: Infinity, end: -Infinity }
  for (const { hour } of entries) {
    span.start = Math.min(span.start, hour)
    span.end = Math.max(span.end, hour + 1)
  }
  return span
}
