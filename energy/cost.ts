import { civilTime, type Interval, localDate } from '../model/calendar.ts'
import { addDecimals, type Decimal, multiplyDecimals, toDecimal } from '../model/decimal.ts'
import type { Tariff } from '../model/tariff.ts'
import { MINUTE_MS } from '../model/time.ts'
import { type CivilHour, openPrices } from './prices.ts'

/** An hour with what was used of a meter in it. */
export interface UsedHour extends Interval {
  amount: Decimal | undefined
  coveredMs: number
}

/** A tariff that holds for a meter between instants, ms UTC, and not beyond. */
export interface Contract extends Interval {
  tariff: Tariff
}

/** What a period costs, in euros. All amounts are exact; undefined where nothing is known. */
export interface Cost extends Interval {
  /** In the unit of the site. */
  amount: Decimal | undefined
  /** Of what was used, taxes included and VAT not. */
  consumption: Decimal | undefined
  fixed: Decimal | undefined
  vat: Decimal | undefined
  coveredMs: number
  /** How long both what was used and its price are known. */
  pricedMs: number
}

/** When an hour is: midnight is 0, and an hour that is said twice in autumn has its minute twice. */
export function civilHour({ start, end }: Interval, timeZone: string): CivilHour {
  return { ...civilTime(start, timeZone), length: (end - start) / MINUTE_MS }
}

/**
 * Makes the function that tells the cost of civil days from their hours. A contract holds for whole days; of
 * the month's fixed price each day has its part, so that days add up to the month to the last digit.
 *
 * @param shareAt the part of the fixed price that counts, by the start of a day
 */
export function openDayCosts(
  contracts: readonly Contract[],
  shareAt: (start: number) => Decimal,
  timeZone: string,
) {
  const priced = contracts.map(contract => ({ ...contract, priceOf: openPrices(contract.tariff) }))

  return (days: readonly Interval[], hours: readonly (UsedHour & { civil: CivilHour })[]): Cost[] => {
    let next = 0
    return days.map(({ start, end }) => {
      const contract = priced.find(each => each.start <= start && start < each.end)
      let [amount, consumption]: (Decimal | undefined)[] = []
      let [coveredMs, pricedMs] = [0, 0]
      for (; next < hours.length && hours[next]!.start < end; next++) {
        const hour = hours[next]!
        coveredMs += hour.coveredMs
        if (!hour.amount) continue
        amount = plus(amount, hour.amount)
        if (!contract) continue
        consumption = plus(consumption, multiplyDecimals(hour.amount, contract.priceOf(hour.civil)))
        pricedMs += hour.end - hour.start
      }
      const fixed =
        contract &&
        multiplyDecimals(fixedOfDay(contract.tariff.fixedPerMonth, start, timeZone), shareAt(start))
      const vat = contract && vatOf(contract.tariff, consumption, fixed!)
      return { start, end, amount, consumption, fixed, vat, coveredMs, pricedMs }
    })
  }
}

/** Fixed prices are split in at least so many decimals. */
const FIXED_SCALE = 6

/** A day's part of what is fixed by month: the parts of all its days are the whole. */
function fixedOfDay(perMonth: number, start: number, timeZone: string): Decimal {
  const { day, daysInMonth } = Temporal.PlainDate.from(localDate(start, timeZone))
  const { digits, scale } = addDecimals(toDecimal(perMonth), { digits: 0n, scale: FIXED_SCALE })
  const until = (days: number) => (digits * BigInt(days)) / BigInt(daysInMonth)
  return { digits: until(day) - until(day - 1), scale }
}

function vatOf({ vat, fixedVat = vat }: Tariff, consumption: Decimal | undefined, fixed: Decimal): Decimal {
  const ofFixed = percentOf(fixed, fixedVat)
  return consumption ? addDecimals(percentOf(consumption, vat), ofFixed) : ofFixed
}

function percentOf(value: Decimal, rate: number): Decimal {
  const { digits, scale } = multiplyDecimals(value, toDecimal(rate))
  return { digits, scale: scale + 2 }
}

/**
 * Makes the function that tells what some use costs, in euros with VAT, without what is fixed; undefined where an hour
 * of it has no price. Amounts are in the unit of the prices.
 */
export function openUseCost(contracts: readonly Contract[]) {
  const priced = contracts.map(contract => ({
    ...contract,
    priceOf: openPrices(contract.tariff),
  }))
  return (hours: readonly { start: number; amount: number; civil: CivilHour }[]): Decimal | undefined => {
    let sum = toDecimal(0)
    for (const { start, amount, civil } of hours) {
      const contract = priced.find(each => each.start <= start && start < each.end)
      if (!contract) return undefined
      const cost = multiplyDecimals(toDecimal(amount), contract.priceOf(civil))
      sum = addDecimals(sum, addDecimals(cost, percentOf(cost, contract.tariff.vat)))
    }
    return sum
  }
}

/** Sums of ascending days over ascending periods, one for each period. */
export function sumCosts(days: readonly Cost[], periods: readonly Interval[]): Cost[] {
  let next = 0
  return periods.map(({ start, end }) => {
    let sum: Cost = { ...NOTHING, start, end }
    for (; next < days.length && days[next]!.start < end; next++) {
      const day = days[next]!
      const coveredMs = sum.coveredMs + day.coveredMs
      sum = { ...sum, ...partsOf(sum, day), coveredMs, pricedMs: sum.pricedMs + day.pricedMs }
    }
    return sum
  })
}

/**
 * What several meters cost in the same period: nothing is known of a sum of which one part is not, and it is
 * covered and priced as long as the meter that is least. Units differ, so there is no amount.
 */
export function addMeters(costs: readonly Cost[]): Cost {
  const sumOf = (part: 'consumption' | 'fixed' | 'vat') => {
    const known = costs.flatMap(cost => cost[part] ?? [])
    return known.length < costs.length ? undefined : known.reduce(addDecimals)
  }
  const { start, end } = costs[0]!
  return {
    start,
    end,
    amount: undefined,
    consumption: sumOf('consumption'),
    fixed: sumOf('fixed'),
    vat: sumOf('vat'),
    coveredMs: Math.min(...costs.map(({ coveredMs }) => coveredMs)),
    pricedMs: Math.min(...costs.map(({ pricedMs }) => pricedMs)),
  }
}

/** With VAT; undefined where what was used has no cost. */
export function totalCost({ consumption, fixed, vat }: Cost): Decimal | undefined {
  return consumption && fixed && vat && addDecimals(addDecimals(consumption, fixed), vat)
}

const NOTHING = {
  amount: undefined,
  consumption: undefined,
  fixed: undefined,
  vat: undefined,
  coveredMs: 0,
  pricedMs: 0,
}

function partsOf(a: Cost, b: Cost) {
  return {
    amount: plus(a.amount, b.amount),
    consumption: plus(a.consumption, b.consumption),
    fixed: plus(a.fixed, b.fixed),
    vat: plus(a.vat, b.vat),
  }
}

function plus(a: Decimal | undefined, b: Decimal | undefined): Decimal | undefined {
  return a && b ? addDecimals(a, b) : (a ?? b)
}
