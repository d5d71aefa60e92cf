import { expect, it } from 'vitest'
import { balanceReactive } from '../../energy/reactive.ts'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import { formatDecimal, toDecimal } from '../../model/decimal.ts'
import { HOUR_MS } from '../../model/time.ts'

const ZONE = 'Europe/Paris'
const hoursOf = (from: string, to: string) =>
  periodsBetween('hour', startOfLocalDate(from, ZONE), startOfLocalDate(to, ZONE), ZONE)
const winter = { limit: 0.4, months: [11, 12, 1, 2, 3], hours: ['06:00-22:00'] }
const always = (value: number) => () => toDecimal(value)

it('only the hours that count are held against what is free', () => {
  const night = (start: number) => (((start / HOUR_MS) % 24) + 1) % 24 < 6
  const balance = balanceReactive(
    hoursOf('2026-11-02', '2026-11-03'),
    winter,
    { active: always(10), reactive: start => toDecimal(night(start) ? 100 : 5) },
    ZONE,
  )
  expect(balance).toMatchObject({ tanPhi: 0.5, countingMs: 16 * HOUR_MS, knownMs: 16 * HOUR_MS })
  expect([balance.active!, balance.reactive!, balance.excess!].map(formatDecimal)).toEqual([
    '160',
    '80',
    '16',
  ])
})

it('in summer nothing counts; below the limit nothing is beyond it', () => {
  const counts = { active: always(10), reactive: always(3) }
  expect(balanceReactive(hoursOf('2026-07-01', '2026-07-02'), winter, counts, ZONE)).toEqual({
    ...{ active: undefined, reactive: undefined, tanPhi: undefined, excess: undefined },
    ...{ knownMs: 0, countingMs: 0 },
  })
  const { tanPhi, excess } = balanceReactive(hoursOf('2026-11-02', '2026-11-03'), winter, counts, ZONE)
  expect([tanPhi, formatDecimal(excess!)]).toEqual([0.3, '0'])
})

it('an hour of which one of both is not known is in neither sum', () => {
  const [first] = hoursOf('2026-11-02', '2026-11-03').slice(6)
  const balance = balanceReactive(
    hoursOf('2026-11-02', '2026-11-03'),
    winter,
    { active: always(1), reactive: start => (start === first!.start ? undefined : toDecimal(1)) },
    ZONE,
  )
  expect(formatDecimal(balance.active!)).toBe('15')
  expect(balance).toMatchObject({ tanPhi: 1, knownMs: 15 * HOUR_MS, countingMs: 16 * HOUR_MS })
})

it('reactive energy without active energy has no tan phi, and all of it is beyond', () => {
  const balance = balanceReactive(
    hoursOf('2026-11-02', '2026-11-03'),
    { limit: 0.4 },
    { active: always(0), reactive: always(2) },
    ZONE,
  )
  expect(balance.tanPhi).toBeUndefined()
  expect(formatDecimal(balance.excess!)).toBe('48')
})
