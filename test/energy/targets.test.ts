import fc from 'fast-check'
import { expect, test } from 'vitest'
import { publicBodyShare, tertiaryPath, tertiaryTargets } from '../../energy/targets.ts'

test('the targets are 40, 50 and 60 % below the reference, exactly', () => {
  expect(tertiaryTargets('100000.01')).toEqual(['60000.006', '50000.005', '40000.004'])
  expect(tertiaryTargets(null)).toEqual([null, null, null])
})

test('the path leads from the reference year to each target, and stays at the last', () => {
  expect(tertiaryPath(2010, 2010)).toBe(1)
  expect(tertiaryPath(2010, 2020)).toBeCloseTo(0.8, 12)
  expect(tertiaryPath(2020, 2025)).toBeCloseTo(0.8, 12)
  expect(tertiaryPath(2015, 2030)).toBeCloseTo(0.6, 12)
  expect(tertiaryPath(2015, 2035)).toBeCloseTo(0.55, 12)
  expect([2040, 2050, 2060].map(year => tertiaryPath(2022, year))).toEqual([0.5, 0.4, 0.4])
  expect(tertiaryPath(2022, 2019)).toBe(1)
})

test('the path never rises', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2010, max: 2022 }), fc.integer({ min: 2010, max: 2060 }), (from, year) => {
      expect(tertiaryPath(from, year + 1)).toBeLessThanOrEqual(tertiaryPath(from, year))
    }),
  )
})

test('a public body is to use 1.9 % of 2021 less each year', () => {
  expect([2020, 2021, 2022, 2025, 2030].map(publicBodyShare)).toEqual(['1', '1', '0.981', '0.924', '0.829'])
})
