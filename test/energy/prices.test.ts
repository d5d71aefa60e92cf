import { expect, test } from 'vitest'
import { openPrices } from '../../energy/prices.ts'
import { formatDecimal } from '../../model/decimal.ts'

const winter = [11, 12, 1, 2, 3]
const priceAt = openPrices({
  prices: [
    { name: 'heures creuses hiver', price: 0.12, months: winter, hours: ['22:30-06:30'] },
    { name: 'dimanche', price: 0.1, days: [7] },
    { name: 'heures pleines hiver', price: 0.2, months: winter },
    { name: 'été', price: 0.08 },
  ],
  taxes: [{ name: 'accise', price: 0.0225 }],
})
const price = (month: number, weekday: number, hour: number, length = 60) =>
  formatDecimal(priceAt({ month, weekday, minute: hour * 60, length }))

test('the first price that fits the month, the day and the civil time holds, and taxes come on top', () => {
  expect(price(1, 3, 12)).toBe('0.2225')
  expect(price(1, 3, 2)).toBe('0.1425')
  expect(price(1, 3, 23)).toBe('0.1425')
  expect(price(1, 7, 12)).toBe('0.1225')
  expect(price(1, 7, 3)).toBe('0.1425')
  expect(price(7, 3, 3)).toBe('0.1025')
  expect(price(7, 7, 3)).toBe('0.1225')
})

test('an hour in which the price changes has both, by its quarters', () => {
  expect(price(1, 3, 22)).toBe('0.1825')
  expect(price(1, 3, 6)).toBe('0.1825')
})

test('an hour cut short by the clock counts the quarters that it has', () => {
  expect(price(1, 3, 6, 30)).toBe('0.1425')
})

test('a span ends before its last minute, and 24:00 ends the day', () => {
  const at = openPrices({
    prices: [
      { name: 'soir', price: 3, hours: ['20:00-24:00'] },
      { name: 'base', price: 1 },
    ],
    taxes: [],
  })
  const hours = [19, 20, 23, 0].map(hour => at({ month: 1, weekday: 1, minute: hour * 60, length: 60 }))
  expect(hours.map(formatDecimal)).toEqual(['1', '3', '3', '1'])
})
