import type { AlertEvent } from '../model/alert.ts'
import type { Reading } from '../model/reading.ts'
import { MINUTE_MS } from '../model/time.ts'
import type { Registry } from '../registry/registry.ts'
import type { WatchPlan } from './catch-up.ts'
import type { Beginning } from './conditions/condition.ts'
import { timeOf } from './moment.ts'
import { openOutOfService } from './out-of-service.ts'
import { beginWatch } from './watch.ts'

interface ReplayOptions extends WatchPlan {
  registry: Registry
  /** What was stored before `from`, ascending: see Beginning in conditions/condition.ts. */
  recent?: readonly Reading[]
  hours?: Beginning['hours']
  /** Of all the points that the plan reads, ascending by time. */
  readings: Iterable<Reading>
  /** ms UTC; `to` is exclusive. */
  from: number
  to: number
  /** How often time passes between readings, ms. */
  tickMs?: number
}

/**
 * What a rule would have told of a point, had it heard these readings when they were taken, and nobody answered.
 * The same conditions and the same state machine as live. Pure: time is that of the readings.
 */
export function replayRule(options: ReplayOptions): AlertEvent[] {
  const { registry, rule, point, condition, recent = [], hours, readings, from, to } = options
  const { tickMs = MINUTE_MS } = options
  const moment = (time: number) => ({ now: time, elapsed: time - from })
  const events: AlertEvent[] = []
  const note = (event: AlertEvent | undefined) => void (event && events.push(event))
  const isOutOfService = openOutOfService(registry)
  const watch = beginWatch({
    ...{ registry, rule, point, condition, recent, hours, at: moment(from) },
    isInhibited: ({ now }) => isOutOfService(rule, point, now),
  })
  let next = from + tickMs
  const tickAt = (time: number) => {
    note(watch.tick(moment(time)))
    next = Math.max(next, time + tickMs)
  }
  let heard: number | undefined
  /** Judges what was measured together, once all of it is taken, and lets time pass until the next. */
  const passUntil = (time: number) => {
    if (heard === time) return
    if (heard !== undefined) tickAt(heard)
    while (next < time) tickAt(next)
  }
  for (const reading of readings) {
    const time = timeOf(reading)
    if (time >= to) break
    passUntil(time)
    note(watch.read(reading, moment(time)))
    heard = time
  }
  passUntil(to)
  return events
}
