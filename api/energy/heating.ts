import { fitSignature } from '../../energy/signature.ts'
import type { Interval } from '../../model/calendar.ts'
import type { SiteFluid } from '../consumption/site-consumption.ts'
import type { Climate } from './degree-days.ts'

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
