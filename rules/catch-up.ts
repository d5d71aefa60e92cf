import type { Reading } from '../model/reading.ts'
import type { Point, Rule } from '../registry/registry.ts'
import type { Aggregate, ReadingStore } from '../store/readings.ts'
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

/** What the store holds that conditions must know to begin, by point. */
export interface Stored {
  recent: ReadonlyMap<string, readonly Reading[]>
  hours: ReadonlyMap<string, readonly Aggregate[]>
}

export async function storedOf(
  store: ReadingStore,
  plans: readonly WatchPlan[],
  at: Moment,
): Promise<Stored> {
  return { recent: await recentReadings(store, plans, at), hours: await hourlyHistory(store, plans, at) }
}

/**
 * What the store holds that conditions must know to begin: for each point the newest reading, and where one of
 * its conditions asks for more, that span. A point without readings is not in the answer.
 */
async function recentReadings(
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

/**
 * What points told hour by hour, of those whose conditions must know it to begin, up to a moment; a point without
 * readings is not in the answer.
 */
export async function hourlyHistory(
  store: ReadingStore,
  plans: readonly WatchPlan[],
  at: Pick<Moment, 'now'>,
): Promise<Map<string, Aggregate[]>> {
  const spans = new Map<string, number>()
  for (const { point, condition } of plans)
    if (condition.history) spans.set(point.id, Math.max(spans.get(point.id) ?? 0, condition.history))
  const told = new Map<string, Aggregate[]>()
  for (const [point, span] of spans) {
    const hours = await store.aggregate(point, 'hour', at.now - span, at.now)
    if (hours.length > 0) told.set(point, hours)
  }
  return told
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
