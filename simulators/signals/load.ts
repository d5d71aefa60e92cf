import { HOUR_MS } from '../../model/time.ts'
import type { Month, Months } from './months.ts'
import { uniform } from './random.ts'

/** When every simulated meter was installed: before it nothing flows. */
export const INSTALLED = Date.UTC(2020, 0, 1)

/** What flows through a meter. */
export interface Load {
  /** The amount since {@link INSTALLED}; never falls as time grows, at the resolution of a millisecond. */
  total(time: number): number
  /** The derivative of `total`, an hour. */
  rate(time: number): number
}

/** The amount that flows in an hour of a month; never negative. */
export type HourlyUse = (month: Month, hour: number) => number

/** How far the flow moves around the mean of its hour, and how often it does in it (a whole number). */
const RIPPLE = 0.25
const RIPPLES = 3

/** The highest rate that a load of this many an hour reaches. */
export const PEAK = 1 + RIPPLE

/**
 * Adds up hourly use. The total at the end of each month is kept, so an instant costs one look-up and, in a
 * new month, one pass over its hours. Inside an hour the flow ripples, with the hour's amount exact.
 */
export function accumulate(months: Months, use: HourlyUse, seed: number): Load {
  /** Totals before each month since the installation. */
  const before: number[] = [0]
  const starts: number[] = [INSTALLED]
  let start = 0
  let end = 0
  let base = 0
  let uses = new Float64Array(0)
  let sums = new Float64Array(0)

  function enter(month: Month): void {
    ;({ start, end } = month)
    uses = new Float64Array(month.hours)
    sums = new Float64Array(month.hours + 1)
    for (let hour = 0; hour < month.hours; hour++) {
      uses[hour] = use(month, hour)
      sums[hour + 1] = sums[hour]! + uses[hour]!
    }
  }

  /** Makes the month of an instant the present one; the instant lies after the installation. */
  function turnTo(time: number): void {
    const target = months(time)
    while (starts.at(-1)! < target.start) {
      enter(months(starts.at(-1)!))
      before.push(before.at(-1)! + sums.at(-1)!)
      starts.push(end)
    }
    enter(target)
    base = before[starts.indexOf(start)]!
  }

  return {
    total(time) {
      if (time < INSTALLED) return 0
      if (time < start || time >= end) turnTo(time)
      const at = (time - start) / HOUR_MS
      const hour = Math.floor(at)
      const phase = uniform(seed, start / HOUR_MS + hour)
      const ripple = Math.sin(TURN * (RIPPLES * (at - hour) + phase)) - Math.sin(TURN * phase)
      // Each rounding keeps the order of its operands, and the share stays within the hour: no step back.
      const share = Math.min(1, at - hour + (RIPPLE / (TURN * RIPPLES)) * ripple)
      return base + (sums[hour]! + uses[hour]! * share)
    },
    rate(time) {
      if (time < INSTALLED) return 0
      if (time < start || time >= end) turnTo(time)
      const at = (time - start) / HOUR_MS
      const hour = Math.floor(at)
      const phase = uniform(seed, start / HOUR_MS + hour)
      return uses[hour]! * (1 + RIPPLE * Math.cos(TURN * (RIPPLES * (at - hour) + phase)))
    },
  }
}

const TURN = 2 * Math.PI

/** What a load amounts to in its first year. */
export function yearOfService(load: Load): number {
  return load.total(INSTALLED + 365 * 24 * HOUR_MS)
}

/** The amount of the year 2024, which scales a profile to a yearly amount. */
export function yearlyAmount(months: Months, use: HourlyUse): number {
  let sum = 0
  for (let monthOfYear = 0; monthOfYear < 12; monthOfYear++) {
    const month = months(Date.UTC(2024, monthOfYear, 1))
    for (let hour = 0; hour < month.hours; hour++) sum += use(month, hour)
  }
  return sum
}
