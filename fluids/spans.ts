import type { Interval } from '../model/calendar.ts'
import type { Source } from '../model/statement.ts'
import type { Point } from '../registry/registry.ts'
import type { AcceptedIndex } from './indexes.ts'

/** A time over which it is known how much was counted in all. */
export interface Span extends Interval {
  /** Whole steps. */
  amount: number
  source: Source
  /** The statement that says it, or on which its end or beginning rests. */
  statement?: number
}

/** A part of a span: what it counted is taken to have flowed evenly. */
export interface Segment extends Span {
  /** Whether readings follow close enough on each other. */
  covered: boolean
  /** Of a statement: within which time the amount is exactly known. */
  known?: Interval
}

/**
 * What was counted between indexes that follow each other. They are close enough on each other where they lie no
 * further apart than twice the interval, or where they are equal, twice the heartbeat of a meter that is told only
 * when it changes.
 */
export function segmentsOf(
  accepted: readonly AcceptedIndex[],
  { interval, dueWithin }: Pick<Point, 'interval' | 'dueWithin'>,
): Segment[] {
  const segments: Segment[] = []
  for (const [position, { time, gain }] of accepted.entries()) {
    if (position === 0 || gain === undefined) continue
    const start = accepted[position - 1]!.time
    const covered = time - start <= 2 * (gain === 0 ? dueWithin : interval)
    segments.push({ start, end: time, amount: gain, source: 'readings', covered })
  }
  return segments
}

/** How much of an amount had flowed by an instant of its time, whole steps: rounded down, so that parts add up. */
export function partUpTo(time: number, { start, end, amount }: Omit<Span, 'source'>): number {
  const elapsed = Math.min(Math.max(time, start), end) - start
  const product = amount * elapsed
  const duration = end - start
  if (Number.isSafeInteger(product)) return (product - (product % duration)) / duration
  return Number((BigInt(amount) * BigInt(elapsed)) / BigInt(duration))
}

/** What of an amount flowed within a time, whole steps. */
export function partWithin({ start, end }: Interval, span: Omit<Span, 'source'>): number {
  return partUpTo(end, span) - partUpTo(start, span)
}

/** An amount by weights, rounded down up to each place, so that the parts add up to it. */
export function divide(amount: number, weights: readonly number[]): number[] {
  const end = weights.reduce((sum, weight) => sum + weight, 0)
  let start = 0
  return weights.map(weight => {
    const share = partWithin({ start, end: start + weight }, { start: 0, end, amount })
    start += weight
    return share
  })
}

/** Where a row divides: the position of the first for which it no longer holds that it lies before. */
export function partitionPoint<T>(row: readonly T[], isBefore: (each: T) => boolean): number {
  let low = 0
  let high = row.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBefore(row[middle]!)) low = middle + 1
    else high = middle
  }
  return low
}

/** The segments that overlap an interval, of those in a row. */
export function within<S extends Interval>({ start, end }: Interval, row: readonly S[]): S[] {
  const first = partitionPoint(row, each => each.end <= start)
  let last = first
  while (last < row.length && row[last]!.start < end) last++
  return row.slice(first, last)
}
