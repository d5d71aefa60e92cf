import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addMeters, type Cost, civilHour, openDayCosts, sumCosts, totalCost } from '../../energy/cost.ts'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import { type Decimal, formatDecimal, toDecimal } from '../../model/decimal.ts'
import type { Tariff } from '../../model/tariff.ts'

const ZONE = 'Europe/Paris'
const tariff: Tariff = {
  id: 'bleu',
  name: 'Bleu',
  fluid: 'electricite',
  prices: [
    { name: 'heures creuses', price: 0.1, hours: ['00:00-03:00'] },
    { name: 'heures pleines', price: 0.2 },
  ],
  taxes: [],
  fixedPerMonth: 10,
  vat: 20,
}
const always = { start: -Infinity, end: Infinity }
const whole = () => toDecimal(1)
const text = (value: Decimal | undefined) => value && formatDecimal(value)

/** The costs of civil days of which every hour used so much. */
function costsOf(
  from: string,
  to: string,
  amountAt: (hour: number) => number | undefined,
  { contract = { ...always, tariff }, share = whole, timeZone = ZONE } = {},
): Cost[] {
  const [start, end] = [startOfLocalDate(from, timeZone), startOfLocalDate(to, timeZone)]
  const hours = periodsBetween('hour', start, end, timeZone).map((hour, i) => {
    const amount = amountAt(i)
    return {
      ...hour,
      amount: amount === undefined ? undefined : toDecimal(amount),
      coveredMs: hour.end - hour.start,
      civil: civilHour(hour, timeZone),
    }
  })
  return openDayCosts([contract], share, timeZone)(periodsBetween('day', start, end, timeZone), hours)
}

test('a usual day has three hours of the night, that of spring two, that of autumn four', () => {
  const consumption = (date: string, next: string) => text(costsOf(date, next, () => 1)[0]!.consumption)
  expect(consumption('2026-03-28', '2026-03-29')).toBe('4.5')
  expect(consumption('2026-03-29', '2026-03-30')).toBe('4.4')
  expect(consumption('2026-10-25', '2026-10-26')).toBe('4.6')
})

test('where the clock changes by half an hour, the short hour is of its own civil time', () => {
  const place = { timeZone: 'Australia/Lord_Howe' }
  // 24 hours and a half in autumn, 23 and a half in spring: one use for each hour that is begun.
  const [autumn] = costsOf('2026-04-05', '2026-04-06', () => 1, place)
  const [spring] = costsOf('2026-10-04', '2026-10-05', () => 1, place)
  expect(autumn!.end - autumn!.start).toBe(24.5 * 3_600_000)
  expect([text(autumn!.amount), text(spring!.amount)]).toEqual(['25', '24'])
  expect(text(autumn!.consumption)).toBe('4.65')
  expect(text(spring!.consumption)).toBe('4.55')
})

test('an hour of which nothing is known has no cost, and the day says how much is priced', () => {
  const [day] = costsOf('2026-05-04', '2026-05-05', hour => (hour < 12 ? 1 : undefined))
  expect(text(day!.consumption)).toBe('2.1')
  expect(day!.pricedMs).toBe(12 * 3_600_000)
  const [silent] = costsOf('2026-05-04', '2026-05-05', () => undefined)
  expect(silent).toMatchObject({ amount: undefined, consumption: undefined, pricedMs: 0 })
  expect(totalCost(silent!)).toBeUndefined()
})

test('beyond its dates a tariff costs nothing, and what was used is still told', () => {
  const contract = { start: -Infinity, end: startOfLocalDate('2026-05-05', ZONE), tariff }
  const [last, beyond] = costsOf('2026-05-04', '2026-05-06', () => 1, { contract })
  expect(text(last!.consumption)).toBe('4.5')
  expect(beyond).toMatchObject({ consumption: undefined, fixed: undefined, vat: undefined, pricedMs: 0 })
  expect(text(beyond!.amount)).toBe('24')
})

test('VAT is of both parts, each at its own rate', () => {
  const contract = { ...always, tariff: { ...tariff, fixedPerMonth: 31, vat: 20, fixedVat: 5.5 } }
  const [day] = costsOf('2026-05-04', '2026-05-05', () => 1, { contract })
  expect([day!.consumption, day!.fixed, day!.vat, totalCost(day!)].map(text)).toEqual([
    '4.5',
    '1',
    '0.955',
    '6.455',
  ])
})

test('a site pays its share of the fixed price', () => {
  const days = costsOf('2026-05-01', '2026-06-01', () => 1, { share: () => toDecimal(0.25) })
  expect(text(sumCosts(days, [{ start: days[0]!.start, end: days.at(-1)!.end }])[0]!.fixed)).toBe('2.5')
})

test('the sum of meters is not known where one is not, and covered as the least', () => {
  const [known] = costsOf('2026-05-04', '2026-05-05', () => 1)
  const [half] = costsOf('2026-05-04', '2026-05-05', hour => (hour < 12 ? 1 : undefined))
  const [silent] = costsOf('2026-05-04', '2026-05-05', () => undefined)
  expect(text(addMeters([known!, half!]).consumption)).toBe('6.6')
  expect(addMeters([known!, half!]).pricedMs).toBe(12 * 3_600_000)
  expect(addMeters([known!, silent!]).consumption).toBeUndefined()
})

test('whatever is used and paid, days add up to months and months to the year, to the last digit', () => {
  const price = fc.nat({ max: 10 ** 6 }).map(micro => micro / 10 ** 6)
  const fixed = fc.nat({ max: 10 ** 8 }).map(part => part / 10 ** 4)
  fc.assert(
    fc.property(
      price,
      price,
      fixed,
      fc.array(fc.nat({ max: 10 ** 7 }), { minLength: 1, maxLength: 24 }),
      (night, day, perMonth, uses) => {
        const prices = [
          { name: 'nuit', price: night, hours: ['22:30-06:30'] },
          { name: 'jour', price: day },
        ]
        const contract = { ...always, tariff: { ...tariff, prices, fixedPerMonth: perMonth, vat: 5.5 } }
        const days = costsOf('2024-01-01', '2025-01-01', hour => uses[hour % uses.length]! / 100, {
          contract,
        })
        const year = { start: days[0]!.start, end: days.at(-1)!.end }
        const months = sumCosts(days, periodsBetween('month', year.start, year.end, ZONE))
        const [byDays] = sumCosts(days, [year])
        const [byMonths] = sumCosts(months, [year])
        for (const part of ['amount', 'consumption', 'fixed', 'vat'] as const)
          expect(text(byMonths![part])).toBe(text(byDays![part]))
        for (const month of months) expect(Number(text(month.fixed))).toBe(perMonth)
        // The same in whole millionths of a euro times hundredths of a kWh, by another way.
        const hours = days.flatMap(({ start, end }) => periodsBetween('hour', start, end, ZONE))
        const quarters = hours.map(({ start }, i) => {
          const { minute } = civilHour({ start, end: start + 3_600_000 }, ZONE)
          const atNight = [0, 15, 30, 45].filter(more => minute + more < 390 || minute + more >= 1350).length
          const micro = atNight * Math.round(night * 1e6) + (4 - atNight) * Math.round(day * 1e6)
          return BigInt(uses[i % uses.length]!) * BigInt(micro)
        })
        const expected = { digits: quarters.reduce((a, b) => a + b) * 25n, scale: 10 }
        expect(text(byDays!.consumption)).toBe(text(expected))
      },
    ),
    { numRuns: 12 },
  )
})
