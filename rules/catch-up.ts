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

/**
 * What the store holds that conditions must know to begin: for each point the newest reading, and where one of
 * its conditions asks for more, that span. A point without readings is not in the answer.
 */
export async function recentReadings(
  store: ReadingStore,
  plans: ReadonlyMap<string, readonly WatchPlan[]>,
  at: Moment,
): Promise<Map<string, Reading[]>> {
  const recent = new Map<string, Reading[]>()
  for (const latest of await store.latest([...plans.keys()])) {
    const span = Math.max(...plans.get(latest.point)!.map(({ condition }) => condition.span(latest)))
    const earlier = span > 0 ? await store.range(latest.point, at.now - span, latest.time) : []
    recent.set(latest.point, [...earlier, latest])
  }
  return recent
}
