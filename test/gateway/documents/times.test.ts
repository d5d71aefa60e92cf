import { expect, it } from 'vitest'
import { parseTime } from '../../../gateway/documents/times.ts'

const NOON = Date.parse('2026-11-22T12:00:00Z')
const parse = (written: unknown, timeZone = 'Europe/Paris', arrival = NOON) => {
  const time = parseTime(written, timeZone, arrival)
  return time === undefined ? undefined : new Date(time).toISOString()
}

it.each([
  [1795348800],
  [1795348800000],
  [1795348800000000],
  ['1795348800000000000'],
  ['1795348800.0'],
  ['2026-11-22T12:00:00Z'],
  ['2026-11-22T14:00:00.000000000+02:00'],
  ['2026-11-22 13:00'],
  ['2026-11-22T13:00:00'],
])('%s is one moment', written => {
  expect(parse(written)).toBe('2026-11-22T12:00:00.000Z')
})

it.each([['yesterday'], ['2026-11-22'], ['2026-02-30T12:00:00'], [''], [null], [true], [-1], [{}]])(
  '%s is no time',
  written => {
    expect(parse(written)).toBeUndefined()
  },
)

it('of the hour that comes twice in autumn, the one is meant that is nearer', () => {
  const written = '2026-10-25T02:30:00'
  expect(parse(written, 'Europe/Paris', Date.parse('2026-10-25T00:30:05Z'))).toBe('2026-10-25T00:30:00.000Z')
  expect(parse(written, 'Europe/Paris', Date.parse('2026-10-25T01:30:05Z'))).toBe('2026-10-25T01:30:00.000Z')
})

it('an offset may stand for a time zone', () => {
  expect(parse('2026-11-22T14:00:00', '+02:00')).toBe('2026-11-22T12:00:00.000Z')
})
