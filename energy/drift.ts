import { type Decimal, subtractDecimals, toDecimal, toNumber } from '../model/decimal.ts'

/** What the use of a meter is to be, month by month. */
export interface UseReference {
  /** From January to December, in the unit that the use is told in. */
  monthly: readonly number[]
  /** %, of the reference. */
  tolerance: number
}

export interface Drift {
  reference: number
  /** Of the use against the reference, %; null where the reference is 0. */
  percent: number | null
  /** Whether the use lies further from the reference, above or below, than is tolerated. */
  beyond: boolean
}

/** @param month ISO, `2026-11` */
export function referenceOf({ monthly }: Pick<UseReference, 'monthly'>, month: string): number {
  return monthly[Number(month.slice(5, 7)) - 1]!
}

/**
 * How far the use of a month lies from what it is to be.
 * @param month ISO, `2026-11`
 */
export function driftOf(use: Decimal, expected: UseReference, month: string): Drift {
  const reference = referenceOf(expected, month)
  const difference = toNumber(subtractDecimals(use, toDecimal(reference)))
  return {
    reference,
    percent: reference === 0 ? null : (100 * difference) / reference,
    beyond: Math.abs(difference) > (expected.tolerance / 100) * reference,
  }
}
