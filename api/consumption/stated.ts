import { z } from 'zod'
import type { Interval } from '../../model/calendar.ts'
import { coverageOf } from '../../model/consumption.ts'
import { formatDecimal, multiplyDecimals, toDecimal } from '../../model/decimal.ts'
import { GRAINS, ORIGINS, type StatedPart } from '../../model/statement.ts'

export const statedSchema = z
  .array(
    z.strictObject({
      origin: z.enum(ORIGINS),
      amount: z.number().describe('In the unit; below 0 where what was stated is taken off'),
      share: z.number().min(0).max(1).describe('Of the time of the period'),
      known: z
        .enum(GRAINS)
        .nullable()
        .describe('Within which period the amount is exactly known; null for longer ones'),
    }),
  )
  .describe('What of it was stated rather than read')

/** What was stated of a period, as an answer shows it. */
export function describeStated<Amount>(
  stated: readonly StatedPart<Amount>[],
  period: Interval,
  toUnit: (amount: Amount) => number,
): z.output<typeof statedSchema> {
  return stated.map(({ origin, known, amount, ms }) => ({
    origin,
    amount: toUnit(amount),
    share: coverageOf(ms, period),
    known,
  }))
}

/** Steps in the unit of the meter: the exact decimal, which JSON writes as it is up to 15 digits. */
export function inUnits(steps: number, resolution: number): number {
  return Number(formatDecimal(multiplyDecimals({ digits: BigInt(steps), scale: 0 }, toDecimal(resolution))))
}
