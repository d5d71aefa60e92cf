import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
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

it('a meter has the night of its own building, over the 25-hour day and its two hours from 2 to 3', async () => {
  const { registry } = hub.served
  const meter = { ...registry.meters.get('college-elec')!, nightHours: { from: 22, to: 6 } }
  const meters = new Map([...registry.meters, ['college-elec', meter]])
  const served = await startHub({ registry: { ...registry, meters } })
  onTestFinished(() => served.close())
  const [from, to] = [startOfLocalDate('2026-10-17', ZONE), startOfLocalDate('2026-10-27', ZONE)]
  // What is least lies before midnight on the 24th, and in the second of the two hours on the 25th.
  const least = [Date.parse('2026-10-24T20:00:00Z'), Date.parse('2026-10-25T01:00:00Z')]
  const hours = periodsBetween('hour', from, to, ZONE).map(({ start, end }) => {
    const amount = start === least[0] ? 300 : start === least[1] ? 200 : 900
    return { start, end, amount, coveredMs: end - start, readings: 6 }
  })
  await served.figures.replace('college-elec', 'hour', from, to, hours)
  const told = await served.json('/v1/meters/college-elec/nights?from=2026-10-18&to=2026-10-27')
  expect(told.hours).toEqual({ from: 22, to: 6 })
  const minima = told.nights.map((night: { date: string; minimum: number }) => [night.date, night.minimum])
  expect(minima.slice(0, 1)).toEqual([['2026-10-18', 9]])
  expect(minima.slice(-3)).toEqual([
    ['2026-10-24', 9],
    ['2026-10-25', 2],
    ['2026-10-26', 9],
  ])
})
