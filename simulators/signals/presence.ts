import type { Site } from '../../registry/schema.ts'
import type { Month } from './months.ts'
import { occupancy } from './timetable.ts'

/** How much of a building's full use there is in an hour of a month, 0 to 1. */
export function presence(site: Site, month: Month, hour: number): number {
  const { weekday, hourOfDay, holidays } = month
  return occupancy(site.use ?? 'other', weekday[hour]!, hourOfDay[hour]!, holidays[hour] === 1)
}
