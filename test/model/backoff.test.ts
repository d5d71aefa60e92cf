import { expect, it } from 'vitest'
import { pauseAfter } from '../../model/backoff.ts'

it('doubles from the first pause to the longest, and never beyond, however often', () => {
  expect([1, 2, 3, 4, 5].map(failures => pauseAfter(failures, 100, 1000))).toEqual([100, 200, 400, 800, 1000])
  expect(pauseAfter(100_000, 100, 1000)).toBe(1000)
})
