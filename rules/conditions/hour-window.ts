import { HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import type { Moment } from '../moment.ts'

/** What a point said in the last hour, a minute at a time. */
export interface HourWindow {
  /** Of the last hour, ascending, without the newest. */
  minutes: readonly Minute[]
  newest: Minute
  /** Of all of them. */
  sum: number
  count: number
  uncertain: number
  /** Since when it has been heard without a longer pause. */
  from: Moment
  last: { value: number; at: Moment }
}

interface Minute {
  /** From 1970 on. */
  number: number
  sum: number
  count: number
  uncertain: number
}

/** Ours: after a longer silence an hour is not known as a whole. */
const LONGEST_PAUSE_MS = HOUR_MS / 2

/**
 * Takes a value that is not bad. Of an index, what it counted since its last value is summed up; after a longer pause
 * that is not known and it begins anew. Where it has gone back, nobody knows yet from where it goes on: undefined.
 */
export function hearValue(
  window: HourWindow | undefined,
  { value, certain }: { value: number; certain: boolean },
  at: Moment,
  isIndex: boolean,
): HourWindow | undefined {
  if (window && isIndex && value < window.last.value) return undefined
  const uncertain = certain ? 0 : 1
  const number = Math.floor(at.now / MINUTE_MS)
  if (!window || at.elapsed - window.last.at.elapsed > LONGEST_PAUSE_MS) {
    const newest = { number, sum: isIndex ? 0 : value, count: 1, uncertain }
    return { ...newest, newest, minutes: [], from: at, last: { value, at } }
  }
  const amount = isIndex ? value - window.last.value : value
  const { newest } = window
  if (number === newest.number)
    return {
      ...{ minutes: window.minutes, from: window.from, last: { value, at } },
      ...added(window, amount, uncertain),
      newest: { number, ...added(newest, amount, uncertain) },
    }
  const minutes = [...window.minutes, newest].filter(each => each.number > number - HOUR_MS / MINUTE_MS)
  const next: HourWindow = {
    ...{ minutes, newest: { number, sum: amount, count: 1, uncertain } },
    ...{ sum: amount, count: 1, uncertain, from: window.from, last: { value, at } },
  }
  for (const each of minutes) {
    next.sum += each.sum
    next.count += each.count
    next.uncertain += each.uncertain
  }
  return next
}

function added({ sum, count, uncertain }: Omit<Minute, 'number'>, amount: number, doubt: number) {
  return { sum: sum + amount, count: count + 1, uncertain: uncertain + doubt }
}
