import { CORRECTION_GAPS, corrected } from '../energy/climate-correction.ts'
import type { Interval } from '../model/calendar.ts'
import type { SiteConsumption } from '../model/consumption.ts'
import { toNumber } from '../model/decimal.ts'
import type { PeriodClimate } from './climate.ts'

/** Why a consumption has no figure that is corrected for the climate. */
export const UNCORRECTED = [...CORRECTION_GAPS, 'no-heating', 'few-degree-days', 'suppressed'] as const
type Uncorrected = (typeof UNCORRECTED)[number]

export interface CorrectedConsumption {
  /** In the unit, rounded to a tenth; or why there is none. */
  amount: string | undefined
  missing?: Uncorrected
}

/**
 * Of months with fewer degree-days, in fact or in the mean, hot water and chance are more than heating is: to multiply
 * these by a quotient of small numbers says nothing. A choice of this project, °C·day.
 */
export const LEAST_DEGREE_DAYS = 30

/**
 * What was used in periods, with what heating took of it as in the mean climate.
 *
 * @param periods ascending
 * @param days of the whole consumption, ascending
 * @param heatingDays what heating took of the same days; undefined where no meter tells it
 */
export function correctPeriods(
  periods: readonly Interval[],
  days: readonly SiteConsumption[],
  heatingDays: readonly SiteConsumption[] | undefined,
  climateOf: (period: Interval) => PeriodClimate,
): CorrectedConsumption[] {
  if (!heatingDays) return periods.map(() => missing('no-heating'))
  const [whole, heating] = [sumsOfDays(periods, days), sumsOfDays(periods, heatingDays)]
  return periods.map((period, at) => correctPeriod(whole[at], heating[at], climateOf(period)))
}

function correctPeriod(
  whole: number | undefined,
  heating: number | undefined,
  { degreeDays, reference }: PeriodClimate,
): CorrectedConsumption {
  const known = whole === undefined || heating === undefined || heating > whole ? null : String(heating)
  const mean = corrected(known, reference, degreeDays)
  if (mean.missing) return missing(mean.missing)
  if (Math.min(degreeDays!, reference!) < LEAST_DEGREE_DAYS) return missing('few-degree-days')
  return { amount: (whole! - heating! + mean.corrected!).toFixed(1) }
}

function missing(reason: Uncorrected): CorrectedConsumption {
  return { amount: undefined, missing: reason }
}

/** Of each period; undefined where a day of it is not known of every meter. */
function sumsOfDays(periods: readonly Interval[], days: readonly SiteConsumption[]): (number | undefined)[] {
  let next = 0
  return periods.map(({ start, end }) => {
    let sum: number | undefined = 0
    for (; next < days.length && days[next]!.start < end; next++) {
      const { start: day, amount, partial } = days[next]!
      if (day < start) continue
      sum = sum === undefined || !amount || partial ? undefined : sum + toNumber(amount)
    }
    return sum
  })
}
