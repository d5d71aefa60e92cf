import { type Interval, periodsBetween } from './calendar.ts'

/** What a meter usually counts in each hour of a day, in relation to each other: 24 whole numbers, from midnight. */
export interface UseProfile {
  working: readonly number[]
  saturday: readonly number[]
  sunday: readonly number[]
}

/** Of the hours of civil time that an interval touches, what part of it each is and how much it weighs, in turn. */
export function weighHours(
  { start, end }: Interval,
  profile: UseProfile,
  timeZone: string,
): (Interval & { weight: number })[] {
  return periodsBetween('hour', start, end, timeZone).map(hour => {
    const part = { start: Math.max(start, hour.start), end: Math.min(end, hour.end) }
    return { ...part, weight: weightAt(hour.start, profile, timeZone) * (part.end - part.start) }
  })
}

/** Which of the days of a profile a day of the week is, 1 for Monday. */
export function kindOfDay(dayOfWeek: number): keyof UseProfile {
  if (dayOfWeek === 6) return 'saturday'
  return dayOfWeek === 7 ? 'sunday' : 'working'
}

function weightAt(time: number, profile: UseProfile, timeZone: string): number {
  const { dayOfWeek, hour } = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timeZone)
  return profile[kindOfDay(dayOfWeek)][hour]!
}
