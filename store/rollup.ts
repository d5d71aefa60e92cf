import type { Interval } from '../model/calendar.ts'
import { periodsBetween } from '../model/calendar.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time.ts'
import { startOfHour } from './dirty-hours.ts'
import type { Aggregate, AggregateBy } from './readings.ts'
import { clipSpans, joinSpans } from './spans.ts'

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

/** An interval in which (time - shift) / 24 h, rounded down, is the number of the bucket in the plan. */
export interface Stretch extends Interval {
  /** ms */
  shift: number
}

/** How to answer an aggregate: from parts made of readings in `raw`, and from the hours' rollups elsewhere. */
export interface AggregatePlan extends Interval {
  /** The length of the parts to make of readings, ms: divides an hour, and no bucket begins inside a part. */
  grain: number
  /** Whole hours that a bucket's boundary splits; everything for minutes. */
  raw: Interval[]
  /** Ascending, without holes; none where a bucket is no longer than an hour. */
  stretches: Stretch[]
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
    return { start, end, grain: length, raw, stretches: [], bucketOf }
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
    start,
    end,
    grain,
    raw: split.map(hour => ({ start: Math.max(hour, start), end: Math.min(hour + HOUR_MS, end) })),
    stretches: stretchesOf(days),
    bucketOf(time) {
      if (time < days[index]!.start) index = 0
      while (days[index]!.end <= time) index++
      return days[index]!
    },
  }
}

/** The shift is another one after each change of the clocks. */
function stretchesOf(days: readonly Interval[]): Stretch[] {
  const stretches: Stretch[] = []
  for (const [number, { start, end }] of days.entries()) {
    const shift = start - number * DAY_MS
    const last = stretches.at(-1)
    if (last?.shift === shift) {
      last.end = end
      continue
    }
    // What a longer day has beyond 24 hours counts back from its end.
    if (last) last.end = Math.min(start, days[number - 1]!.start + DAY_MS)
    stretches.push({ start: last?.end ?? start, end, shift })
  }
  return stretches
}

/** More of them make one statement too long. */
const MOST_PIECES = 100

/** What of the rollups the store itself joins into whole buckets, and the hours that are wanted one by one. */
export interface RollupParts {
  joined: Stretch[]
  hours: Interval[]
}

/** Hours are wanted one by one where their bucket has parts made of readings, those in `raw`, as well. */
export function planRollups(plan: AggregatePlan, raw: readonly Interval[]): RollupParts {
  const { start, end, stretches, bucketOf } = plan
  if (raw.some(span => span.start <= start && span.end >= end)) return { joined: [], hours: [] }
  const oneByOne = { joined: [], hours: [{ start, end }] }
  if (stretches.length === 0) return oneByOne
  const mixed = joinSpans(
    raw.map(span => ({ start: bucketOf(span.start).start, end: bucketOf(span.end - 1).end })),
  )
  const clean = [start, ...mixed.map(span => span.end)].map((from, i) => {
    return { start: from, end: mixed[i]?.start ?? end }
  })
  const joined = stretches.flatMap(({ shift, ...stretch }) => {
    return clipSpans(clean, stretch.start, stretch.end)
      .filter(span => span.start < span.end)
      .map(span => ({ ...span, shift }))
  })
  return joined.length > MOST_PIECES ? oneByOne : { joined, hours: mixed }
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
