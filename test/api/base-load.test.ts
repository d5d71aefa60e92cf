import { afterAll, beforeAll, expect, it } from 'vitest'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import { type Hub, startHub } from './hub.ts'

const ZONE = 'Europe/Paris'
const at = (date: string) => startOfLocalDate(date, ZONE)
let hub: Hub
beforeAll(async () => {
  hub = await startHub()
})
afterAll(() => hub.close())

it('tells the base load of each day, what was usual before, and since when it drifts', async () => {
  const [from, to] = [at('2026-06-01'), at('2026-11-22')]
  const hours = periodsBetween('hour', from, to, ZONE).map(({ start, end }) => {
    const base = start >= at('2026-10-05') ? 420 : 400
    const coveredMs = start === at('2026-10-20') ? 0 : end - start
    return { start, end, amount: new Date(start).getUTCHours() < 12 ? base : 900, coveredMs, readings: 6 }
  })
  await hub.figures.replace('college-elec', 'hour', from, to, hours)
  const told = await hub.json('/v1/meters/college-elec/base-load?from=2026-10-12&to=2026-11-01')
  expect(told).toMatchObject({
    unitLabel: 'kWh',
    reference: { from: '2026-07-20', to: '2026-09-14', days: 56, spread: 0.2 },
    slack: 0.5,
    decision: 5,
    drifts: [{ since: '2026-10-05', until: null, rise: 0.2, days: 26 }],
  })
  expect(told.days).toHaveLength(28 + 20)
  expect(told.days.slice(20, 23)).toEqual([
    { date: '2026-10-04', base: 4, usual: 4, cusum: 0 },
    { date: '2026-10-05', base: 4.2, usual: 4, cusum: 0.5 },
    { date: '2026-10-06', base: 4.2, usual: 4, cusum: 1 },
  ])
  expect(told.days.find(({ date }: { date: string }) => date === '2026-10-20')).toMatchObject({
    base: null,
    cusum: null,
  })
})

it('without enough days before there is no reference, and no drift', async () => {
  const told = await hub.json('/v1/meters/college-elec/base-load?from=2026-07-20&to=2026-07-22')
  expect(told).toMatchObject({ reference: null, drifts: [] })
  expect(told.days.at(-1)).toEqual({ date: '2026-07-21', base: 4, usual: null, cusum: null })
  expect((await hub.get('/v1/meters/none/base-load')).status).toBe(404)
})
