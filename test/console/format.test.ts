import { expect, it } from 'vitest'
import { createFormat } from '../../dashboards/console/src/format.ts'

const HOUR = 3_600_000

it('both hours from 2 to 3 of an autumn day are told apart, and others have no offset', () => {
  const { dayTime, moment } = createFormat('fr', 'Europe/Paris')
  const first = Date.parse('2026-10-25T02:00:00+02:00')
  const hours = [-1, 0, 1, 2].map(hour => first + hour * HOUR)
  expect(hours.map(dayTime)).toEqual([
    'dim. 25 oct., 01:00',
    'dim. 25 oct., 02:00 UTC+2',
    'dim. 25 oct., 02:00 UTC+1',
    'dim. 25 oct., 03:00',
  ])
  expect(new Set(hours.map(moment)).size).toBe(4)
  expect(moment('2026-07-01T02:00:00+02:00')).toBe('1 juillet 2026 à 02:00')
  const english = createFormat('en', 'Europe/Paris')
  expect(new Set(hours.map(english.dayTime)).size).toBe(4)
})

it('so are both half hours where a clock is set back by half an hour', () => {
  const { dayTime } = createFormat('en', 'Australia/Lord_Howe')
  const first = Date.parse('2026-04-05T01:30:00+11:00')
  expect(dayTime(first)).not.toBe(dayTime(first + HOUR / 2))
})
