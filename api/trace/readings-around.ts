import type { Interval } from '../../model/calendar.ts'
import { qualityOf } from '../../model/quality.ts'
import type { Reading } from '../../model/reading.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { Point } from '../../registry/registry.ts'
import type { ReadingStore } from '../../store/readings.ts'

/** A day of an index that is read every ten seconds has fewer. */
const MOST = 10_000
/** Bad ones between the end of a time and the next good one. */
const MOST_AFTER = 200
/** How far back readings are looked for at first, from where they should be. */
const NEAR_MS = 2 * HOUR_MS

/**
 * The readings of a time, and around it those up to the good one before and the good one after, from which what was
 * counted at its ends is known; ascending. Where a day before has but bad ones, those of its last hour.
 *
 * @param until no reading lies beyond, ms UTC
 * @returns `next`: the time of the first reading that is too many
 */
export async function readingsAround(
  store: ReadingStore,
  point: Pick<Point, 'id' | 'dueWithin'>,
  { start, end }: Interval,
  until: number,
): Promise<{ found: Reading[]; next: number | undefined }> {
  const before = await readingsBefore(store, point, start)
  const during = await store.range(point.id, start, end, MOST + 1)
  const next = during[MOST]?.time
  if (next !== undefined) return { found: [...before, ...during.slice(0, MOST)], next }
  const after = await store.range(point.id, end, Math.max(end, until), MOST_AFTER)
  const good = after.findIndex(isGood)
  return { found: [...before, ...during, ...(good < 0 ? after : after.slice(0, good + 1))], next }
}

/** From the last good one before an instant on. */
async function readingsBefore(
  store: ReadingStore,
  point: Pick<Point, 'id' | 'dueWithin'>,
  time: number,
): Promise<Reading[]> {
  const near = await store.range(point.id, time - Math.max(NEAR_MS, 2 * point.dueWithin), time)
  const good = near.findLastIndex(isGood)
  if (good >= 0) return near.slice(good)
  const last = await lastValid(store, point.id, 'day', 0, time)
  const hour = last && (await lastValid(store, point.id, 'hour', last.start, Math.min(last.end, time)))
  if (!hour) return near
  const far = await store.range(point.id, hour.start, Math.min(hour.end, time))
  return far.slice(Math.max(0, far.findLastIndex(isGood)))
}

/** The last bucket that begins before an instant and holds a reading with a value. */
async function lastValid(
  store: ReadingStore,
  point: string,
  by: 'day' | 'hour',
  from: number,
  to: number,
): Promise<Interval | undefined> {
  const buckets = await store.aggregate(point, by, from, to)
  return buckets.findLast(({ valid, start }) => valid > 0 && start < to)
}

function isGood({ quality }: Reading): boolean {
  return qualityOf(quality) === 'good'
}
