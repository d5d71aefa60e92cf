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

/** A replay that is gone through piece by piece. */
export interface RuleReplay {
  /** What was told so far. */
  readonly events: readonly AlertEvent[]
  /** Takes the next reading, in the order of their times. */
  hear(reading: Reading): void
  /** Lets time pass until then, ms UTC: nothing more of before is heard. */
  passUntil(time: number): void
}

/**
 * What a rule would have told of a point, had it heard these readings when they were taken, and nobody answered.
 * The same conditions and the same state machine as live. Pure: time is that of the readings.
 */
export function replayRule({ readings, to, ...options }: ReplayOptions): AlertEvent[] {
  const replay = openReplay(options)
  for (const reading of readings) {
    if (timeOf(reading) >= to) break
    replay.hear(reading)
  }
  replay.passUntil(to)
  return [...replay.events]
}

/** The same, by whoever brings the readings little by little. */
export function openReplay(options: Omit<ReplayOptions, 'readings' | 'to'>): RuleReplay {
  const { registry, rule, point, condition, recent = [], hours, from } = options
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
    heard = undefined
    while (next < time) tickAt(next)
  }
  return {
    events,
    passUntil,
    hear(reading) {
      const time = timeOf(reading)
      passUntil(time)
      note(watch.read(reading, moment(time)))
      heard = time
    },
  }
}
