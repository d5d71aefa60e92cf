import type { CivilTimes } from './civil-times.ts'

export const PUBLIC_HOLIDAYS = ['france', 'alsace-moselle'] as const
export type PublicHolidays = (typeof PUBLIC_HOLIDAYS)[number]

/** Local dates; `to` is exclusive. */
export interface ClosedPeriod {
  from: string
  to: string
}

/** When people are in a site: at the hours, unless a closed period or a holiday on which it closes says otherwise. */
export interface Opening {
  hours: readonly CivilTimes[]
  closed: readonly ClosedPeriod[]
  publicHolidays: 'closed' | 'open'
  schoolHolidays: 'closed' | 'open'
}
