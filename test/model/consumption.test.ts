import fc from 'fast-check'
import { expect, it } from 'vitest'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import {
  type AllocatedMeter,
  deductionsOf,
  groupMeters,
  loadWithDeductions,
  siteConsumption,
  sumConsumption,
} from '../../model/consumption.ts'
import { addDecimals, type Decimal, formatDecimal, toDecimal } from '../../model/decimal.ts'

const ZONE = 'Europe/Paris'
const start = startOfLocalDate('2026-03-01', ZONE)
const end = startOfLocalDate('2026-05-01', ZONE)
const days = periodsBetween('day', start, end, ZONE)
const months = periodsBetween('month', start, end, ZONE)

function meter(more: Partial<AllocatedMeter> = {}): AllocatedMeter {
  return {
    id: 'm',
    direction: 'import',
    site: 'a',
    fluid: 'gaz',
    resolution: 0.1,
    unit: 'kW.h',
    conversions: [],
    allocations: [],
    ...more,
  }
}

const sum = (parts: readonly { amount: Decimal | undefined }[]) =>
  parts.reduce((total, { amount }) => (amount ? addDecimals(total, amount) : total), toDecimal(0))
const text = (amount: Decimal | undefined) => amount && formatDecimal(amount)

it('a decimal is what was written, and is written plainly again', () => {
  const round = (value: number) => formatDecimal(toDecimal(value))
  expect([0, 1, 0.35, 100, 0.000001, 1e-7, 1e21, -0.5, 12.5].map(round)).toEqual([
    '0',
    '1',
    '0.35',
    '100',
    '0.000001',
    '0.0000001',
    '1000000000000000000000',
    '-0.5',
    '12.5',
  ])
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value => Number(round(value)) === value),
  )
})

it('trap 17: the parts of all buildings are the whole of the meter, each day and each month', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9999 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.option(fc.nat({ max: 10 ** 9 })), { minLength: days.length, maxLength: days.length }),
      (cuts, amounts) => {
        const bounds = [0, ...cuts.toSorted((a, b) => a - b), 10_000]
        const allocations = bounds
          .slice(1)
          .map((bound, at) => ({ site: `s${at}`, share: (bound - bounds[at]!) / 10_000 }))
        const figures = days.flatMap((day, at) =>
          amounts[at] == null ? [] : [{ ...day, amount: amounts[at], coveredMs: 0 }],
        )
        const shared = meter({ allocations })
        const parts = allocations.map(({ site }) =>
          siteConsumption(site, [{ meter: shared, figures }], days, ZONE, 'day'),
        )
        const whole = { digits: BigInt(figures.reduce((total, { amount }) => total + amount, 0)), scale: 1 }
        expect(text(sum(parts.flat()))).toBe(text(whole))
        expect(text(sum(parts.flatMap(part => sumConsumption(part, months))))).toBe(text(whole))
      },
    ),
  )
})

it('an odd step shared by two falls on neither, day after day', () => {
  const shared = meter({
    resolution: 1,
    allocations: [
      { site: 'a', share: 0.5 },
      { site: 'b', share: 0.5 },
    ],
  })
  const figures = days.map(day => ({ ...day, amount: 5, coveredMs: day.end - day.start }))
  const daily = siteConsumption('a', [{ meter: shared, figures }], days, ZONE, 'day')
  expect(text(daily[0]!.amount)).toBe('2.5')
  expect(sumConsumption(daily, months).map(({ amount }) => text(amount))).toEqual(['77.5', '75'])
})

it('an allocation holds from its first day to the day before its end, also within a month', () => {
  const moved = meter({
    resolution: 1,
    allocations: [
      { site: 'a', share: 1, to: '2026-03-11' },
      { site: 'b', share: 0.25, from: '2026-03-11' },
    ],
  })
  const figures = days.map(day => ({ ...day, amount: 4, coveredMs: day.end - day.start }))
  const of = (site: string) =>
    sumConsumption(siteConsumption(site, [{ meter: moved, figures }], days, ZONE, 'day'), months)
  expect(of('a').map(({ amount }) => text(amount))).toEqual(['40', undefined])
  expect(of('b').map(({ amount }) => text(amount))).toEqual(['21', '30'])
  expect(of('a')[0]!.coveredMs).toBe(10 * 86_400_000)
})

it('meters of different steps and units add up exactly, covered as the one that is covered least', () => {
  const meters = [
    meter({ resolution: 0.001, unit: 'MW.h' }),
    meter({ resolution: 0.01 }),
    meter({ unit: 'W.h' }),
  ]
  expect(groupMeters(meters, 'a')).toEqual([{ fluid: 'gaz', unit: 'kW.h', meters }])
  const day = days[0]!
  const length = day.end - day.start
  const covered = [length, length / 4, length / 2]
  const sources = meters.map((entry, at) => ({
    meter: entry,
    figures: [{ ...day, amount: 12_345, coveredMs: covered[at]! }],
  }))
  const [first, second] = siteConsumption('a', sources, days, ZONE, 'day')
  // 12.345 MWh, 123.45 kWh and 1234.5 Wh.
  expect(text(first!.amount)).toBe('12469.6845')
  expect(first!.coveredMs).toBe(length / 4)
  expect(second).toMatchObject({ amount: undefined, coveredMs: 0 })
})

it('gas in m³ is told in kWh by the coefficient of each period, exactly, and not at all where there is none', () => {
  const gas = meter({
    resolution: 0.01,
    unit: 'm3',
    conversions: [
      { from: '2026-03-02', kilowattHours: 11.2345 },
      { from: '2026-04-01', kilowattHours: 10.9 },
    ],
    allocations: [
      { site: 'a', share: 0.35 },
      { site: 'b', share: 0.65 },
    ],
  })
  expect(groupMeters([gas], 'a')).toEqual([{ fluid: 'gaz', unit: 'kW.h', meters: [gas] }])
  const figures = days.map(day => ({ ...day, amount: 1234, coveredMs: day.end - day.start }))
  const of = (site: string) => siteConsumption(site, [{ meter: gas, figures }], days, ZONE, 'day')
  const [first, second] = of('a')
  expect(first).toMatchObject({ amount: undefined, coveredMs: 0 })
  // 12.34 m³ × 11.2345 kWh/m³ × 0.35
  expect(text(second!.amount)).toBe('48.5218055')
  const april = startOfLocalDate('2026-04-01', ZONE)
  const whole = [...of('a'), ...of('b')].filter(({ start }) => start >= april)
  expect(text(sum(whole))).toBe('4035.18')
})

it('meters are grouped by fluid and unit: what cannot be added is told apart', () => {
  const gas = meter({ unit: 'm3' })
  const water = meter({ fluid: 'eau', unit: 'L' })
  const elsewhere = meter({ site: 'b' })
  expect(groupMeters([gas, meter(), elsewhere, water], 'a').map(({ fluid, unit }) => [fluid, unit])).toEqual([
    ['eau', 'm3'],
    ['gaz', 'kW.h'],
    ['gaz', 'm3'],
  ])
})

const daily = (amount: number, without: number[] = []) =>
  days
    .filter((_, day) => !without.includes(day))
    .map(day => ({ ...day, amount, coveredMs: day.end - day.start }))

it('a main meter counts for its site what the meters within it do not count for others', () => {
  const main = meter({ id: 'main', resolution: 1 })
  const tenant = meter({ id: 'tenant', site: 'b', within: [{ meter: 'main' }], unit: 'W.h', resolution: 1 })
  const kitchen = meter({ id: 'kitchen', within: [{ meter: 'main' }] })
  const all = [main, tenant, kitchen]
  expect(groupMeters(all, 'a').map(({ meters }) => meters)).toEqual([[main]])
  expect(groupMeters(all, 'b').map(({ meters }) => meters)).toEqual([[tenant]])
  expect(deductionsOf(main, all)).toEqual([{ meter: tenant, during: {} }])
  const less = [{ meter: tenant, figures: daily(3500, [2]) }]
  const of = siteConsumption('a', [{ meter: main, figures: daily(10), less }], days, ZONE, 'day')
  expect(of.slice(0, 4).map(({ amount }) => text(amount))).toEqual(['6.5', '6.5', undefined, '6.5'])
  expect(of[2]!.coveredMs).toBe(0)
  const theirs = siteConsumption('b', [{ meter: tenant, figures: daily(3500) }], days, ZONE, 'day')
  expect(text(theirs[0]!.amount)).toBe('3.5')
})

it('a meter within another that counts for the same sites and shares is not counted again', () => {
  const shares = [
    { site: 'a', share: 0.75 },
    { site: 'b', share: 0.25 },
  ]
  const main = meter({ id: 'main', allocations: shares })
  const same = meter({ id: 'peak', within: [{ meter: 'main' }], allocations: shares.toReversed() })
  const other = meter({ id: 'other', within: [{ meter: 'main' }], allocations: [{ site: 'a', share: 0.75 }] })
  expect(groupMeters([main, same, other], 'a').map(({ meters }) => meters)).toEqual([[main, other]])
  expect(deductionsOf(main, [main, same, other])).toEqual([{ meter: other, during: {} }])
})

it('figures that cannot be loaded fail once, and none of them unheard', async () => {
  const main = meter({ id: 'main' })
  const tenant = meter({ id: 'tenant', site: 'b', within: [{ meter: 'main' }] })
  const load = (each: { id: string }) => Promise.reject(new Error(`no figures of ${each.id}`))
  await expect(loadWithDeductions(main, [main, tenant], load)).rejects.toThrow('no figures of')
})

it('what was stated of a site is that of its meters, less that of what is taken off, and adds up over months', () => {
  const main = meter({ id: 'main', resolution: 1, allocations: [{ site: 'a', share: 0.5 }] })
  const tenant = meter({ id: 'tenant', site: 'b', within: [{ meter: 'main' }], unit: 'W.h', resolution: 1 })
  const hand = (amount: number, ms: number) => ({
    origin: 'hand' as const,
    known: 'day' as const,
    amount,
    ms,
  })
  const bill = { origin: 'invoice' as const, known: 'month' as const, amount: 2000, ms: 9 }
  const source = {
    meter: main,
    figures: daily(10).map((day, at) => (at < 2 ? { ...day, stated: [hand(4, 5)] } : day)),
    less: [{ meter: tenant, figures: daily(3500).map(day => ({ ...day, stated: [hand(1000, 3), bill] })) }],
  }
  const of = siteConsumption('a', [source], days, ZONE, 'day')
  const written = ({ stated = [] }: (typeof of)[number]) =>
    stated.map(({ origin, amount, ms }) => [origin, text(amount), ms])
  expect(text(of[0]!.amount)).toBe('3.25')
  expect(written(of[0]!)).toEqual([
    ['hand', '1.5', 5],
    ['invoice', '-1', 9],
  ])
  expect(written(of[2]!)).toEqual([
    ['hand', '-0.5', 3],
    ['invoice', '-1', 9],
  ])
  expect(written(sumConsumption(of, months)[0]!)).toEqual([
    ['hand', '-11.5', 97],
    ['invoice', '-31', 279],
  ])
  expect(siteConsumption('a', [{ meter: main, figures: daily(1) }], days, ZONE, 'day')[0]).not.toHaveProperty(
    'stated',
  )
})

it('what a part of a part counts for others is taken off the meter that is counted', () => {
  const main = meter({ id: 'main' })
  const part = meter({ id: 'part', within: [{ meter: 'main' }] })
  const tenant = meter({ id: 'tenant', site: 'b', within: [{ meter: 'part' }] })
  const all = [main, part, tenant]
  expect(deductionsOf(main, all)).toEqual([{ meter: tenant, during: {} }])
  expect(groupMeters(all, 'a').map(({ meters }) => meters)).toEqual([[main]])
})

it('a part that moves to another main meter is taken off each only while it is within it', async () => {
  const first = meter({ id: 'first', resolution: 1 })
  const second = meter({ id: 'second', site: 'c', resolution: 1 })
  const tenant = meter({
    ...{ id: 'tenant', site: 'b', resolution: 1 },
    within: [
      { meter: 'first', to: '2026-03-05' },
      { meter: 'second', from: '2026-03-10' },
    ],
  })
  const all = [first, second, tenant]
  const amounts: Record<string, number> = { first: 10, second: 20, tenant: 3 }
  const of = async (site: string) => {
    const [group] = groupMeters(all, site)
    const sources = await Promise.all(
      group!.meters.map(each => loadWithDeductions(each, all, async ({ id }) => daily(amounts[id]!))),
    )
    const told = siteConsumption(site, sources, days, ZONE, 'day').map(({ amount }) => text(amount))
    return [told[3], told[4], told[8], told[9]]
  }
  expect(await of('a')).toEqual(['7', '10', '10', '10'])
  expect(await of('c')).toEqual(['20', '20', '20', '17'])
  expect(await of('b')).toEqual(['3', '3', '3', '3'])
})

it('a part that counts for the same site counts by itself before it is within', async () => {
  const main = meter({ id: 'main', resolution: 1 })
  const part = meter({ id: 'part', resolution: 1, within: [{ meter: 'main', from: '2026-03-05' }] })
  const tenant = meter({ id: 'tenant', site: 'b', resolution: 1, within: [{ meter: 'part' }] })
  const all = [main, part, tenant]
  expect(groupMeters(all, 'a').map(({ meters }) => meters)).toEqual([[main, part]])
  expect(deductionsOf(main, all)).toEqual([{ meter: tenant, during: { from: '2026-03-05' } }])
  const amounts: Record<string, number> = { main: 10, part: 4, tenant: 1 }
  // Of the part nothing is known from the 5th on: the main meter counts it, so nothing lacks.
  const load = async ({ id }: { id: string }) =>
    daily(amounts[id]!).filter(({ start }) => id !== 'part' || start < days[4]!.start)
  const sources = await Promise.all([main, part].map(each => loadWithDeductions(each, all, load)))
  const told = siteConsumption('a', sources, days, ZONE, 'day')
  expect([told[3], told[4]].map(each => text(each!.amount))).toEqual(['13', '9'])
  expect(told[4]!.coveredMs).toBe(86_400_000)
  const always = { ...part, within: [{ meter: 'main', to: '2026-03-05' }, ...part.within!] }
  expect(groupMeters([main, always], 'a').map(({ meters }) => meters)).toEqual([[main]])
})

it('what a site gives away is none of its consumption', () => {
  const solar = meter({ id: 'solar', direction: 'export' })
  const own = meter({ id: 'own', direction: 'self-consumption' })
  expect(groupMeters([solar, own], 'a').map(({ meters }) => meters)).toEqual([[own]])
})
