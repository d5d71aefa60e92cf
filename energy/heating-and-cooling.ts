import { type HourUse, isKnown, sumOfHours, type WastedHour } from './hour-use.ts'

/** Hours in which a building was heated and cooled; amounts are in the unit. */
export interface HeatingAndCooling {
  /** Hours in which both are known. */
  known: number
  /** Of these, how many both ran in, and what each used in them. */
  hours: number
  heating: number
  cooling: number
  /** The lesser of both in each of these hours: as metered, so much of one worked against the other at most. */
  lesser: WastedHour[]
}

/**
 * Holds the hours of heating against those of cooling. Both run in an hour when each uses more than a threshold, so
 * that machines that stand by do not count.
 *
 * @param heating the same hours as cooling
 * @param threshold in the unit in an hour
 */
export function heatingAndCooling(
  heating: readonly HourUse[],
  cooling: readonly HourUse[],
  threshold: number,
): HeatingAndCooling {
  const pairs = heating.flatMap((hour, at) => {
    const other = cooling[at]!
    return isKnown(hour) && isKnown(other) ? [{ hour, other }] : []
  })
  const both = pairs.filter(({ hour, other }) => hour.amount > threshold && other.amount > threshold)
  return {
    known: pairs.length,
    hours: both.length,
    heating: sumOfHours(both.map(({ hour }) => hour)),
    cooling: sumOfHours(both.map(({ other }) => other)),
    lesser: both.map(({ hour: { start, end, amount }, other }) => ({
      start,
      end,
      amount: Math.min(amount, other.amount),
    })),
  }
}
