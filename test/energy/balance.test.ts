import { expect, it } from 'vitest'
import { spacingOf, type WeighedCount, weigh } from '../../energy/balance.ts'
import { toDecimal } from '../../model/decimal.ts'
import { DAY_MS, MINUTE_MS } from '../../model/time.ts'

const day = { start: 0, end: DAY_MS }
const count = (amount: number, more: Partial<WeighedCount> = {}): WeighedCount => ({
  ...{ amount: toDecimal(amount), knownMs: DAY_MS, stated: [], step: toDecimal(1) },
  ...{ spacingMs: 0, ...more },
})

it('a step of each meter may be rounding', () => {
  const registers = [count(61), count(41)]
  expect(weigh(count(100), registers, day)).toMatchObject({ tolerance: 3, contradicts: false })
  expect(weigh(count(98), registers, day)).toMatchObject({ tolerance: 3, contradicts: true })
  // What no part counts is no contradiction, however much it is.
  expect(weigh(count(500), registers, day)).toMatchObject({ contradicts: false })
})

it('what flows between two readings may be shared out wrongly at both ends', () => {
  const spacingMs = spacingOf(false, 10 * MINUTE_MS)
  const { tolerance } = weigh(count(144, { spacingMs }), [count(72, { spacingMs })], day)
  // 20 minutes at either end: 4 of 144 and 2 of 72, and two steps.
  expect(tolerance).toBe(8)
  expect(spacingOf(true, 10 * MINUTE_MS)).toBe(DAY_MS)
  expect(spacingOf(false, undefined)).toBe(DAY_MS)
})

it('nothing is said where a part is not known, or is spread over a longer time', () => {
  expect(weigh(count(10), [], day)).toMatchObject({ sum: undefined, contradicts: undefined })
  expect(weigh(count(10), [count(20), undefined], day)).toMatchObject({
    ...{ sum: undefined, difference: undefined, contradicts: undefined },
  })
  const spread = weigh(count(10), [count(20, { knownMs: DAY_MS / 2 })], day)
  expect(spread).toMatchObject({ tolerance: undefined, contradicts: undefined })
  expect(spread.difference).toMatchObject({ digits: -10n })
})
