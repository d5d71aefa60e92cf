import { qualityOf } from '../../model/quality.ts'
import type { Reading } from '../../model/reading.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { Point } from '../../registry/registry.ts'
import type { Moment } from '../moment.ts'

/** Numbers that a point said, ascending; what was bad is not among them. */
interface Said {
  value: number
  certain: boolean
  at: Moment
}

/** Of several points what they said lately, by id. */
export type SaidByPoint = ReadonlyMap<string, readonly Said[]>

/** Adds what a reading says, and forgets what is older than `ms`, but for the last of it. */
export function addSaid(said: SaidByPoint, reading: Reading, at: Moment, ms: number): SaidByPoint {
  const quality = qualityOf(reading.quality)
  if (quality === 'bad' || typeof reading.value !== 'number') return said
  const all = [...(said.get(reading.point) ?? []), { value: reading.value, certain: quality === 'good', at }]
  const first = all.findLastIndex(each => at.elapsed - each.at.elapsed >= ms)
  return new Map(said).set(reading.point, all.slice(Math.max(0, first)))
}

/** Over what is looked back: the `ms` before what was said last, which may be no older than `maxAge`. */
export interface Span {
  at: Moment
  ms: number
  maxAge: number
}

/** What a point said in a span; nothing where that is too old. */
export function saidWithin(
  said: SaidByPoint,
  { id }: Pick<Point, 'id'>,
  { at, ms, maxAge }: Span,
): readonly Said[] {
  const all = said.get(id) ?? []
  const newest = all.at(-1)
  if (!newest || at.elapsed - newest.at.elapsed > maxAge) return []
  return all.filter(each => newest.at.elapsed - each.at.elapsed < ms)
}

/** Whether something holds of all that a point said in a span that was heard from its beginning. */
export function holdsThroughout(
  said: SaidByPoint,
  point: Pick<Point, 'id'>,
  span: Span,
  holds: (value: number) => boolean,
): boolean {
  const within = saidWithin(said, point, span)
  const newest = within.at(-1)
  if (!newest || newest.at.elapsed - said.get(point.id)![0]!.at.elapsed < span.ms) return false
  return within.every(({ value }) => holds(value))
}

/** The mean of what is said; undefined of nothing. */
export function meanOf(said: readonly Said[]): number | undefined {
  return said.length === 0 ? undefined : said.reduce((sum, { value }) => sum + value, 0) / said.length
}

/** How many vehicles passed in a span, at least; `whole` where all of it was heard. */
export function vehiclesWithin(
  said: SaidByPoint,
  point: Point,
  span: Span,
): { vehicles: number; whole: boolean } {
  const within = saidWithin(said, point, span)
  const newest = within.at(-1)
  if (!newest) return { vehicles: 0, whole: false }
  const all = said.get(point.id)!
  const begin = newest.at.elapsed - span.ms
  if (point.quantityName === 'traffic-flow') {
    // A flow is that of the interval before it.
    const whole = all[0]!.at.elapsed - point.dueWithin <= begin
    return { vehicles: (meanOf(within)! * span.ms) / HOUR_MS, whole }
  }
  const counted = all.slice(
    Math.max(
      0,
      all.findLastIndex(({ at }) => at.elapsed <= begin),
    ),
  )
  const vehicles = counted
    .slice(1)
    // A counter that was reset has counted nothing that is known.
    .reduce((sum, { value }, i) => sum + Math.max(0, value - counted[i]!.value), 0)
  const length = newest.at.elapsed - counted[0]!.at.elapsed
  return { vehicles: length > span.ms ? (vehicles * span.ms) / length : vehicles, whole: length >= span.ms }
}
