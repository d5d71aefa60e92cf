import type { Interval } from '../model/calendar.ts'
import { periodsBetween } from '../model/calendar.ts'
import { HOUR_MS, MINUTE_MS } from '../model/time.ts'
import { startOfHour } from './dirty-hours.ts'
import type { Aggregate, AggregateBy } from './readings.ts'
import { joinSpans } from './spans.ts'

/** Statistics of the readings of one point from `start` on, up to the next part. */
export interface Part {
  /** ms UTC */
  start: number
  count: number
  valid: number
  /** How many have a number (a boolean is 0 or 1); where this is 0, the rest is null. */
  numbers: number
  sum: number | null
  min: number | null
  max: number | null
  first: number | null
  last: number | null
}

/** How to answer an aggregate: from parts made of readings in `raw`, and from rollups elsewhere. */
export interface AggregatePlan extends Interval {
  by: AggregateBy
  /** The length of the parts to make of readings, ms: divides an hour, and no bucket begins inside a part. */
  grain: number
  /** Whole hours that a bucket's boundary splits; everything for minutes. */
  raw: Interval[]
  /** The bucket that holds an instant; quick for ascending ones. */
  bucketOf(time: number): Interval
}

/** Whole buckets that overlap [from, to): a bucket is never cut by what was asked. */
export function planAggregate(by: AggregateBy, from: number, to: number, timeZone: string): AggregatePlan {
  if (by !== 'day') {
    const length = by === 'hour' ? HOUR_MS : MINUTE_MS
    const start = Math.floor(from / length) * length
    const end = Math.max(start, Math.ceil(to / length) * length)
    const bucketOf = (time: number) => ({ start: time, end: time + length })
    const raw = by === 'hour' ? [] : [{ start, end }]
    return { by, start, end, grain: length, raw, bucketOf }
  }
  const days = periodsBetween('day', from, to, timeZone)
  const start = days[0]?.start ?? from
  const end = days.at(-1)?.end ?? from
  const boundaries = [...days.map(day => day.start), end]
  // Offsets are whole hours or quarters today; some were not, long ago.
  const grain = [HOUR_MS, HOUR_MS / 4, MINUTE_MS, 1000].find(g => boundaries.every(b => b % g === 0)) ?? 1
  const split = boundaries.filter(boundary => boundary % HOUR_MS !== 0).map(startOfHour)
  let index = 0
  return {
    by,
    start,
    end,
    grain,
    raw: split.map(hour => ({ start: Math.max(hour, start), end: Math.min(hour + HOUR_MS, end) })),
    bucketOf(time) {
      if (time < days[index]!.start) index = 0
      while (days[index]!.end <= time) index++
      return days[index]!
    },
  }
}

/** Which rollups answer an aggregate: those of days outside of some of its days, and of hours within those. */
export interface RollupSpans {
  days: Interval | undefined
  hours: Interval[]
}

/** Hours are wanted where their day has parts made of readings, those in `raw`, as well. */
export function planRollups(
  { by, start, end, bucketOf }: AggregatePlan,
  raw: readonly Interval[],
): RollupSpans {
  if (raw.some(span => span.start <= start && span.end >= end)) return { days: undefined, hours: [] }
  if (by !== 'day') return { days: undefined, hours: [{ start, end }] }
  const mixed = raw.map(span => ({ start: bucketOf(span.start).start, end: bucketOf(span.end - 1).end }))
  return { days: { start, end }, hours: joinSpans(mixed) }
}

/** Joins parts into buckets, ascending. A part must lie in one bucket. */
export function joinParts(parts: readonly Part[], bucketOf: (time: number) => Interval): Aggregate[] {
  const ascending = parts.toSorted((a, b) => a.start - b.start)
  const aggregates: Aggregate[] = []
  let bucket: Part | undefined
  let interval: Interval = { start: -Infinity, end: -Infinity }
  const finish = () => {
    if (!bucket) return
    const { count, valid, numbers, sum, min, max, first, last } = bucket
    const mean = numbers > 0 ? sum! / numbers : null
    aggregates.push({ start: interval.start, end: interval.end, count, valid, min, max, mean, first, last })
  }
  for (const part of ascending) {
    if (bucket && part.start < interval.end) {
      bucket = joinTwo(bucket, part)
      continue
    }
    finish()
    interval = bucketOf(part.start)
    bucket = part
  }
  finish()
  return aggregates
}

/** Joins parts, ascending, into one. */
export function joinAll(parts: readonly Part[]): Part | undefined {
  return parts.length > 0 ? parts.reduce(joinTwo) : undefined
}

function joinTwo(a: Part, b: Part): Part {
  if (a.numbers === 0 || b.numbers === 0) {
    const numeric = a.numbers > 0 ? a : b
    return { ...numeric, start: a.start, count: a.count + b.count, valid: a.valid + b.valid }
  }
  return {
    start: a.start,
    count: a.count + b.count,
    valid: a.valid + b.valid,
    numbers: a.numbers + b.numbers,
    sum: a.sum! + b.sum!,
    min: Math.min(a.min!, b.min!),
    max: Math.max(a.max!, b.max!),
    first: a.first,
    last: b.last,
  }
}
