import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Coverage,
  countUncovered,
  cover,
  coverBoth,
  NOTHING_COVERED,
  nextUncovered,
  uncoveredUntil,
} from '../../bus/ranges.ts'
import type { NumberRange } from '../../model/delivery.ts'

const LAST = 60
const anyRange = fc
  .tuple(fc.integer({ min: 1, max: LAST }), fc.integer({ min: 0, max: 12 }))
  .map(([first, length]): NumberRange => [first, Math.min(LAST, first + length)])
const anyRanges = fc.array(anyRange, { maxLength: 25 })

const coverAll = (ranges: readonly NumberRange[]) =>
  ranges.reduce((sum, [first, last]) => cover(sum, first, last), NOTHING_COVERED)
const numbersOf = (ranges: readonly NumberRange[]) =>
  new Set(ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i)))
const coveredNumbers = (coverage: Coverage) =>
  new Set(
    Array.from({ length: LAST }, (_, i) => i + 1).filter(
      number => nextUncovered(coverage, number) !== number,
    ),
  )

describe('coverage of numbers', () => {
  it('covers exactly what was added, in whatever order', () => {
    fc.assert(
      fc.property(anyRanges, ranges => {
        expect(coveredNumbers(coverAll(ranges))).toEqual(numbersOf(ranges))
      }),
    )
  })

  it('stays ascending and never touches itself', () => {
    fc.assert(
      fc.property(anyRanges, ranges => {
        const { upTo, ranges: above } = coverAll(ranges)
        let end = upTo
        for (const [first, last] of above) {
          expect(first).toBeGreaterThan(end + 1)
          expect(last).toBeGreaterThanOrEqual(first)
          end = last
        }
      }),
    )
  })

  it('is the same whatever the order', () => {
    fc.assert(
      fc.property(anyRanges, fc.infiniteStream(fc.nat()), (ranges, keys) => {
        const shuffled = ranges.map(range => ({ range, key: keys.next().value! }))
        shuffled.sort((a, b) => a.key - b.key)
        expect(coverAll(shuffled.map(({ range }) => range))).toEqual(coverAll(ranges))
      }),
    )
  })

  it('joins two coverages, finds and counts what is missing', () => {
    fc.assert(
      fc.property(anyRanges, anyRanges, fc.integer({ min: 1, max: LAST }), (one, other, number) => {
        const both = coverBoth(coverAll(one), coverAll(other))
        const covered = numbersOf([...one, ...other])
        expect(coveredNumbers(both)).toEqual(covered)
        expect(countUncovered(both, LAST)).toBe(LAST - covered.size)
        let next = number
        while (covered.has(next)) next++
        expect(nextUncovered(both, number)).toBe(next)
        let until = next
        while (until < LAST && !covered.has(until + 1)) until++
        expect(Math.min(uncoveredUntil(both, next), Math.max(LAST, next))).toBe(until)
      }),
    )
  })

  it('takes an empty range for nothing', () => {
    expect(cover(NOTHING_COVERED, 5, 4)).toEqual(NOTHING_COVERED)
  })
})
