import { HOUR_MS } from '../model/time.ts'
import { keepNewest, type NewestOf } from './followed.ts'
import { instantText } from './row-dates.ts'

/** A time of which a sensor or a channel should have told something. */
export interface HeardStep {
  /** ms UTC */
  start: number
  /** How much of it was heard, 0 to 1; 0 where nothing is known of it. */
  share: number
}

/** How much is known of a sensor or a channel, as the quality report says it. */
export interface ToldHeard {
  /** From the first time of which anything came to the last that is over, `to` exclusive: ISO 8601, UTC; null where nothing ever came. */
  from: string | null
  to: string | null
  /** How many hours, or other steps, lie there, and of how many of them something is known. */
  steps: number
  known: number
  /** How much of them was heard, 0 to 1, rounded down. */
  share: number
  /** Stretches of which nothing is known, `to` exclusive. */
  gaps: NewestOf<{ from: string; to: string }>
}

const MOST_GAPS = 100

/**
 * @param steps ascending; those between them that are missing were not heard
 * @param now ms UTC: what has not ended by then is not counted
 */
export function toldHeard(steps: readonly HeardStep[], now: number, stepMs = HOUR_MS): ToldHeard {
  const gaps = keepNewest<{ from: string; to: string }>(MOST_GAPS, ({ from }) => from)
  const from = steps[0]?.start
  const to = Math.floor(now / stepMs) * stepMs
  if (from === undefined || to <= from)
    return { ...{ from: null, to: null, steps: 0, known: 0, share: 0 }, gaps: gaps.result() }
  let [heard, known, end] = [0, 0, from]
  const gapUntil = (start: number) => {
    if (start > end) gaps.add({ from: instantText(end), to: instantText(start) })
  }
  for (const { start, share } of steps) {
    if (share === 0 || start >= to) continue
    gapUntil(start)
    end = start + stepMs
    heard += Math.min(1, share)
    known++
  }
  gapUntil(to)
  const count = (to - from) / stepMs
  return {
    ...{ from: instantText(from), to: instantText(to), steps: count, known },
    share: Math.floor((heard / count) * 10_000) / 10_000,
    gaps: gaps.result(),
  }
}
