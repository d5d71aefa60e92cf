import { expect, it, vi } from 'vitest'
import { layPowers, openReachedPower } from '../../energy/power.ts'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import type { MeanPower, SubscribedPower } from '../../model/power.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../model/time.ts'

const ZONE = 'Europe/Paris'
const means = (
  from: string,
  minutes: number,
  powers: readonly number[],
  source: MeanPower['source'] = 'load-curve',
): MeanPower[] =>
  powers.map((power, at) => {
    const start = Date.parse(from) + at * minutes * MINUTE_MS
    return { start, end: start + minutes * MINUTE_MS, power, source }
  })

const contract: SubscribedPower = {
  unit: 'kV.A',
  activeFactor: 0.93,
  powers: [
    { name: 'creuses', power: 100, hours: ['22:00-06:00'] },
    { name: 'pleines', power: 60 },
  ],
}
const [november] = periodsBetween(
  'month',
  startOfLocalDate('2026-11-01', ZONE),
  startOfLocalDate('2026-12-01', ZONE),
  ZONE,
)

it('short means come before long ones, which hide peaks, and no time is counted twice', () => {
  const hours = means('2026-11-10T07:00:00Z', 60, [30, 31, 32], 'consumption')
  const tens = means('2026-11-10T08:10:00Z', 10, [40, 41], 'point')
  const curve = means('2026-11-10T08:20:00Z', 10, [50])
  const laid = layPowers([hours, curve, tens])
  expect(laid.map(({ power }) => power)).toEqual([30, 40, 50, 32])
  // A curve that is told twice, once beside its grid.
  const twice = [...means('2026-11-10T08:00:00Z', 30, [1]), ...means('2026-11-10T08:15:00Z', 30, [2])]
  expect(layPowers([twice]).map(({ power }) => power)).toEqual([1])
})

it('a mean is of the class in which it begins, and held against what of it counts for active power', () => {
  // 21:50, 22:00, 22:10 in Paris: 60 kVA are 55.8 kW, 100 kVA are 93 kW.
  const powers = means('2026-11-10T20:50:00Z', 10, [57, 90, 94.5])
  const reached = openReachedPower([contract], 'kW', ZONE)(november!, powers)
  expect(reached.reached).toMatchObject({ power: 94.5 })
  expect(reached.known).toEqual([{ source: 'load-curve', lengthMs: 10 * MINUTE_MS, ms: HOUR_MS / 2 }])
  expect(reached.classes).toMatchObject([
    {
      ...{ name: 'creuses', subscribed: 100, limit: 93, reached: { power: 94.5 } },
      ...{ knownMs: 20 * MINUTE_MS, overrun: { ms: 10 * MINUTE_MS, most: 1.5 } },
    },
    { name: 'pleines', limit: 55.8, overrun: { ms: 10 * MINUTE_MS, most: 1.2 } },
  ])
})

it('what just reaches its power is no overrun, and what is not known is none either', () => {
  const kilowatts: SubscribedPower = { unit: 'kW', powers: [{ name: 'toutes', power: 60 }] }
  const reachedIn = openReachedPower([kilowatts], 'kW', ZONE)
  expect(reachedIn(november!, means('2026-11-10T08:00:00Z', 10, [60])).classes).toMatchObject([
    { overrun: { ms: 0, most: 0 } },
  ])
  expect(reachedIn(november!, [])).toMatchObject({
    reached: undefined,
    known: [],
    classes: [{ reached: undefined, overrun: undefined, knownMs: 0 }],
  })
})

it('kW and kVA are not compared unless the contract says how', () => {
  const powers = means('2026-11-10T08:00:00Z', 10, [500])
  const { activeFactor: _, ...plain } = contract
  const [, inKilowatts] = openReachedPower([plain], 'kW', ZONE)(november!, powers).classes
  expect(inKilowatts).toMatchObject({ limit: undefined, reached: { power: 500 }, overrun: undefined })
  const [, inKilovoltamperes] = openReachedPower([plain], 'kV.A', ZONE)(november!, powers).classes
  expect(inKilovoltamperes).toMatchObject({ limit: 60, overrun: { most: 440 } })
})

it('a contract holds between its dates, and both of a month are told', () => {
  const before: SubscribedPower = { to: '2026-11-16', unit: 'kW', powers: [{ name: 'a', power: 50 }] }
  const after: SubscribedPower = { from: '2026-11-16', unit: 'kW', powers: [{ name: 'b', power: 80 }] }
  const powers = [...means('2026-11-15T22:50:00Z', 10, [70, 70]), ...means('2026-11-20T08:00:00Z', 10, [81])]
  const { classes } = openReachedPower([before, after], 'kW', ZONE)(november!, powers)
  expect(classes).toMatchObject([
    { name: 'a', knownMs: 10 * MINUTE_MS, overrun: { most: 20 } },
    { name: 'b', knownMs: 20 * MINUTE_MS, overrun: { ms: 10 * MINUTE_MS, most: 1 } },
  ])
})

it('a year of ten minutes asks the calendar between changes of the clock only: it holds up all that wait', () => {
  const [year] = periodsBetween(
    'year',
    startOfLocalDate('2025-01-01', ZONE),
    startOfLocalDate('2026-01-01', ZONE),
    ZONE,
  )
  const tens = Array((365 * DAY_MS) / (10 * MINUTE_MS)).fill(70)
  const powers = means('2024-12-31T23:00:00Z', 10, tens)
  const reachedIn = openReachedPower([contract], 'kW', ZONE)
  const asked = vi.spyOn(Temporal.Instant, 'fromEpochMilliseconds')
  const { classes } = reachedIn(year!, powers)
  expect(asked.mock.calls.length).toBeLessThan(10)
  asked.mockRestore()
  expect(classes.map(({ knownMs }) => knownMs / HOUR_MS)).toEqual([365 * 8, 365 * 16])
})
