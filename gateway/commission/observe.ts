import { type QualityCode, qualityOf } from '../../model/quality.ts'
import type { Reading } from '../../model/reading.ts'
import type { Point } from '../../registry/registry.ts'

/** What a point said while it was observed. */
export interface Observation {
  point: Point
  /** Numbers and booleans, in the order of their times. */
  good: { time: number; value: number | boolean | string }[]
  bad: number
  /** Of the last reading that was bad. */
  fault?: QualityCode
  /** How far the source's clock was ahead when it was too far off last, ms. */
  skewMs?: number
}

export interface Observer {
  read(reading: Reading): void
  readonly observations: ReadonlyMap<string, Observation>
}

export function createObserver(points: Iterable<Point>): Observer {
  const observations = new Map<string, Observation>()
  for (const point of points) observations.set(point.id, { point, good: [], bad: 0 })
  return {
    observations,
    read({ point, time, value, quality, gatewayTime }) {
      const observation = observations.get(point)
      if (!observation) return
      if (qualityOf(quality) === 'bad' || value === null) {
        observation.bad++
        observation.fault = quality
        return
      }
      if (quality === 'uncertain:clock') observation.skewMs = time - gatewayTime
      const { good } = observation
      // A source may tell an earlier value late.
      good.splice(good.findLastIndex(before => before.time <= time) + 1, 0, { time, value })
    },
  }
}

/** The least and the most that a point said; undefined for what is no number. */
export function rangeOf({ good }: Observation): { least: number; most: number } | undefined {
  const values = good.flatMap(({ value }) => (typeof value === 'number' ? value : []))
  return values.length === 0 ? undefined : { least: Math.min(...values), most: Math.max(...values) }
}
