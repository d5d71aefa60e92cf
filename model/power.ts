import type { Interval, LocalDates } from './calendar.ts'
import type { CivilTimes } from './civil-times.ts'

/** What tells a mean power: a distributor's load curve, a point that measures power, or the consumption of an hour. */
export const POWER_SOURCES = ['load-curve', 'point', 'consumption'] as const
export type PowerSource = (typeof POWER_SOURCES)[number]

/** The mean power over an interval: how long that is says what kind of peak it can show. */
export interface MeanPower extends Interval {
  /** In kW or kVA, as all of a meter. */
  power: number
  source: PowerSource
}

/** Which power the contract of a meter has, between local dates; `to` is exclusive. */
export interface SubscribedPower extends LocalDates {
  unit: 'kW' | 'kV.A'
  /** How many kW a kVA counts as where overruns are judged by active power. */
  activeFactor?: number | undefined
  /** The first that fits holds; the last fits always. */
  powers: readonly (CivilTimes & { name: string; power: number })[]
}
