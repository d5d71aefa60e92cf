import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import type { Meter } from '../../registry/registry.ts'
import { type Hub, startHub } from './hub.ts'

const ZONE = 'Europe/Paris'
let plain: Hub
let hub: Hub
beforeAll(async () => {
  plain = await startHub()
  const main = plain.registry.meters.get('college-elec')!
  const register = (id: string): Meter => ({
    ...main,
    id,
    point: undefined,
    resolution: 0.1,
    within: [{ meter: 'college-elec' }],
  })
  const meters = new Map([...plain.registry.meters, ['hp', register('hp')], ['hc', register('hc')]])
  hub = await startHub({ registry: { ...plain.registry, meters } })
  const [from, to] = [startOfLocalDate('2026-09-01', ZONE), startOfLocalDate('2026-10-01', ZONE)]
  for (const [id, amount, without] of [
    ['college-elec', 1000, -1],
    ['hp', 70, 3],
    ['hc', 40, -1],
  ] as const) {
    const days = periodsBetween('day', from, to, ZONE)
      .filter((_, day) => day !== without)
      .map(day => ({ ...day, amount, coveredMs: day.end - day.start, readings: 144 }))
    await hub.figures.replace(id, 'day', from, to, days)
  }
})
afterAll(() => Promise.all([plain.close(), hub.close()]))

it('the registers of a meter are summed and held against its total', async () => {
  const answer = await hub.json('/v1/meters/college-elec/balance?by=day&from=2026-09-03&to=2026-09-05')
  expect(answer).toMatchObject({ meter: 'college-elec', unit: 'kW.h', parts: ['hp', 'hc'] })
  expect(answer.periods).toMatchObject([
    {
      amount: 10,
      parts: [
        { meter: 'hp', amount: 7, coverage: 1 },
        { meter: 'hc', amount: 4, coverage: 1 },
      ],
      ...{ sum: 11, difference: -1, coverage: 1 },
    },
    {
      amount: 10,
      parts: [{ amount: null, coverage: 0 }, { amount: 4 }],
      sum: null,
      difference: null,
      coverage: 0,
    },
  ])
  const { periods } = await hub.json('/v1/meters/hp/balance?by=day&from=2026-09-01&to=2026-09-02')
  expect(periods).toMatchObject([{ amount: 7, parts: [], sum: null, difference: null }])
})

it('tells whether resolution and read times explain that the parts count more', async () => {
  const path = '/v1/meters/college-elec/balance?by=day&from=2026-09-05&to=2026-09-06'
  const [day] = (await hub.json(path)).periods
  // Steps of 0.01, 0.1 and 0.1 kWh. Read every 10 s, or known by statements: a day at either end.
  expect(day).toMatchObject({ difference: -1, contradicts: false })
  expect(day.tolerance).toBeCloseTo(0.21 + (10 * 2 * 20) / 86_400 + 2 * 11, 5)
  const read = { ...hub.served.registry, meters: new Map(hub.served.registry.meters) }
  for (const id of ['hp', 'hc'])
    read.meters.set(id, { ...read.meters.get(id)!, point: plain.registry.points.get('college/elec/index') })
  const served = await startHub({ registry: read, figures: hub.figures })
  onTestFinished(() => served.close())
  const [closely] = (await served.json(path)).periods
  expect(closely.tolerance).toBeCloseTo(0.21 + (21 * 2 * 20) / 86_400, 5)
  expect(closely.contradicts).toBe(true)
})

it('a part counts in the days on which it is within', async () => {
  const meters = new Map(hub.served.registry.meters)
  const within = [{ meter: 'college-elec', from: '2026-09-10', to: '2026-09-20' }]
  meters.set('hc', { ...meters.get('hc')!, within })
  const served = await startHub({ registry: { ...hub.served.registry, meters }, figures: hub.figures })
  onTestFinished(() => served.close())
  const of = (by: string, from: string, to: string) =>
    served.json(`/v1/meters/college-elec/balance?by=${by}&from=${from}&to=${to}`)
  expect((await of('day', '2026-09-09', '2026-09-11')).periods).toMatchObject([
    { parts: [{ meter: 'hp', amount: 7 }], sum: 7 },
    { parts: [{ meter: 'hp' }, { meter: 'hc', amount: 4, coverage: 1 }], sum: 11 },
  ])
  const [month] = (await of('month', '2026-09-01', '2026-10-01')).periods
  expect(month.parts).toMatchObject([{ meter: 'hp' }, { meter: 'hc', amount: 40, coverage: 1 }])
  expect((await of('day', '2026-09-21', '2026-09-22')).parts).toEqual(['hp'])
})

it('registers of a meter are not counted again for its site', async () => {
  const { fluids } = await hub.json('/v1/sites/college/consumption?by=day&from=2026-09-01&to=2026-09-02')
  expect(fluids).toMatchObject([{ fluid: 'electricite', periods: [{ amount: 7.5 }] }])
})
