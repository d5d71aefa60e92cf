import type { CivilTime } from '../model/calendar.ts'
import { openCivilTimes } from '../model/civil-times.ts'
import { addDecimals, type Decimal, multiplyDecimals, toDecimal } from '../model/decimal.ts'
import type { Tariff } from '../model/tariff.ts'

/** When an hour begins in the civil calendar, and how long it is. */
export interface CivilHour extends CivilTime {
  /** Minutes; shorter than 60 only where the clock changes by half an hour. */
  length: number
}

/** In quarters of an hour the times of prices and of opening hours are written, minutes. */
export const QUARTER_MIN = 15

/**
 * Makes the function that tells what a unit costs, taxes included and VAT not, when it is used evenly over an
 * hour: where prices change within it, each counts by its quarters. Exact.
 */
export function openPrices({
  prices,
  taxes,
}: Pick<Tariff, 'prices' | 'taxes'>): (hour: CivilHour) => Decimal {
  const bands = prices.map(price => ({ price: toDecimal(price.price), fits: openCivilTimes(price) }))
  const tax = taxes.map(({ price }) => toDecimal(price)).reduce(addDecimals, toDecimal(0))
  const known = new Map<string, Decimal>()
  return ({ month, weekday, minute, length }) => {
    const key = `${month} ${weekday} ${minute} ${length}`
    const found = known.get(key)
    if (found) return found
    const quarters = Math.max(1, Math.round(length / QUARTER_MIN))
    const sum = Array.from({ length: quarters }, (_, i) => minute + i * QUARTER_MIN)
      .map(at => bands.find(({ fits }) => fits(month, weekday, at))!.price)
      .reduce(addDecimals)
    const price = addDecimals(multiplyDecimals(sum, toDecimal(1 / quarters)), tax)
    known.set(key, price)
    return price
  }
}
