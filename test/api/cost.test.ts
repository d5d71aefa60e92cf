import { afterAll, beforeAll, expect, it } from 'vitest'
import { periodsBetween } from '../../model/calendar.ts'
import type { Tariff } from '../../model/tariff.ts'
import type { Registry } from '../../registry/registry.ts'
import { type Hub, type Json, startHub } from './hub.ts'

const [FROM, TO] = [Date.parse('2026-02-28T23:00:00Z'), Date.parse('2026-04-30T22:00:00Z')]

let plain: Hub
let hub: Hub
beforeAll(async () => {
  plain = await startHub()
  hub = await startHub({ registry: priced(plain.registry) })
  // Each hour takes 4 kWh, of which the college has 3; of 10 March nothing is known.
  const silent = Date.parse('2026-03-09T23:00:00Z')
  const figures = periodsBetween('hour', FROM, TO, 'Europe/Paris')
    .filter(({ start }) => start < silent || start >= silent + 24 * 3_600_000)
    .map(({ start, end }) => ({ start, end, amount: 400, coveredMs: end - start, readings: 6 }))
  await hub.figures.replace('college-elec', 'hour', FROM, TO, figures)
})
afterAll(async () => {
  await hub.close()
  await plain.close()
})

const tariff: Tariff = {
  id: 'vert',
  name: 'Vert',
  fluid: 'electricite',
  to: '2026-04-16',
  prices: [
    { name: 'heures creuses', price: 0.1, hours: ['00:00-03:00'] },
    { name: 'heures pleines', price: 0.2 },
  ],
  taxes: [],
  fixedPerMonth: 31,
  vat: 20,
}

/** The meter of the college has a tariff from 1 March to 16 April; a second meter there has none. */
function priced(registry: Registry): Registry {
  const meter = registry.meters.get('college-elec')!
  return {
    ...registry,
    tariffs: new Map([[tariff.id, tariff]]),
    meters: new Map([
      ['college-elec', { ...meter, tariffs: [{ tariff: 'vert', from: '2026-03-01' }] }],
      ['college-elec-2', { ...meter, id: 'college-elec-2', allocations: [] }],
    ]),
  }
}

it('a day costs its hours by their civil time, and its part of what is fixed', async () => {
  const { periods } = await hub.json(
    '/v1/cost?site=college&by=day&from=2026-03-28&to=2026-03-30',
    hub.account,
  )
  expect(periods).toEqual([
    {
      start: '2026-03-28T00:00:00+01:00',
      end: '2026-03-29T00:00:00+01:00',
      consumption: 13.5,
      fixed: 0.75,
      vat: 2.85,
      total: 17.1,
      coverage: 1,
      priced: 1,
    },
    // The clock skips an hour of the night.
    expect.objectContaining({ consumption: 13.2, fixed: 0.75, coverage: 1, priced: 1 }),
  ])
})

it('a day of which nothing is known has no cost, and the month tells how much of it is priced', async () => {
  const { periods } = await hub.json(
    '/v1/cost?site=college&by=day&from=2026-03-10&to=2026-03-11',
    hub.account,
  )
  expect(periods[0]).toMatchObject({ consumption: null, fixed: 0.75, total: null, coverage: 0, priced: 0 })
  const months = await hub.json('/v1/cost?site=college&by=month&from=2026-03-01&to=2026-05-01', hub.account)
  const [march, april] = months.periods
  // 29 whole days and the one of spring; 720 of the month's 743 hours are 719 of those with figures.
  expect(march).toMatchObject({ consumption: 29 * 13.5 + 13.2, fixed: 23.25, priced: 0.9676 })
  // Fifteen days of the tariff in April, of which thirty make the month.
  expect(april).toMatchObject({ consumption: 202.5, fixed: 11.625, coverage: 1, priced: 0.5 })
  expect(months.meters[0]).toMatchObject({ meter: 'college-elec', unit: 'kW.h', tariffs: ['vert'] })
  expect(months.meters[0].periods[1].amount).toBe(2160)
})

it('a year is the sum of its months', async () => {
  const year = await hub.json('/v1/cost?site=college&by=year&from=2026-01-01&to=2027-01-01', hub.account)
  const months = await hub.json('/v1/cost?site=college&by=month&from=2026-01-01&to=2027-01-01', hub.account)
  expect(year.periods).toHaveLength(1)
  expect(months.periods).toHaveLength(12)
  expect(year.periods[0]).toEqual(months.total)
  expect(year.total.consumption).toBeCloseTo(29 * 13.5 + 13.2 + 202.5, 9)
})

it('each site pays its share', async () => {
  const { periods } = await hub.json(
    '/v1/cost?site=gymnase&by=day&from=2026-03-02&to=2026-03-03',
    hub.account,
  )
  expect(periods[0]).toMatchObject({ consumption: 4.5, fixed: 0.25, vat: 0.95, total: 5.7 })
})

it('meters without a tariff are named, and are in no sum', async () => {
  const { withoutTariff, meters } = await hub.json(
    '/v1/cost?site=college&by=day&from=2026-03-02&to=2026-03-03',
    hub.account,
  )
  expect(withoutTariff).toEqual(['college-elec-2'])
  expect(meters.map(({ meter }: Json) => meter)).toEqual(['college-elec'])
  const before = await hub.json('/v1/cost?site=college&by=day&from=2026-02-02&to=2026-02-03', hub.account)
  expect(before).toMatchObject({
    meters: [],
    periods: [],
    total: null,
    withoutTariff: ['college-elec', 'college-elec-2'],
  })
})

it('a wrong question is refused', async () => {
  expect((await hub.get('/v1/cost?site=mairie&by=day', hub.account)).status).toBe(400)
  expect((await hub.get('/v1/cost?site=college&by=hour', hub.account)).status).toBe(400)
  expect((await hub.get('/v1/cost?site=college&by=year&from=2000-01-01', hub.account)).status).toBe(400)
})

it('what is paid is for accounts only', async () => {
  expect((await hub.get('/v1/cost?site=college&by=day')).status).toBe(401)
})
