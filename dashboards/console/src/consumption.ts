import { FLUIDS } from '../../../model/fluid.ts'
import type { Aggregate, ConsumptionPeriod, FluidConsumption, SiteConsumption } from './api/types.ts'

/** An amount of a period; `coverage` is there where the hub states it. */
export type Period = Omit<ConsumptionPeriod, 'coverage'> & { coverage?: number }

/** From this coverage on, a period counts as complete. */
export const COMPLETE = 0.95

export function isRunning(period: Pick<Period, 'end'>, now: number): boolean {
  return Date.parse(period.end) > now
}

export function isComplete(period: Period, now: number): boolean {
  return period.amount !== null && (period.coverage ?? 1) >= COMPLETE && !isRunning(period, now)
}

export interface Comparison {
  last: Period
  /** The same month of the year before, else the month before; only a complete one compares. */
  before: Period | undefined
  /** +0.1 for a tenth more; undefined where there is nothing to compare with. */
  change: number | undefined
}

/** The last complete month of a row of months, against an earlier one. */
export function compareLastMonth(months: readonly Period[], now: number): Comparison | undefined {
  const index = months.findLastIndex(month => isComplete(month, now))
  const last = months[index]
  if (!last) return undefined
  const before = [months[index - 12], months[index - 1]].find(month => month && isComplete(month, now))
  const change = before?.amount ? last.amount! / before.amount - 1 : undefined
  return { last, before, change }
}

export interface FluidTotal extends FluidConsumption {
  /** How many sites use the fluid. */
  sites: number
}

/**
 * Sums the months of many sites by fluid and unit. A month that one site lacks has the mean coverage of all,
 * which is then below 1: a sum never looks more complete than its parts.
 */
export function sumConsumption(answers: readonly SiteConsumption[]): FluidTotal[] {
  const groups = Map.groupBy(
    answers.flatMap(answer => answer.fluids),
    ({ fluid, unit }) => `${fluid} ${unit}`,
  )
  const totals = [...groups.values()].map(parts => {
    const byStart = Map.groupBy(
      parts.flatMap(part => part.periods),
      period => period.start,
    )
    const periods = [...byStart.values()].map(same => {
      const amounts = same.map(({ amount }) => amount).filter(amount => amount !== null)
      return {
        start: same[0]!.start,
        end: same[0]!.end,
        amount: amounts.length === 0 ? null : amounts.reduce((sum, amount) => sum + amount, 0),
        coverage: same.reduce((sum, { coverage }) => sum + coverage, 0) / parts.length,
      }
    })
    const { fluid, unit, unitLabel } = parts[0]!
    return { fluid, unit, unitLabel, periods, sites: parts.length }
  })
  return inOrder(totals)
}

/** The fluids in the order of the published datasets. */
export function inOrder<T extends { fluid: FluidConsumption['fluid'] }>(fluids: readonly T[]): T[] {
  return fluids.toSorted((a, b) => FLUIDS.indexOf(a.fluid) - FLUIDS.indexOf(b.fluid))
}

/**
 * What an ever-growing counter counted in each bucket. Nothing is known of a bucket that the next one does not
 * follow, of one that is missing, and of one in which the counter was reset.
 */
export function countPeriods(aggregates: readonly Aggregate[]): Period[] {
  return aggregates.flatMap((bucket, index) => {
    const next = aggregates[index + 1]
    if (!next) return []
    const { start, end, first } = bucket
    const counted = typeof first === 'number' && typeof next.first === 'number' && next.start === end
    const amount = counted ? Number(next.first) - Number(first) : Number.NaN
    return [{ start, end, amount: amount >= 0 ? amount : null }, ...missingBetween(bucket, next)]
  })
}

function missingBetween(bucket: Aggregate, next: Aggregate): Period[] {
  const length = Date.parse(bucket.end) - Date.parse(bucket.start)
  const count = Math.round((Date.parse(next.start) - Date.parse(bucket.end)) / length)
  return Array.from({ length: count }, (_, index) => {
    const start = Date.parse(bucket.end) + index * length
    return { start: isoOf(start), end: isoOf(start + length), amount: null }
  })
}

function isoOf(time: number): string {
  return new Date(time).toISOString()
}
