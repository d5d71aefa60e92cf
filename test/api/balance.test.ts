import { afterAll, beforeAll, expect, it } from 'vitest'
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
    within: 'college-elec',
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

it('registers of a meter are not counted again for its site', async () => {
  const { fluids } = await hub.json('/v1/sites/college/consumption?by=day&from=2026-09-01&to=2026-09-02')
  expect(fluids).toMatchObject([{ fluid: 'electricite', periods: [{ amount: 7.5 }] }])
})
