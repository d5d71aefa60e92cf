import { setImmediate as breathe } from 'node:timers/promises'
import type { AlertEvent } from '../model/alert.ts'
import type { Reading } from '../model/reading.ts'
import { DAY_MS, HOUR_MS } from '../model/time.ts'
import type { Registry } from '../registry/registry.ts'
import type { ReadingStore } from '../store/readings.ts'
import { hourlyHistory, pointsOf, type WatchPlan } from './catch-up.ts'
import { timeOf } from './moment.ts'
import { openReplay } from './replay.ts'

/** What conditions know when they begin: as a hub that starts at that time, but of a day at most. */
const BEFORE_MS = DAY_MS
/** So long a replay keeps the event loop to itself, at most but for an hour of one rule on one point. */
export const SLICE_MS = 8

interface StoredReplay {
  store: ReadingStore
  registry: Registry
  plan: WatchPlan
  /** ms UTC; `to` is exclusive. */
  from: number
  to: number
  signal: AbortSignal
}

/**
 * Replays what is stored through a rule on a point, in slices of the event loop: whoever else lives on it goes on.
 * Rejects with the reason of the signal once that has aborted.
 */
export async function replayStored(options: StoredReplay): Promise<AlertEvent[]> {
  const { store, registry, plan, from, to, signal } = options
  const ids = pointsOf(plan).map(({ id }) => id)
  const read = async (start: number, end: number) => {
    const found: Reading[] = []
    for (const id of ids) {
      found.push(...(await store.range(id, start, end)))
      signal.throwIfAborted()
    }
    return inOrder(found)
  }
  const hours = (await hourlyHistory(store, [plan], { now: from })).get(plan.point.id)
  const recent = await read(from - BEFORE_MS, from)
  const replay = openReplay({ ...plan, registry, recent, hours, from })
  /** What the clock of a gateway puts into a later day than that of its source. */
  let ahead: Reading[] = []
  for (let day = from; day < to; day += DAY_MS) {
    const end = Math.min(day + DAY_MS, to)
    const readings = inOrder([...ahead, ...(await read(day, end))]).filter(each => timeOf(each) >= day)
    let since = performance.now()
    let next = 0
    for (let hour = day; hour < end; hour += HOUR_MS) {
      const until = Math.min(hour + HOUR_MS, end)
      while (next < readings.length && timeOf(readings[next]!) < until) replay.hear(readings[next++]!)
      replay.passUntil(until)
      if (performance.now() - since < SLICE_MS) continue
      await breathe(undefined, { signal })
      since = performance.now()
    }
    ahead = readings.slice(next)
  }
  return [...replay.events]
}

function inOrder(readings: Reading[]): Reading[] {
  return readings.sort((a, b) => timeOf(a) - timeOf(b))
}
