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
