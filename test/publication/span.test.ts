import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toDecimal } from '../../model/decimal.ts'
import type { Form } from '../../publication/forms.ts'
import { type Hidden, leaks } from '../../publication/span.ts'
import { rank } from './rank.ts'

const form = (parts: Record<string, number>): Form =>
  new Map(Object.entries(parts).map(([part, share]) => [part, toDecimal(share)]))
const hidden = (parts: Record<string, number>): Hidden => new Map(Object.entries(parts))

describe('what can be computed from published figures', () => {
  it('is a hidden part of which a share is published, and not one that is only in a sum', () => {
    expect(leaks([form({ a: 0.7 })], hidden({ a: 0 }), 10)).toBe(true)
    expect(leaks([form({ a: 0.7, b: 1 })], hidden({ a: 0 }), 10)).toBe(false)
    expect(leaks([form({ a: 0.7, b: 1 }), form({ b: 0.3 })], hidden({ a: 0 }), 10)).toBe(true)
    expect(leaks([], hidden({ a: 0 }), 10)).toBe(false)
  })

  it('is a difference of sums, to the last digit of the shares', () => {
    const sums = (share: number) => [form({ a: 0.333333, b: 0.1 }), form({ a: share, b: 0.3 })]
    expect(leaks(sums(0.999999), hidden({ b: 0 }), 10)).toBe(false)
    expect(leaks(sums(0.999998), hidden({ b: 0 }), 10)).toBe(true)
  })

  it('is a sum of too few dwellings, and not one of ten', () => {
    const flats = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`flat-${n}`, 1]))
    const all = form(flats)
    expect(leaks([all], hidden(flats), 10)).toBe(false)
    expect(leaks([all], hidden(flats), 13)).toBe(true)
    const { 'flat-3': _, ...others } = flats
    expect(leaks([all, form(others)], hidden(flats), 10)).toBe(true)
    expect(leaks([form({ block: 1 })], hidden({ block: 12 }), 10)).toBe(false)
  })
})

const PARTS = ['a', 'b', 'c', 'd', 'e', 'f'] as const
const sizes = fc.record(Object.fromEntries(PARTS.map(part => [part, fc.constantFrom(null, 0, 1, 3, 4)])))
const figures = fc.array(
  fc.record(Object.fromEntries(PARTS.map(part => [part, fc.constantFrom(0, 0, 0, 0.25, 0.5, 1)]))),
  { maxLength: 5 },
)

it('says what trying all sets of hidden parts says', () => {
  let found = 0
  let none = 0
  fc.assert(
    fc.property(figures, sizes, (written, served) => {
      const published = written.map(parts =>
        form(Object.fromEntries(Object.entries(parts).filter(([, share]) => share !== 0))),
      )
      const closed = Object.entries(served).filter(([, size]) => size !== null) as [string, number][]
      const expected = bruteForce(written, new Map(closed))
      expected ? found++ : none++
      expect(leaks(published, new Map(closed), 10)).toBe(expected)
    }),
    { numRuns: 1000, seed: 8 },
  )
  // Neither answer is rare.
  expect(Math.min(found, none)).toBeGreaterThan(100)
})

/**
 * Of each set of hidden parts of fewer than ten dwellings, whether figures span something in it: they do exactly where
 * fewer of them are independent once its columns are left out.
 */
function bruteForce(figures: Record<string, number>[], closed: ReadonlyMap<string, number>): boolean {
  const whole = rank(figures.map(figure => PARTS.map(part => figure[part]!)))
  for (let set = 1; set < 2 ** PARTS.length; set++) {
    const within = PARTS.filter((_, at) => set & (1 << at))
    if (!within.every(part => closed.has(part))) continue
    if (within.reduce((sum, part) => sum + closed.get(part)!, 0) >= 10) continue
    const outside = PARTS.filter(part => !within.includes(part))
    if (rank(figures.map(figure => outside.map(part => figure[part]!))) < whole) return true
  }
  return false
}
