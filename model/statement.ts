import type { Interval } from './calendar.ts'
import { type Period, partOf } from './period.ts'
import type { Unit } from './units.ts'

/** Who says what a meter showed or counted, where it is no reading; the first is believed before the next. */
export const ORIGINS = ['correction', 'distributor', 'hand', 'invoice', 'estimate'] as const
export type Origin = (typeof ORIGINS)[number]

/** What figures are made of, the first believed before the next: readings give way to a correction only. */
export const SOURCES = ['correction', 'readings', 'distributor', 'hand', 'invoice', 'estimate'] as const
export type Source = (typeof SOURCES)[number]

export const STATEMENT_FORMS = ['index', 'amount'] as const

/** What somebody says of a meter: what it showed at an instant, or what it counted between two. */
export interface Statement extends Interval {
  meter: string
  origin: Origin
  /** `start` equals `end` of an index. */
  form: (typeof STATEMENT_FORMS)[number]
  /** In the meter's unit; a multiple of its resolution, as exact as a number that was written down. */
  value: number
  /** As it was written, where a coefficient made the value of it: gas in kWh of a meter that counts m³. */
  written?: { value: number; unit: Unit }
  author: string
  /** Where it was taken from: a file with its line, an invoice's number. */
  source?: string
  /** Why; a correction always says it. */
  reason?: string
}

/** A statement under its number: none is ever changed or removed. */
export interface StoredStatement extends Statement {
  id: number
  /** ms UTC */
  recordedAt: number
  /** Why it no longer counts: a later one says something else of the same, or somebody took it back. */
  ended?: { at: number; by: string; reason: string }
}

/** What has become of a statement beside everything else that is known of its meter. */
export interface Judgement {
  /**
   * `counts`: its figure is, wholly or where nothing better is known, in the consumption. `overruled`: something
   * that is believed before it is known of all its time. `contradicts`: it cannot be true beside that.
   */
  state: 'counts' | 'overruled' | 'contradicts'
  /** What the consumption has for its time, or the index that the others lead to, whole steps; null where not known. */
  counted: number | null
}

/** The civil period within which an amount is exactly known. */
export const GRAINS = ['hour', 'day', 'month', 'year'] as const
export type Grain = (typeof GRAINS)[number]

/** Which grain must hold for an amount to be known of a civil period for itself. */
export function grainOf(period: Period): Grain {
  if (period === 'year') return 'year'
  return partOf(period)
}

/** What of a period's consumption does not rest on readings. */
export interface StatedPart<Amount = number> {
  origin: Origin
  /** null where it is known over longer times only, or was an estimate. */
  known: Grain | null
  /** Whole steps of a meter; an exact decimal in the unit of a site. */
  amount: Amount
  /** How much of the period it makes up. */
  ms: number
}
