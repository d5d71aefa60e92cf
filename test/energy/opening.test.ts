import { expect, test } from 'vitest'
import { dateHours, openOpening } from '../../energy/opening.ts'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import type { Opening } from '../../model/opening.ts'

const ZONE = 'Europe/Paris'
const college: Opening = {
  hours: [
    { days: [1, 2, 4, 5], hours: ['07:30-18:15'] },
    { days: [3], hours: ['07:30-12:00'] },
  ],
  closed: [{ from: '2026-05-15', to: '2026-05-16' }],
  publicHolidays: 'closed',
  schoolHolidays: 'closed',
}
const territory: Parameters<typeof openOpening>[1] = {
  holidays: 'france',
  schoolHolidays: [{ from: '2026-04-18', to: '2026-05-04' }],
}

/** The hours of a day, as a clock tells them, in which a site is open. */
function openOn(date: string, opening = college, calendar = territory) {
  const start = startOfLocalDate(date, ZONE)
  const [day] = periodsBetween('day', start, start + 1, ZONE)
  const hours = dateHours(periodsBetween('hour', day!.start, day!.end, ZONE), ZONE)
  const isOpen = openOpening(opening, calendar)
  return hours.filter(isOpen).map(({ civil }) => civil.minute / 60)
}

test('an hour of which a quarter is within the opening counts as open', () => {
  expect(openOn('2026-05-11')).toEqual([7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18])
  expect(openOn('2026-05-13')).toEqual([7, 8, 9, 10, 11])
  expect(openOn('2026-05-16')).toEqual([])
})

test('a site is closed on closed dates, and on holidays unless it says that it opens', () => {
  // Ascension Day, the bridge behind it, a day of the school holidays and the first after them.
  const dates = ['2026-05-14', '2026-05-15', '2026-04-20', '2026-05-04']
  const openDays = (opening: Opening) => dates.map(date => openOn(date, opening).length > 0)
  expect(openDays(college)).toEqual([false, false, false, true])
  expect(openDays({ ...college, publicHolidays: 'open' })).toEqual([true, false, false, true])
  expect(openDays({ ...college, schoolHolidays: 'open' })).toEqual([false, false, true, true])
  const alsace: typeof territory = { ...territory, holidays: 'alsace-moselle' }
  expect(openOn('2026-04-03')).not.toEqual([])
  expect(openOn('2026-04-03', college, alsace)).toEqual([])
})

test('a depot that is open at night is so through both hours that a clock says twice', () => {
  const depot = { ...college, hours: [{ hours: ['22:00-06:00'] }] }
  expect(openOn('2026-10-25', depot)).toEqual([0, 1, 2, 2, 3, 4, 5, 22, 23])
  expect(openOn('2026-03-29', depot)).toEqual([0, 1, 3, 4, 5, 22, 23])
})
