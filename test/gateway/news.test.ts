import { expect, it } from 'vitest'
import { createNewsFilter } from '../../gateway/news.ts'
import type { QualityCode } from '../../model/quality.ts'

const reading = (quality: QualityCode, point = 'a/b/c') => ({
  point,
  time: 0,
  value: quality.startsWith('bad') ? null : 5,
  quality,
  gatewayTime: 0,
})

it('a failure is told when it begins, changes, or goes on for ten minutes; a value always', () => {
  const isNews = createNewsFilter()
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
  const isNews = createNewsFilter()
  expect(isNews(reading('bad:timeout'), 0)).toBe(true)
  expect(isNews(reading('bad:timeout', 'a/b/d'), 0)).toBe(true)
  expect(isNews(reading('bad:timeout'), 0)).toBe(false)
})

it('what has a heartbeat is told when it changes, and again after so long', () => {
  const isNews = createNewsFilter()
  const told = (value: string | null, seconds: number, quality: QualityCode = 'good') =>
    isNews({ point: 'a/b/c', value, quality }, seconds * 1000, 60_000)
  expect(told('off', 0)).toBe(true)
  expect(told('off', 10)).toBe(false)
  expect(told('on', 20)).toBe(true)
  expect(told('off', 30)).toBe(true)
  expect(told('off', 89)).toBe(false)
  expect(told('off', 90)).toBe(true)
  expect(told(null, 100, 'bad:timeout')).toBe(true)
  expect(told(null, 170, 'bad:timeout')).toBe(false)
  expect(told('off', 171)).toBe(true)
  expect(told('off', 172, 'uncertain:clock')).toBe(true)
})
