import type { Stream } from './delivery.ts'
import { HOUR_MS } from './time.ts'

/**
 * What has become of a number of a stream, one of these: its reading is stored and came within
 * {@link LATE_AFTER_MS} of its source time (`prompt`) or later (`late`); it was set aside (`quarantined`); or
 * its sender announced that it will never come, and why (the others). One that was set aside and stored later
 * counts a second time as `released`, in the hour in which it is counted as `quarantined`: counts only grow.
 */
export const OUTCOMES = ['prompt', 'late', 'quarantined', 'outbox-full', 'corrupt', 'released'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** The run of the position that says how many releases of a stream the ledger holds; no sender may take the name. */
export const RELEASED_RUN = 'quarantine/released'

/** By the hub's clock, on arrival. */
export const LATE_AFTER_MS = HOUR_MS

/** How many numbers of a sender's stream, all its runs together, had an outcome in an hour. */
export interface LedgerEntry {
  sender: string
  stream: Stream
  /** The start of the hour (UTC) of the source time, ms UTC. */
  hour: number
  outcome: Outcome
  count: number
}

/** What became of the numbers of a sender's stream. */
export interface StreamTotal extends Pick<LedgerEntry, 'sender' | 'stream'> {
  counts: Record<Outcome, number>
  /** Numbers that later ones have overtaken: not come so far. */
  missing: number
}

export function noCounts(): Record<Outcome, number> {
  return { prompt: 0, late: 0, quarantined: 0, 'outbox-full': 0, corrupt: 0, released: 0 }
}
