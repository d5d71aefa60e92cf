import type { Interval } from '../model/calendar.ts'
import type { MeterCount } from '../model/consumption.ts'
import { addDecimals, type Decimal, subtractDecimals, toNumber } from '../model/decimal.ts'
import { DAY_MS } from '../model/time.ts'

/** What a meter counted in a period, and how far apart its readings may lie there. */
export interface WeighedCount extends MeterCount {
  /** ms; of a meter that is known by statements a day, since these have dates. */
  spacingMs: number
}

/** A main meter against the sum of the meters within it, over one period. */
export interface Balance {
  /** Of the parts; undefined where one of them is not known, or there is none. */
  sum: Decimal | undefined
  /** What no part counts; less than 0 where they count more. */
  difference: Decimal | undefined
  /**
   * How much resolution and read times can make of the difference; undefined where a part of the period is not known
   * for itself: how that was spread explains anything.
   */
  tolerance: number | undefined
  /** Whether the parts count more than that explains: a meter is wrong, or not within this one. */
  contradicts: boolean | undefined
}

/** Readings that follow each other closely lie no further apart than twice the interval. */
export function spacingOf(isStated: boolean, interval: number | undefined): number {
  return isStated || interval === undefined ? DAY_MS : 2 * interval
}

/**
 * Two indexes are each told to a step, so an amount may be off by one. At either end of the period the amount between
 * two readings is shared out by time: it may be off by what flows between them, at the mean flow of the period. Both
 * hold for each meter, and may add up.
 */
export function weigh(
  whole: WeighedCount | undefined,
  parts: readonly (WeighedCount | undefined)[],
  period: Interval,
): Balance {
  const known = parts.filter(part => part !== undefined)
  const isKnown = parts.length > 0 && known.length === parts.length
  const sum = isKnown ? known.map(({ amount }) => amount).reduce(addDecimals) : undefined
  const difference = whole && sum && subtractDecimals(whole.amount, sum)
  const length = period.end - period.start
  const isWhole = difference && [whole, ...known].every(({ knownMs }) => knownMs >= length)
  if (!isWhole) return { sum, difference, tolerance: undefined, contradicts: undefined }
  const tolerance = [whole, ...known].reduce((total, { amount, step, spacingMs }) => {
    const atEnds = (toNumber(amount) * 2 * Math.min(spacingMs, length)) / length
    return total + toNumber(step) + atEnds
  }, 0)
  return { sum, difference, tolerance, contradicts: toNumber(difference) < -tolerance }
}
