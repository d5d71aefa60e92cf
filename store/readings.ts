import type { Interval } from '../model/calendar.ts'
import type { StreamPosition } from '../model/delivery.ts'
import type { LedgerEntry } from '../model/ledger.ts'
import type { Reading, ReadingColumns } from '../model/reading.ts'
import type { CopyOptions, FileContent } from './file-copy.ts'

/**
 * The store of readings, their rollups, the positions of the streams and the completeness ledger. Two
 * implementations, `embedded/` and `influxdb/`, hold to one contract suite in test/contract/.
 */
export interface ReadingStore {
  /**
   * Writes readings, then the positions that they complete, one a stream at most (in one transaction where
   * the store has them, else positions strictly after the data). When it resolves, both survive a crash.
   * Idempotent on (point, time): an equal reading changes nothing; a different one at the same key is
   * not written but returned as a conflict. Two readings of one key within the call: the first wins.
   * The gateway time does not count as a difference.
   *
   * The ledger's entries, one a key at most, are added to what it holds, once: together with the positions
   * that make their numbers new, and not again when the call is repeated. Where there are conflicts or
   * refused readings, positions and ledger stay as they were: the caller accounts for these, then writes both alone.
   * @throws StoreUnavailableError when nothing can be written now; the same call may be made again.
   */
  write(
    readings: ReadingColumns,
    positions: readonly StreamPosition[],
    ledger?: readonly LedgerEntry[],
  ): Promise<WriteOutcome>
  /** Every stream position ever written. */
  positions(): Promise<StreamPosition[]>
  /** What became of the numbers of the hours with from <= hour < to, in no particular order; of one sender or all. */
  ledger(from: number, to: number, sender?: string): Promise<LedgerEntry[]>
  /** Every point that has a reading, or those of some, in no particular order; reads much. */
  series(points?: readonly string[]): Promise<SeriesExtent[]>
  /** The newest reading by source time of each point that has one, in no particular order. */
  latest(points: readonly string[]): Promise<Reading[]>
  /** Readings of one point with from <= time < to, ascending, at most `limit`. */
  range(point: string, from: number, to: number, limit?: number): Promise<Reading[]>
  /**
   * Aggregates of one point, one for each bucket that overlaps [from, to) and holds a reading, ascending;
   * always of the whole bucket, and of everything that has been written.
   * Minutes and hours are those of UTC; days are civil days of the store's time zone. Hours and days
   * are served from rollups.
   */
  aggregate(point: string, by: AggregateBy, from: number, to: number): Promise<Aggregate[]>
  /**
   * Copies everything, as it is at one moment, into a new file, while writes go on. Absent where the readings
   * are kept by a service that has its own backups.
   */
  copyTo?(file: string, options?: CopyOptions): Promise<FileContent>
  /** What retention has deleted, of one point or all. Absent where the readings are kept by a service of its own. */
  deleted?(point?: string): Promise<DeletedReadings[]>
  close(): Promise<void>
}

/** Readings of a point that are not stored any more, while the rollups of their hours are. */
export interface DeletedReadings {
  point: string
  /** All of them lie before this source time, ms UTC. */
  before: number
  count: number
  /** When the last of them were deleted, ms UTC. */
  at: number
}

/** A point, and the source times of its first and its newest reading, ms UTC. */
export interface SeriesExtent {
  point: string
  first: number
  last: number
}

/** A store that several processes write to, each of them its own senders and points. */
export interface SharedReadingStore extends ReadingStore {
  /** Keeps in mind only what is known of these points and senders: others may write to the rest from now on. */
  retain(points: (point: string) => boolean, senders: (sender: string) => boolean): Promise<void>
}

export type AggregateBy = 'minute' | 'hour' | 'day'

export interface WriteOutcome {
  /** Readings that were new. */
  written: number
  /** Readings that were there already, equal. */
  repeated: number
  /** Positions in the columns of readings whose key holds something else. */
  conflicts: number[]
  /** Readings that the store will never take, by position, and why; where it can tell them from the others. */
  refused?: { index: number; reason: string }[]
}

/** Statistics over a bucket. Bad readings count in `count` only; a boolean counts as 0 or 1; text has no numbers. */
export interface Aggregate extends Interval {
  /** All readings. */
  count: number
  /** Readings that carry a value and are not bad. */
  valid: number
  /** Over the valid numeric readings; null where there is none. */
  min: number | null
  max: number | null
  mean: number | null
  first: number | null
  last: number | null
}

/** The store cannot be reached or refuses for now: try again, nothing is lost. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError'
  /** How long the store asks to be left alone, ms. */
  readonly retryAfterMs: number
  constructor(
    message: string,
    { retryAfterMs = 0, ...options }: ErrorOptions & { retryAfterMs?: number } = {},
  ) {
    super(message, options)
    this.retryAfterMs = retryAfterMs
  }
}
