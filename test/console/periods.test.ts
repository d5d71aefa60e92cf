import { expect, it } from 'vitest'
import { outerPeriods, periodPath, periodSpan } from '../../dashboards/console/src/periods.ts'

it('a period has an address that leads to its civil span, at the ends of months and years too', () => {
  expect(periodPath('college', 'month', '2026-10-01T00:00:00+02:00')).toBe(
    '/sites/college/consumption/month/2026-10-01',
  )
  expect(periodPath('college', 'hour', '2026-10-25T02:00:00+01:00')).toBe(
    '/sites/college/consumption/hour/2026-10-25T02:00:00+01:00',
  )
  expect(periodSpan('day', '2028-02-28')).toEqual({ from: '2028-02-28', to: '2028-02-29' })
  expect(periodSpan('week', '2026-12-28')).toEqual({ from: '2026-12-28', to: '2027-01-04' })
  expect(periodSpan('month', '2026-12-01')).toEqual({ from: '2026-12-01', to: '2027-01-01' })
  // Of a day within it, the month still ends where it does.
  expect(periodSpan('month', '2026-01-31')?.to).toBe('2026-02-01')
  expect(periodSpan('year', '2026-01-01')?.to).toBe('2027-01-01')
  expect(periodSpan('heating-year', '2025-07-01')?.to).toBe('2026-07-01')
  expect(periodSpan('hour', '2026-10-25T02:00:00+01:00')).toEqual({
    from: '2026-10-25T01:00:00.000Z',
    to: '2026-10-25T02:00:00.000Z',
  })
  expect(periodSpan('hour', '2026-10-25')).toBeUndefined()
  expect(periodSpan('day', '2026-13-01')).toBeUndefined()
  expect(periodSpan('month', 'hier')).toBeUndefined()
})

it('an hour lies in a day, a month and a year; a week lies in none of these', () => {
  expect(outerPeriods('hour', '2026-10-25T02:00:00+01:00')).toEqual([
    { by: 'year', start: '2026-01-01' },
    { by: 'month', start: '2026-10-01' },
    { by: 'day', start: '2026-10-25' },
  ])
  expect(outerPeriods('month', '2026-10-01')).toEqual([{ by: 'year', start: '2026-01-01' }])
  expect(outerPeriods('week', '2026-10-19')).toEqual([])
})
