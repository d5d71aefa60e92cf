import type { Aggregate, Point } from '../api/types.ts'

export interface Curve {
  point: Point
  aggregates: Aggregate[]
}

/** One row of instants for all curves, with a hole wherever a step has no reading. */
export interface Aligned {
  /** ms UTC */
  times: number[]
  curves: { point: Point; mean: Values; min: Values; max: Values }[]
}

type Values = (number | null)[]

/**
 * Lines the curves up on the starts of their buckets. Where the next bucket does not follow at once, an empty
 * instant goes between, so that no line crosses what nobody measured.
 */
export function alignCurves(curves: readonly Curve[]): Aligned {
  const ends = new Map<number, number>()
  for (const { aggregates } of curves) {
    for (const { start, end } of aggregates) ends.set(Date.parse(start), Date.parse(end))
  }
  const starts = [...ends.keys()].sort((a, b) => a - b)
  const times = starts.flatMap((start, index) => {
    const end = ends.get(start)!
    const next = starts[index + 1]
    return next !== undefined && next > end ? [start, end] : [start]
  })
  return {
    times,
    curves: curves.map(({ point, aggregates }) => {
      const byStart = new Map(aggregates.map(bucket => [Date.parse(bucket.start), bucket]))
      const pick = (name: 'mean' | 'min' | 'max') => times.map(time => byStart.get(time)?.[name] ?? null)
      return { point, mean: pick('mean'), min: pick('min'), max: pick('max') }
    }),
  }
}
