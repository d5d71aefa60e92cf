import type { AlertEvent, Severity } from './alert.ts'
import type { Interval } from './calendar.ts'

/** What a rule said of a point from one instant to the next. */
export interface Band extends Interval {
  /** Undefined where no alert was live: which is not that all was well. */
  danger?: { phenomenon?: string; severity: Severity } | undefined
}

/**
 * What was said of a point, without holes from one end of a span to the other.
 * @param events of the alerts of one rule and point, in order
 */
export function bandsOf(events: readonly AlertEvent[], { start, end }: Interval): Band[] {
  const bands: Band[] = [{ start, end }]
  for (const { time, alert } of events) {
    if (time >= end) break
    const { state, phenomenon, severity } = alert
    const danger = state === 'resolved' ? undefined : { ...(phenomenon && { phenomenon }), severity }
    const last = bands.at(-1)!
    if (last.danger?.phenomenon === danger?.phenomenon && last.danger?.severity === danger?.severity) continue
    if (time <= last.start) last.danger = danger
    else {
      last.end = time
      bands.push({ start: time, end, danger })
    }
  }
  return bands
}
