import { expect, it } from 'vitest'
import { createFailureFilter } from '../../gateway/repeated-failures.ts'
import type { QualityCode } from '../../model/quality.ts'

const reading = (quality: QualityCode, point = 'a/b/c') => ({
  point,
  time: 0,
  value: quality.startsWith('bad') ? null : 5,
  quality,
  gatewayTime: 0,
})

it('a failure is told when it begins, changes, or goes on for ten minutes; a value always', () => {
  const isNews = createFailureFilter()
  const told = (quality: QualityCode, minutes: number) => isNews(reading(quality), minutes * 60_000)
  expect(told('good', 0)).toBe(true)
  expect(told('good', 0)).toBe(true)
  expect(told('bad:timeout', 1)).toBe(true)
  expect(told('bad:timeout', 2)).toBe(false)
  expect(told('bad:exception', 3)).toBe(true)
  expect(told('bad:timeout', 4)).toBe(true)
  expect(told('bad:timeout', 13.9)).toBe(false)
  expect(told('bad:timeout', 14)).toBe(true)
  expect(told('bad:timeout', 23)).toBe(false)
  expect(told('uncertain:clock', 23)).toBe(true)
  expect(told('bad:timeout', 23)).toBe(true)
})

it('each point has its own', () => {
  const isNews = createFailureFilter()
  expect(isNews(reading('bad:timeout'), 0)).toBe(true)
  expect(isNews(reading('bad:timeout', 'a/b/d'), 0)).toBe(true)
  expect(isNews(reading('bad:timeout'), 0)).toBe(false)
})
