import type { Interval } from '../model/calendar.ts'
import type { DayBase } from './base-load.ts'
import { median, robustDeviation } from './percentile.ts'

/** What base loads are held against. */
export interface BaseReference {
  /** The median of each kind of day, in the unit in an hour. */
  centres: ReadonlyMap<string, number>
  /** Standard deviation of a day's base load about it, in the unit in an hour. */
  spread: number
  /** Known days that it rests on. */
  days: number
}

/** A time in which the base load was above the reference; days that are not known in between are part of it. */
export interface BaseDrift {
  /** The start of its first day. */
  since: number
  /** The start of the first day on which the base load was back; undefined where it was not. */
  until: number | undefined
  /** By how much, in the unit in an hour: the mean of its known days. */
  rise: number
  /** Its known days, and by how much each is above the reference in an hour, at least 0. */
  days: (Interval & { rise: number })[]
}

/** In standard deviations, after Montgomery and Runger (see {@link followBase}). */
export const SLACK = 0.5
export const DECISION = 5
/** Ours: a day counts for two standard deviations at most, so that one odd day, or three, is no drift. */
const MOST_OF_DAY = 2
/** Ours: the known days that a reference needs, and those of one kind. */
const ENOUGH_DAYS = 28
const ENOUGH_OF_KIND = 5
/** Ours: the spread is at least that share of the base load, since a few weeks never show all of it. */
const LEAST_SPREAD = 0.05
/** Ours: so many known days in a row within the slack end a drift. */
const DAYS_BACK = 3

/**
 * The medians by kind of day and the spread about them, by the median absolute deviation: a few odd days move neither.
 *
 * @param step the least that the meter tells in an hour, in the unit: the spread is at least that
 * @returns undefined where fewer than 28 days are known
 */
export function baseReference(days: readonly DayBase[], step: number): BaseReference | undefined {
  const byKind = new Map<string, number[]>()
  for (const { kind, base } of days)
    if (base !== undefined) byKind.set(kind, [...(byKind.get(kind) ?? []), base])
  const kinds = [...byKind].filter(([, bases]) => bases.length >= ENOUGH_OF_KIND)
  const known = kinds.flatMap(([, bases]) => bases)
  if (known.length < ENOUGH_DAYS) return undefined
  const centres = new Map(kinds.map(([kind, bases]) => [kind, median(bases)]))
  const deviations = kinds.flatMap(([kind, bases]) => bases.map(base => Math.abs(base - centres.get(kind)!)))
  const least = Math.max(step, LEAST_SPREAD * Math.max(...centres.values()))
  return { centres, spread: Math.max(robustDeviation(deviations), least), days: known.length }
}

/**
 * Follows base loads by the upper tabular CUSUM, S = max(0, S + z − k) with z = (base − centre) / spread, k = 0.5 and
 * h = 5 (Montgomery and Runger, Applied Statistics and Probability for Engineers, 16-10: good against a shift of a
 * standard deviation); here z is 2 at most. A drift is told once S is above h; it began behind the last day on which S was 0, and ends where three
 * known days in a row are within k of the centre.
 *
 * @returns S by day (undefined where a day is not known, or has no reference of its kind), and the drifts
 */
export function followBase(
  days: readonly DayBase[],
  { centres, spread }: BaseReference,
): { cusum: (number | undefined)[]; drifts: BaseDrift[] } {
  const drifts: BaseDrift[] = []
  let sum = 0
  let raised: BaseDrift['days'] = []
  let drifting = false
  let back: number[] = []
  const end = (until: number | undefined) => {
    const within = raised.filter(({ start }) => until === undefined || start < until)
    if (drifting) drifts.push(driftOf(within, until))
    ;[sum, raised, drifting, back] = [0, [], false, []]
  }

  const cusum = days.map(({ start, end: dayEnd, kind, base }) => {
    const centre = centres.get(kind)
    if (base === undefined || centre === undefined) return undefined
    const rise = base - centre
    sum = Math.max(0, sum + Math.min(rise / spread, MOST_OF_DAY) - SLACK)
    back = rise / spread <= SLACK ? [...back, start] : []
    if (sum === 0 && !drifting) raised = []
    else raised.push({ start, end: dayEnd, rise })
    if (sum > DECISION) drifting = true
    if (drifting && back.length >= DAYS_BACK) end(back[0])
    return sum
  })
  end(undefined)
  return { cusum, drifts }
}

function driftOf(days: BaseDrift['days'], until: number | undefined): BaseDrift {
  const mean = days.reduce((sum, { rise }) => sum + rise, 0) / days.length
  return {
    since: days[0]!.start,
    until,
    rise: mean,
    days: days.map(day => ({ ...day, rise: Math.max(0, day.rise) })),
  }
}
