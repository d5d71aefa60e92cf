import type { Interval } from '../model/calendar.ts'
import { type HourUse, isKnown } from './hour-use.ts'
import { percentile } from './percentile.ts'

/** What runs at all hours of a day. */
export interface DayBase extends Interval {
  /** Days that are alike have the same: a base load is only held against those of its kind. */
  kind: string
  /** In the unit, in an hour; undefined where an hour of the day is not known. */
  base: number | undefined
}

/** Ours, as of night flows: of 24 hours, four may be lower. A power cut or a spurious zero does not move it. */
const BASE_PERCENTILE = 0.2

/** The base load of a day: a low percentile of its hours, in the unit in an hour; undefined where one is not known. */
export function baseLoad(hours: readonly HourUse[]): number | undefined {
  const known = hours.filter(isKnown)
  if (known.length === 0 || known.length < hours.length) return undefined
  return percentile(
    known.map(({ amount }) => amount),
    BASE_PERCENTILE,
  )
}
