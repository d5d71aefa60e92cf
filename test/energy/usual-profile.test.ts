import { expect, it } from 'vitest'
import { usualProfile } from '../../energy/usual-profile.ts'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'

const ZONE = 'Europe/Paris'
const hours = periodsBetween(
  'hour',
  startOfLocalDate('2026-03-16', ZONE),
  startOfLocalDate('2026-04-13', ZONE),
  ZONE,
).map(({ start, end }) => {
  const { dayOfWeek, hour } = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(ZONE)
  const open = dayOfWeek <= 5 && hour >= 8 && hour < 18
  return { start, end, amount: open ? 400 : dayOfWeek === 6 && hour === 10 ? 100 : 40 }
})

it('is made of the means of each hour of a day, the greatest of which is 100, across a change of the clock', () => {
  const { working, saturday, sunday } = usualProfile(hours, ZONE)!
  expect(working).toEqual(Array.from({ length: 24 }, (_, hour) => (hour >= 8 && hour < 18 ? 100 : 10)))
  expect(saturday).toEqual(Array.from({ length: 24 }, (_, hour) => (hour === 10 ? 25 : 10)))
  expect(sunday).toEqual(Array(24).fill(10))
})

it('is not told of hours that were never known, nor of a meter that counts nothing', () => {
  expect(usualProfile(hours.slice(0, 5 * 24), ZONE)).toBeUndefined()
  expect(
    usualProfile(
      hours.map(hour => ({ ...hour, amount: 0 })),
      ZONE,
    ),
  ).toBeUndefined()
})
