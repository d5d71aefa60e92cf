import { afterAll, beforeAll, expect, it } from 'vitest'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import { type Hub, startHub } from './hub.ts'

const ZONE = 'Europe/Paris'
let hub: Hub
beforeAll(async () => {
  hub = await startHub()
})
afterAll(() => hub.close())

it('tells of each night what flows in its least hour, and what of it goes on', async () => {
  const [from, to] = [startOfLocalDate('2026-09-01', ZONE), startOfLocalDate('2026-09-15', ZONE)]
  const hours = periodsBetween('hour', from, to, ZONE).map(({ start, end }, at) => {
    const coveredMs = at === 24 * 11 + 2 ? 0 : end - start
    return { start, end, amount: at % 24 === 3 ? 25 : 900, coveredMs, readings: 6 }
  })
  await hub.figures.replace('college-elec', 'hour', from, to, hours)
  const told = await hub.json('/v1/meters/college-elec/nights?from=2026-09-11&to=2026-09-14')
  expect(told).toMatchObject({
    meter: 'college-elec',
    unitLabel: 'kWh',
    hours: { from: 0, to: 5 },
    nightUse: 0,
  })
  expect(told.nights).toEqual([
    { date: '2026-09-11', minimum: 0.25, usual: 0.25, excess: 0.25 },
    { date: '2026-09-12', minimum: null, usual: null, excess: null },
    { date: '2026-09-13', minimum: 0.25, usual: 0.25, excess: 0.25 },
  ])
})
