import type { Interval } from '../model/calendar.ts'
import { kindOfDay, type UseProfile } from '../model/use-profile.ts'

const KINDS = ['working', 'saturday', 'sunday'] as const
/** The greatest weight of a profile: whole numbers are enough beside what days differ. */
const GREATEST = 100

/**
 * What a meter usually counts in each hour of a day, from hours that are known: means in relation to the greatest.
 *
 * @param hours of civil time, with what was counted, in any unit
 * @returns undefined where an hour of one of the days was never known, or nothing was counted
 */
export function usualProfile(
  hours: readonly (Interval & { amount: number })[],
  timeZone: string,
): UseProfile | undefined {
  const sums = new Map(KINDS.map(kind => [kind, Array.from({ length: 24 }, () => ({ amount: 0, count: 0 }))]))
  for (const { start, amount } of hours) {
    const { dayOfWeek, hour } = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(timeZone)
    const sum = sums.get(kindOfDay(dayOfWeek))![hour]!
    sum.amount += amount
    sum.count++
  }
  const means = KINDS.map(kind => sums.get(kind)!.map(({ amount, count }) => amount / count))
  const greatest = Math.max(...means.flat())
  if (Number.isNaN(greatest) || greatest === 0) return undefined
  const [working, saturday, sunday] = means.map(day =>
    day.map(mean => Math.round((mean * GREATEST) / greatest)),
  )
  return { working: working!, saturday: saturday!, sunday: sunday! }
}
