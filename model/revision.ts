import type { Interval } from './calendar.ts'
import type { Unit } from './units.ts'

/** Why the consumption of a month is what it is now, and was not before. */
export const REVISION_REASONS = [
  /** The month was closed: this is what was known then. */
  'closed',
  /** Readings that came late, were imported or backfilled. */
  'readings',
  /** Something was stated, or taken back. */
  'statements',
  /** The registry says something else of the meter, or this version counts otherwise. */
  'registry',
  /** Found to differ at a start; the hub was ended before it could say why. */
  'found',
] as const
export type RevisionReason = (typeof REVISION_REASONS)[number]

/** The consumption of one meter in a closed month, as it was told from an instant on. */
export interface Revision extends Interval {
  meter: string
  /** From 1, of this month. */
  number: number
  /** An exact decimal in the unit; null where nothing was known. */
  amount: string | null
  unit: Unit
  /** How much of the month was known for itself, ms. */
  knownMs: number
  /** From when on it was told, ms UTC. */
  at: number
  reasons: readonly RevisionReason[]
}
