import { afterAll, beforeAll, expect, it } from 'vitest'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import { type Hub, startHub } from './hub.ts'

let hub: Hub
beforeAll(async () => {
  hub = await startHub()
})
afterAll(() => hub.close())

it('is made of the hours that are wholly known', async () => {
  const [from, to] = ['2026-09-07', '2026-09-21'].map(date => startOfLocalDate(date, 'Europe/Paris'))
  const hours = periodsBetween('hour', from!, to!, 'Europe/Paris').map(({ start, end }, at) => {
    const known = at % 50 !== 0
    return { start, end, amount: known ? 20 : 9000, coveredMs: known ? end - start : 0, readings: 6 }
  })
  await hub.figures.replace('college-elec', 'hour', from!, to!, hours)
  const told = await hub.json('/v1/meters/college-elec/profile?from=2026-09-07&to=2026-09-21')
  expect(told).toMatchObject({ meter: 'college-elec', hours: 14 * 24 - 7 })
  expect(told.profile).toEqual({
    working: Array(24).fill(100),
    saturday: Array(24).fill(100),
    sunday: Array(24).fill(100),
  })
  const { profile } = await hub.json('/v1/meters/college-elec/profile?from=2026-09-07&to=2026-09-09')
  expect(profile).toBeNull()
})
