import { correctForClimate } from '../../energy/climate-correction.ts'
import { fitSignature } from '../../energy/signature.ts'
import type { Interval } from '../../model/calendar.ts'
import type { SiteFluid } from '../consumption/site-consumption.ts'
import type { Climate } from './degree-days.ts'

/** Why consumption has no figure that is corrected for the climate. */
export const CORRECTION_GAPS = ['no-climate', 'no-reference', 'no-temperatures', 'no-consumption'] as const
type CorrectionGap = (typeof CORRECTION_GAPS)[number]

/**
 * What heating would have used in the mean climate, or why that is not known.
 *
 * @param amount an exact decimal
 * @param reference mean heating degree-days of the period
 * @param heating those of the period itself
 */
export function corrected(
  amount: string | null,
  reference: number | null | undefined,
  heating: number | null | undefined,
): { corrected: number | null; missing: CorrectionGap | null } {
  const missing = (gap: CorrectionGap) => ({ corrected: null, missing: gap })
  if (reference === undefined || heating === undefined) return missing('no-climate')
  if (reference === null) return missing('no-reference')
  if (heating === null) return missing('no-temperatures')
  if (amount === null) return missing('no-consumption')
  return { corrected: correctForClimate(Number(amount), reference, heating), missing: null }
}

/** Whether each day of a period has consumption: what some days took is not to be held against the climate of all. */
export function hasEveryDay({ start, end }: Interval, days: Readonly<SiteFluid['rows']>): boolean {
  return days.every(day => day.start < start || day.start >= end || day.amount !== null)
}

/** The signature of the days that are measured to the last hour; null where nothing can be fitted. */
export function signatureOf({ rows }: SiteFluid, climate: Climate | undefined) {
  const days = rows.flatMap(({ start, amount, coverage }) => {
    const temperature = climate?.means.get(start)
    if (temperature === undefined || coverage < 1) return []
    return [{ temperature, consumption: Number(amount) }]
  })
  return fitSignature(days) ?? null
}
