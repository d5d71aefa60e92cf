/**
 * Civil periods of a time zone. A day has 23, 24 or 25 hours; a boundary is an instant, computed once. Weeks begin on
 * Monday (ISO 8601), heating years on 1 July, so that each holds one winter.
 */
export const PERIODS = ['hour', 'day', 'week', 'month', 'year', 'heating-year'] as const
export type Period = (typeof PERIODS)[number]

/** Those of which figures are kept; the others are sums of them. */
export type KeptPeriod = Extract<Period, 'hour' | 'day' | 'month'>

/** The kept periods that a period is made of. */
export function partOf(period: Period): KeptPeriod {
  if (period === 'hour' || period === 'day') return period
  return period === 'week' ? 'day' : 'month'
}
