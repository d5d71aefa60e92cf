import type { Reading } from '../model/reading.ts'
import type { Point, Rule } from '../registry/registry.ts'
import type { ReadingStore } from '../store/readings.ts'
import type { Condition } from './conditions/condition.ts'
import type { Moment } from './moment.ts'

export interface WatchPlan {
  rule: Rule
  point: Point
  condition: Condition<unknown>
}

/** What a plan reads: its own point, and the inputs of its condition. */
export function pointsOf({ point, condition }: WatchPlan): Point[] {
  return [point, ...(condition.inputs ?? [])]
}

/**
 * What the store holds that conditions must know to begin: for each point the newest reading, and where one of
 * its conditions asks for more, that span. A point without readings is not in the answer.
 */
export async function recentReadings(
  store: ReadingStore,
  plans: readonly WatchPlan[],
  at: Moment,
): Promise<Map<string, Reading[]>> {
  const recent = new Map<string, Reading[]>()
  const readers = byPoint(plans, plan => pointsOf(plan).map(({ id }) => id))
  for (const latest of await store.latest([...readers.keys()])) {
    const span = Math.max(...readers.get(latest.point)!.map(({ condition }) => condition.span(latest)))
    const earlier = span > 0 ? await store.range(latest.point, at.now - span, latest.time) : []
    recent.set(latest.point, [...earlier, latest])
  }
  return recent
}

/** Who reads each point. */
export function byPoint<R>(
  readers: readonly R[],
  points: (reader: R) => readonly string[],
): Map<string, R[]> {
  const found = new Map<string, R[]>()
  for (const reader of readers) {
    for (const point of points(reader)) {
      const group = found.get(point)
      if (group) group.push(reader)
      else found.set(point, [reader])
    }
  }
  return found
}
