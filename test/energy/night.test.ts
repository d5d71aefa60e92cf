import { expect, it, vi } from 'vitest'
import { localTime } from '../../api/fields.ts'
import { hoursOfNight, nightFlow, nightHoursOf } from '../../energy/night.ts'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'

const night = (day: number, ...hours: (number | undefined)[]) => ({ date: `2026-03-${day}`, hours })
const quiet = (day: number) => night(day, 5, 0, 1)

it('a night has its least hour; one of which an hour is not known has none', () => {
  const nights = nightFlow([night(10, 3, 1, 2), night(11, 3, undefined, 2), night(12)])
  expect(nights.map(({ minimum }) => minimum)).toEqual([1, undefined, undefined])
  expect(nights.every(({ usual }) => usual === undefined)).toBe(true)
})

it('a tap of one night moves the percentile of seven little, a leak moves it from the fifth night on', () => {
  const days = Array.from({ length: 14 }, (_, at) => at + 10)
  const tap = nightFlow(days.map(day => (day === 18 ? night(day, 9, 8, 9) : quiet(day))))
  expect(tap.slice(6).every(({ usual }) => usual === 0)).toBe(true)
  const leak = nightFlow(days.map(day => (day >= 16 ? night(day, 9, 2, 9) : quiet(day))))
  const usual = leak.slice(5).map(each => each.usual)
  expect(usual.slice(0, 5)).toEqual([0, 0, 0, 0, 0])
  expect(usual[5]).toBeCloseTo(0.4, 9)
  expect(usual.slice(6)).toEqual([2, 2, 2])
})

it('a night that is not known has no figure, whatever the nights around it say; two of seven may be missing', () => {
  const days = Array.from({ length: 9 }, (_, at) => at + 10)
  const nights = nightFlow(days.map(day => (day === 16 ? night(day, 5, undefined, 1) : quiet(day))))
  expect(nights[6]).toMatchObject({ minimum: undefined, usual: undefined, excess: undefined })
  expect(nights[7]).toMatchObject({ minimum: 0, usual: 0, excess: 0 })
  const gaps = nightFlow(days.map(day => (day % 2 === 0 ? night(day) : quiet(day))))
  expect(gaps.every(({ usual }) => usual === undefined)).toBe(true)
})

it('what the building uses by right is taken off, and never more', () => {
  const nights = Array.from({ length: 7 }, (_, at) => night(at + 10, 4, 4, 4))
  expect(nightFlow(nights, 1.5).at(-1)).toMatchObject({ usual: 4, excess: 2.5 })
  expect(nightFlow(nights, 6).at(-1)).toMatchObject({ usual: 4, excess: 0 })
})

const zone = 'Europe/Paris'
const hoursOf = (date: string, from: number, to: number) => {
  const start = startOfLocalDate(date, zone)
  const [day] = periodsBetween('day', start, start + 1, zone)
  return hoursOfNight(day!, { from, to }, zone)
}

it('a night has the hours of its clock: one less in spring, one more in autumn', () => {
  const dates = ['2026-03-28', '2026-03-29', '2026-10-25']
  expect(dates.map(date => hoursOf(date, 0, 5).length)).toEqual([5, 4, 6])
  expect(dates.map(date => hoursOf(date, 22, 6).length)).toEqual([8, 7, 9])
  // The evening of a day of 25 hours, and of one of 23, is whole.
  expect(['2026-10-26', '2026-03-30'].map(date => hoursOf(date, 22, 6).length)).toEqual([8, 8])
})

it('a night over midnight begins on the evening before its date', () => {
  const hours = hoursOf('2026-10-25', 22, 6)
  expect(localTime(hours[0]!.start, zone)).toBe('2026-10-24T22:00:00+02:00')
  expect(localTime(hours.at(-1)!.end, zone)).toBe('2026-10-25T06:00:00+01:00')
  expect(hours.slice(1).every(({ start }, at) => start === hours[at]!.end)).toBe(true)
  expect(hoursOf('2026-10-25', 21, 0).map(({ start }) => localTime(start, zone))).toEqual([
    ...['2026-10-24T21:00:00+02:00', '2026-10-24T22:00:00+02:00', '2026-10-24T23:00:00+02:00'],
  ])
})

it('the nights of a year do not ask the calendar hour by hour: it holds up all that wait', () => {
  const [from, to] = [startOfLocalDate('2025-01-01', zone), startOfLocalDate('2026-01-01', zone)]
  const days = periodsBetween('day', from, to, zone)
  const asked = vi.spyOn(Temporal.Instant, 'fromEpochMilliseconds')
  const hours = days.flatMap(day => hoursOfNight(day, { from: 22, to: 6 }, zone))
  expect(asked.mock.calls.length).toBeLessThan(days.length * 6)
  asked.mockRestore()
  // The hour of spring and that of autumn are both of nights.
  expect(hours).toHaveLength(365 * 8)
})

it('the hours of a meter come before those of the territory', () => {
  const territory = { nightHours: { from: 1, to: 4 } }
  expect(nightHoursOf({ nightHours: { from: 22, to: 6 } }, territory)).toEqual({ from: 22, to: 6 })
  expect(nightHoursOf({}, territory)).toEqual({ from: 1, to: 4 })
  expect(nightHoursOf({}, {})).toEqual({ from: 0, to: 5 })
})
