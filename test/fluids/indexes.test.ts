import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  acceptIndexes,
  type Counter,
  findAnchors,
  type Index,
  SETTLING,
  toIndex,
} from '../../fluids/indexes.ts'
import type { Reading } from '../../model/reading.ts'

const counter: Counter = { stepsPerUnit: 10, unit: 'kW.h', replacements: [] }
const MINUTE = 60_000

/** Indexes in kWh, one every ten minutes, as whole steps of 0.1 kWh. */
function accept(values: readonly number[], meter: Counter = counter) {
  const indexes = values.map((value, at) => ({
    time: at * 10 * MINUTE,
    steps: Math.round(value * meter.stepsPerUnit),
  }))
  const { accepted, exclusions } = acceptIndexes(indexes, meter)
  return {
    kept: accepted.map(({ steps }) => steps / meter.stepsPerUnit),
    total: accepted.reduce((sum, { gain }) => sum + (gain ?? 0), 0) / meter.stepsPerUnit,
    exclusions: exclusions.map(({ time, value, reason }) => `${time / MINUTE / 10}: ${value} ${reason}`),
  }
}

it('trap 15: a spurious 0 between two indexes does not become a consumption of 53 MWh', () => {
  const result = accept([53_000, 53_001, 0, 53_003, 53_004])
  expect(result).toEqual({ kept: [53_000, 53_001, 53_003, 53_004], total: 4, exclusions: ['2: 0 spurious'] })
})

it('trap 15: a converter that answers 0 for a while does not either', () => {
  const zeros = Array(SETTLING - 1).fill(0)
  const result = accept([53_000, 53_001, ...zeros, 53_002, 53_003])
  expect(result.total).toBe(3)
  expect(result.exclusions).toHaveLength(SETTLING - 1)
})

it('trap 15: nor one that answers 0 for so long that it looks like a new meter', () => {
  const values = [53_000, 53_001, ...Array(30).fill(0), ...Array.from({ length: 12 }, (_, n) => 53_010 + n)]
  const result = accept(values)
  expect(result.total).toBe(1 + 11)
  expect(result.exclusions).toEqual(['2: 0 reset', '32: 53010 reset'])
})

it('a leap up and back is spurious, whether it is possible in the time or not', () => {
  const high = accept([100, 101, 4_294_967, 102, 103])
  expect(high).toMatchObject({ total: 3, exclusions: ['2: 4294967 spurious'] })
  const low = accept([100, 101, 150, 102, 103, 104, 105, 106, 107, 108])
  expect(low).toMatchObject({ total: 8, exclusions: ['2: 150 spurious'] })
})

it('a rise faster than the meter allows is spurious', () => {
  const meter = { ...counter, maxPerHour: 60 }
  expect(accept([100, 110, 200, 120, 130], meter)).toMatchObject({
    total: 30,
    exclusions: ['2: 200 spurious'],
  })
  expect(accept([100, 110, 200, 210, 220]).total).toBe(120)
})

it('what flows in an hour may show at once, in a device that is read seldom', () => {
  const meter = { ...counter, maxPerHour: 60 }
  expect(accept([100, 100, 100, 100, 100, 100, 160], meter)).toMatchObject({ total: 60, exclusions: [] })
})

it('a replaced meter: the difference across it is not counted, and listed', () => {
  const result = accept([900, 901, 2, 3, 4, 5, 6, 7, 8])
  expect(result).toEqual({
    kept: [900, 901, 2, 3, 4, 5, 6, 7, 8],
    total: 1 + 6,
    exclusions: ['2: 2 reset'],
  })
})

it('a drop counts for nothing while it may still turn out to be spurious', () => {
  expect(accept([900, 901, 2, 3, 4])).toEqual({ kept: [900, 901], total: 1, exclusions: [] })
})

it('a counter with digits rolls over; one without is reset', () => {
  const values = [9999.7, 9999.9, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
  expect(accept(values, { ...counter, digits: 5 })).toMatchObject({ total: 0.9, exclusions: [] })
  expect(accept(values)).toMatchObject({ total: 0.7, exclusions: ['2: 0.1 reset'] })
})

it('a counter that falls from the middle of its range has not rolled over, however long ago it was read', () => {
  const meter = { ...counter, digits: 5 }
  const year = 365 * 24 * 60 * MINUTE
  const indexes = Array.from({ length: 8 }, (_, n) => ({ time: year + n * 10 * MINUTE, steps: n }))
  const { exclusions } = acceptIndexes([{ time: 0, steps: 40_000 }, ...indexes], meter)
  expect(exclusions).toEqual([{ time: year, value: 0, reason: 'reset' }])
})

it('an index becomes whole steps once, or is refused with the reason', () => {
  const reading = (value: Reading['value']): Reading => {
    return { point: 'a/b/c', time: 1, value, quality: 'good', gatewayTime: 1 }
  }
  const reasons = (value: Reading['value'], meter: Counter = counter) => {
    const index = toIndex(reading(value), meter)
    return 'reason' in index ? index.reason : index.steps
  }
  expect(reasons(0.1 + 0.2)).toBe(3)
  expect(reasons(123_456_789_012.3)).toBe(1_234_567_890_123)
  expect(reasons(12.34)).toBe('off-resolution')
  expect(reasons(true)).toBe('not-a-number')
  expect(reasons('12.3')).toBe('not-a-number')
  expect(reasons(-0.1)).toBe('out-of-range')
  expect(reasons(100, { ...counter, digits: 3 })).toBe('out-of-range')
  expect(reasons(99.9, { ...counter, digits: 3 })).toBe(999)
  expect(reasons(999_999_999.999999, { stepsPerUnit: 1_000_000, unit: 'm3', replacements: [] })).toBe(
    999_999_999_999_999,
  )
})

it('trap 15: a replacement is counted over exactly, whatever the old and the new meter showed', () => {
  const history = fc.record({
    first: fc.integer({ min: 0, max: 9_000 }),
    gains: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2 * SETTLING, maxLength: 60 }),
    /** When meters were replaced, and what the new one showed. */
    changes: fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 9_000 })), {
      selector: ([at]) => at,
      maxLength: 4,
    }),
  })
  fc.assert(
    fc.property(history, ({ first, gains, changes }) => {
      const replacements: { time: number; offset: number }[] = []
      const indexes: Index[] = []
      let [counted, offset] = [first, 0]
      for (const [at, gain] of gains.entries()) {
        const time = at * 10 * MINUTE
        const change = changes.find(([when]) => when === at)
        // Half of what was counted since the reading before, was still counted by the old one.
        if (change) offset = counted + Math.floor(gain / 2) - change[1]
        if (change) replacements.push({ time: time - 5 * MINUTE, offset })
        counted += gain
        const value = (counted - offset) / 10
        const reading = { point: 'p', time, value, quality: 'good', gatewayTime: time } as const
        indexes.push(toIndex(reading, { ...counter, replacements }) as Index)
      }
      const { accepted, exclusions } = acceptIndexes(indexes, { ...counter, replacements })
      expect(exclusions).toEqual([])
      expect(accepted.reduce((sum, { gain }) => sum + (gain ?? 0), 0)).toBe(counted - first - gains[0]!)
    }),
  )
})

it('what is left out after a replacement is told as the device said it', () => {
  const replacements = [{ time: 15 * MINUTE, offset: 530_000 }]
  const values = [53_000, 53_001, 1, 2, 9_999_999, 3, 4]
  const indexes = values.map((value, at) => {
    const reading = { point: 'p', time: at * 10 * MINUTE, value, quality: 'good', gatewayTime: 0 } as const
    return toIndex(reading, { ...counter, replacements }) as Index
  })
  const { exclusions } = acceptIndexes(indexes, { ...counter, replacements })
  expect(exclusions).toEqual([{ time: 40 * MINUTE, value: 9_999_999, reason: 'spurious' }])
})

it('an anchor is the middle of a run without contradiction', () => {
  const steps = [
    ...Array.from({ length: 20 }, (_, n) => 100 + n),
    0,
    ...Array.from({ length: 13 }, (_, n) => 120 + n),
  ]
  const indexes = steps.map((value, at) => ({ time: at * 10 * MINUTE, steps: value }))
  // 0 → 120 is a plausible gain of 12 kWh, so the run after the 0 begins with it.
  expect(findAnchors(indexes, counter)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 26, 27])
})
