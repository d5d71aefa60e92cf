import { afterAll, beforeAll, expect, it } from 'vitest'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import type { Statement } from '../../model/statement.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { Meter } from '../../registry/registry.ts'
import { type Hub, MINUTE, reading, startHub } from './hub.ts'

const ZONE = 'Europe/Paris'
const at = (date: string) => startOfLocalDate(date, ZONE)
const ID = 'college-elec'

let plain: Hub
let hub: Hub
beforeAll(async () => {
  plain = await startHub()
  const meter = plain.registry.meters.get(ID)!
  const measured: Meter = {
    ...meter,
    powerPoint: plain.registry.points.get('college/elec/power'),
    subscribed: [
      {
        unit: 'kV.A',
        activeFactor: 0.93,
        powers: [
          { name: 'creuses', power: 40, hours: ['22:00-06:00'] },
          { name: 'pleines', power: 20 },
        ],
      },
    ],
  }
  const reactive: Meter = {
    ...meter,
    ...{ id: 'college-reactif', point: undefined, unit: 'kV.A{reactive}.h', allocations: [] },
    reactive: { of: ID, limit: 0.4, months: [11, 12, 1, 2, 3], hours: ['06:00-22:00'] },
  }
  const meters = new Map([...plain.registry.meters, [ID, measured], ['college-reactif', reactive]])
  hub = await startHub({ registry: { ...plain.registry, meters } })

  // October by the hour: 10 kWh, and 25 in one of its hours; of the 20th nothing is known.
  const october = periodsBetween('hour', at('2026-10-01'), at('2026-11-01'), ZONE)
  const figures = october
    .filter(({ start }) => start < at('2026-10-20') || start >= at('2026-10-21'))
    .map(({ start, end }) => {
      const amount = start === at('2026-10-05') + 9 * HOUR_MS ? 2500 : 1000
      return { start, end, amount, coveredMs: end - start, readings: 360 }
    })
  await hub.figures.replace(ID, 'hour', october[0]!.start, october.at(-1)!.end, figures)

  // 3 November: the distributor's curve by ten minutes in one hour, the power by seconds in the next.
  const curve = at('2026-11-03') + 8 * HOUR_MS
  const stated = (start: number, minutes: number, value: number, origin: Statement['origin']) => ({
    ...{ meter: ID, origin, form: 'amount' as const, start, end: start + minutes * MINUTE },
    ...{ value, author: 'Enedis' },
  })
  hub.statements.add(
    [
      ...[3, 3.5, 2, 2, 2, 2].map((value, i) => stated(curve + i * 10 * MINUTE, 10, value, 'distributor')),
      stated(curve + 5 * HOUR_MS, 30, 99, 'estimate'),
      stated(curve + 6 * HOUR_MS, 30, 99, 'distributor'),
      { ...stated(curve + 6 * HOUR_MS, 30, 1, 'correction'), reason: 'a test of the meter' },
    ],
    hub.clock.now(),
  )
  const seconds = Array.from({ length: 59 }, (_, minute) => minute).flatMap(minute =>
    [0, 30].map(second =>
      reading(
        'college/elec/power',
        curve + HOUR_MS + minute * MINUTE + second * 1000,
        minute >= 10 && minute < 20 ? 30 + second / 30 : 12,
      ),
    ),
  )
  await hub.store(...seconds)

  const november = periodsBetween('hour', at('2026-11-01'), at('2026-11-08'), ZONE)
  for (const [id, amount] of [
    [ID, 1000],
    ['college-reactif', 500],
  ] as const)
    await hub.figures.replace(
      id,
      'hour',
      november[0]!.start,
      november.at(-1)!.end,
      november.map(({ start, end }) => ({ start, end, amount, coveredMs: end - start, readings: 360 })),
    )
})
afterAll(() => Promise.all([plain.close(), hub.close()]))

it('tells by month what was reached, over how long it is a mean, and how much of the month is known', async () => {
  const { unit, periods } = await hub.json(`/v1/meters/${ID}/power?by=month&from=2026-10-01&to=2026-11-01`)
  expect(unit).toBe('kW')
  expect(periods).toEqual([
    {
      start: '2026-10-01T00:00:00+02:00',
      end: '2026-11-01T00:00:00+01:00',
      coverage: 0.9677,
      sources: [{ source: 'consumption', minutes: 60, share: 0.9677 }],
      reached: { power: 25, start: '2026-10-05T09:00:00+02:00', minutes: 60, source: 'consumption' },
      classes: [
        {
          ...{ name: 'creuses', subscribed: 40, subscribedUnit: 'kV.A', limit: 37.2, hoursKnown: 241 },
          reached: expect.objectContaining({ power: 10 }),
          overrun: { hours: 0, most: 0 },
        },
        {
          ...{ name: 'pleines', subscribed: 20, subscribedUnit: 'kV.A', limit: 18.6, hoursKnown: 480 },
          reached: expect.objectContaining({ power: 25 }),
          overrun: { hours: 1, most: 6.4 },
        },
      ],
      reactive: expect.objectContaining({ hoursCounting: 0, hoursKnown: 0, tanPhi: null, active: null }),
    },
  ])
})

it('ten minutes come before an hour: of the load curve, and of a point that was heard in each minute', async () => {
  const { periods } = await hub.json(`/v1/meters/${ID}/power?by=day&from=2026-11-03&to=2026-11-04`)
  expect(periods).toMatchObject([
    {
      sources: [
        { source: 'consumption', minutes: 60 },
        { source: 'load-curve', minutes: 10 },
        { source: 'point', minutes: 10 },
      ],
      reached: { power: 30.5, start: '2026-11-03T09:10:00+01:00', minutes: 10, source: 'point' },
      classes: [{}, { overrun: { hours: 0.333333, most: 11.9 } }],
    },
  ])
  const [curve, point] = periods[0].sources.slice(1)
  expect(curve.share).toBe(Math.floor(10_000 / 24) / 10_000)
  // Its last ten minutes lack one minute, and the hour is known otherwise by its other fifty.
  expect(point.share).toBe(Math.floor(((5 / 6) * 10_000) / 24) / 10_000)
})

it('reactive energy is held against what is free in the hours that count, known or not', async () => {
  const [november] = (await hub.json(`/v1/meters/${ID}/power?from=2026-11-01&to=2026-11-30`)).periods
  expect(november.reactive).toEqual({
    ...{ meter: 'college-reactif', limit: 0.4, tanPhi: 0.5 },
    ...{ active: 7 * 160, reactive: 7 * 80, excess: 7 * 16, hoursCounting: 480, hoursKnown: 112 },
  })
})

it('reactive energy is no consumption', async () => {
  const { fluids } = await hub.json('/v1/sites/college/consumption?by=day&from=2026-11-03&to=2026-11-04')
  expect(fluids).toMatchObject([{ unit: 'kW.h' }])
})

it('a meter without a contract has its powers, and other fluids have none', async () => {
  const { unit, periods } = await plain.json(`/v1/meters/${ID}/power?from=2026-10-01&to=2026-11-01`)
  expect(unit).toBe('kW')
  expect(periods).toMatchObject([{ reached: null, coverage: 0, classes: [], reactive: null }])
  expect((await hub.get('/v1/meters/college-reactif/power')).status).toBe(404)
  expect((await hub.get('/v1/meters/none/power')).status).toBe(404)
  expect((await hub.get(`/v1/meters/${ID}/power?from=2020-01-01`)).status).toBe(400)
})
