import { expect, it } from 'vitest'
import { daysOf, meanOf, weekBefore } from '../../dashboards/console/src/week.ts'

const hour = (start: string, amount: number | null) => ({ start, end: start, amount })

it('a week is the seven days before a date, or as many weeks earlier, across the end of a year', () => {
  expect(weekBefore('2026-11-22', 0)).toEqual({ from: '2026-11-15', to: '2026-11-22' })
  expect(weekBefore('2027-01-10', 1)).toEqual({ from: '2026-12-27', to: '2027-01-03' })
})

it('an hour of the clock that is skipped has no hours, one that comes twice has both', () => {
  const [spring, autumn] = daysOf([
    hour('2026-03-29T01:00:00+01:00', 1),
    hour('2026-03-29T03:00:00+02:00', 2),
    hour('2026-10-25T02:00:00+02:00', 3),
    hour('2026-10-25T02:00:00+01:00', 4),
  ])
  expect(spring!.hours.slice(1, 4).map(hours => hours.map(({ amount }) => amount))).toEqual([[1], [], [2]])
  expect(autumn!.hours[2]!.map(({ amount }) => amount)).toEqual([3, 4])
})

it('the mean of hours is not known where one of them is not', () => {
  const [first, second] = ['2026-10-25T02:00:00+02:00', '2026-10-25T02:00:00+01:00']
  expect(meanOf([hour(first, 3), hour(second, 4)])).toBe(3.5)
  expect(meanOf([hour(first, 3), hour(second, null)])).toBeUndefined()
  expect(meanOf([])).toBeUndefined()
})
