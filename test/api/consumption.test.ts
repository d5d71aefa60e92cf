import { afterAll, beforeAll, expect, it } from 'vitest'
import { meterPeriods } from '../../api/consumption/consumption.ts'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import { sumFigures } from '../../model/figure.ts'
import { type Hub, startHub } from './hub.ts'

const HOUR = 3_600_000
const at = (text: string) => Date.parse(text)

let hub: Hub
beforeAll(async () => {
  hub = await startHub()
  const start = at('2026-10-24T22:00:00Z')
  const figure = { start, end: start + 25 * HOUR, amount: 1230, coveredMs: 24 * HOUR, readings: 144 }
  await hub.figures.replace('college-elec', 'day', start, start + 25 * HOUR, [figure])
})
afterAll(() => hub.close())

it('every civil day is there, that of 25 hours too, and one without data has no amount', async () => {
  const answer = await hub.json('/v1/consumption?site=college&by=day&from=2026-10-24&to=2026-10-26')
  expect(answer).toMatchObject({
    site: 'college',
    by: 'day',
    from: '2026-10-23T22:00:00.000Z',
    to: '2026-10-25T23:00:00.000Z',
  })
  expect(answer.meters).toEqual([
    {
      meter: 'college-elec',
      point: 'college/elec/index',
      fluid: 'electricite',
      unit: 'kW.h',
      unitLabel: 'kWh',
      resolution: 0.01,
      periods: [
        {
          start: '2026-10-24T00:00:00+02:00',
          end: '2026-10-25T00:00:00+02:00',
          amount: null,
          coverage: 0,
          readings: 0,
          revision: null,
          stated: [],
        },
        {
          start: '2026-10-25T00:00:00+02:00',
          end: '2026-10-26T00:00:00+01:00',
          amount: 12.3,
          coverage: 0.96,
          readings: 144,
          revision: null,
          stated: [],
        },
      ],
    },
  ])
  const { meters } = await hub.json('/v1/consumption?site=college&by=day&fluid=eau')
  expect(meters).toEqual([])
})

it('a site has its share, by fluid, over whole periods', async () => {
  const answer = await hub.json(
    '/v1/sites/college/consumption?by=day&from=2026-10-25T12:00:00Z&to=2026-10-25T13:00:00Z',
  )
  expect(answer.fluids).toEqual([
    {
      fluid: 'electricite',
      unit: 'kW.h',
      unitLabel: 'kWh',
      periods: [
        {
          start: '2026-10-25T00:00:00+02:00',
          end: '2026-10-26T00:00:00+01:00',
          amount: 9.225,
          coverage: 0.96,
          stated: [],
        },
      ],
    },
  ])
  const water = await hub.json('/v1/sites/college/consumption?by=day&fluid=eau')
  expect(water.fluids).toEqual([])
})

it('a site tells what of its share was stated, by origin, in months as in days', async () => {
  const [first, second] = periodsBetween(
    'day',
    at('2026-08-01T22:00:00Z'),
    at('2026-08-03T22:00:00Z'),
    'Europe/Paris',
  )
  const stated = [
    { origin: 'hand', known: 'day', amount: 101, ms: 6 * HOUR },
    { origin: 'invoice', known: 'month', amount: 200, ms: 12 * HOUR },
  ] as const
  const figure = { amount: 901, coveredMs: 6 * HOUR, readings: 36 }
  await hub.figures.replace('college-elec', 'day', first!.start, second!.end, [
    { ...first!, ...figure, stated },
    { ...second!, ...figure, amount: 400 },
  ])
  const of = async (by: string) =>
    (await hub.json(`/v1/sites/college/consumption?by=${by}&from=2026-08-02&to=2026-08-03`)).fluids[0].periods
  expect(await of('day')).toMatchObject([
    {
      amount: 6.7575,
      coverage: 0.5,
      stated: [
        { origin: 'hand', amount: 0.7575, share: 0.25, known: 'day' },
        { origin: 'invoice', amount: 1.5, share: 0.5, known: 'month' },
      ],
    },
  ])
  expect(await of('month')).toMatchObject([
    {
      amount: 9.7575,
      stated: [
        { origin: 'hand', amount: 0.7575 },
        { origin: 'invoice', amount: 1.5 },
      ],
    },
  ])
})

it('an amount prints as the exact decimal of its steps, a coverage never as more than it is', () => {
  const period = { start: 0, end: HOUR }
  const row = (amount: number, resolution: number, coveredMs = HOUR) =>
    meterPeriods({ resolution }, [period], [{ ...period, amount, coveredMs, readings: 1 }], 'hour')[0]!
  const print = (amount: number, resolution: number) => String(row(amount, resolution).amount)
  expect(print(30, 0.01)).toBe('0.3')
  expect(print(1_000_000_007, 0.001)).toBe('1000000.007')
  expect(print(123_456_789_012_345, 0.001)).toBe('123456789012.345')
  expect(print(43, 10)).toBe('430')
  for (let steps = 1; steps < 2000; steps++) expect(print(steps, 0.001)).toBe(String(Number(`${steps}e-3`)))
  expect(row(1, 1, HOUR - 1).coverage).toBe(0.9999)
  expect(row(1, 1, 2_052_000).coverage).toBe(0.57)
})

it('weeks, years and heating years are sums of what is kept, of the meter and of the site', async () => {
  const zone = 'Europe/Paris'
  const [from, to] = [startOfLocalDate('2025-06-01', zone), startOfLocalDate('2026-09-01', zone)]
  const days = periodsBetween('day', from, to, zone).map(day => {
    return { ...day, amount: 100, coveredMs: day.end - day.start, readings: 144 }
  })
  await hub.figures.replace('college-elec', 'day', from, to, days)
  await hub.figures.replace(
    'college-elec',
    'month',
    from,
    to,
    sumFigures(days, periodsBetween('month', from, to, zone)),
  )
  const of = async (by: string, asked: string) => {
    const meter = (await hub.json(`/v1/consumption?site=college&by=${by}&${asked}`)).meters[0]
    const site = (await hub.json(`/v1/sites/college/consumption?by=${by}&${asked}`)).fluids[0]
    return [meter, site].map(({ periods }) =>
      periods.map(({ start, amount, coverage }: { start: string; amount: number; coverage: number }) => [
        start.slice(0, 10),
        amount,
        coverage,
      ]),
    )
  }
  expect(await of('week', 'from=2026-03-25&to=2026-03-26')).toEqual([
    [['2026-03-23', 7, 1]],
    [['2026-03-23', 5.25, 1]],
  ])
  expect(await of('heating-year', 'from=2025-07-01&to=2026-06-30')).toEqual([
    [['2025-07-01', 365, 1]],
    [['2025-07-01', 273.75, 1]],
  ])
  const [years] = await of('year', 'from=2025-01-01&to=2026-12-31')
  expect(years.map(([start, amount]: [string, number]) => [start, amount])).toEqual([
    ['2025-01-01', 214],
    ['2026-01-01', 243],
  ])
})
