import { expect, test } from 'vitest'
import { dayMeans } from '../../energy/day-means.ts'
import { periodsBetween } from '../../model/calendar.ts'
import { HOUR_MS } from '../../model/time.ts'

const FROM = Date.parse('2026-10-24T22:00:00Z')
const days = periodsBetween('day', FROM, FROM + 49 * HOUR_MS, 'Europe/Paris')
const hours: { start: number; mean: number | null }[] = Array.from({ length: 49 }, (_, hour) => ({
  start: FROM + hour * HOUR_MS,
  mean: hour,
}))

test('a day of 25 hours has the mean of its 25 hours', () => {
  expect(dayMeans(days, hours)).toEqual([12, 36.5])
})

test('a day that misses an hour has no mean', () => {
  expect(dayMeans(days, hours.slice(1))).toEqual([null, 36.5])
  expect(dayMeans(days, hours.with(-1, { ...hours.at(-1)!, mean: null }))).toEqual([12, null])
})
