/**
 * What heating would have used in a mean winter: consumption × reference / period, in degree-days, where 0
 * is replaced by 1 (arrêté of 10 April 2020, checked on 2026-11-26). A float, as degree-days are.
 *
 * @param consumption of heating, in any unit; the answer is in the same
 * @param reference the mean degree-days of that period
 * @param degreeDays those of the period itself
 */
export function correctForClimate(consumption: number, reference: number, degreeDays: number): number {
  return (consumption * (reference || 1)) / (degreeDays || 1)
}

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
