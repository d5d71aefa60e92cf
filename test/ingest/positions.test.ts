import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nextUncovered } from '../../bus/ranges.ts'
import { advance, beginning, isRepeat } from '../../ingest/positions.ts'
import type { Gap } from '../../model/delivery.ts'

const stream = { sender: 'gateway', stream: 'measures', run: 'r' } as const
const gapOf = (first: number, last: number): Gap => {
  return { range: [first, last], from: 0, to: 0, counts: {}, reason: 'corrupt' }
}

it('reaches the last number from any order, repetition and overlap of batches and gaps', () => {
  const last = 200
  const anyBatch = fc
    .tuple(fc.integer({ min: 1, max: last }), fc.integer({ min: 0, max: 60 }), fc.boolean())
    .map(([first, length, isGap]) => ({ first, last: Math.min(last, first + length), isGap }))
  fc.assert(
    fc.property(fc.array(anyBatch, { maxLength: 30 }), batches => {
      let position = beginning(stream)
      const covered = new Set<number>()
      for (const { first, last, isGap } of batches) {
        const numbers = isGap
          ? { first: last + 1, count: 0, gaps: [gapOf(first, last)] }
          : { first, count: last - first + 1 }
        const known = Array.from({ length: last - first + 1 }, (_, i) => first + i).every(n => covered.has(n))
        expect(isRepeat(position, numbers)).toBe(known)
        position = advance(position, numbers)
        for (let n = first; n <= last; n++) covered.add(n)
      }
      for (let n = 1; n <= last; n++) expect(nextUncovered(position, n) !== n).toBe(covered.has(n))
      const whole = advance(position, { first: 1, count: last })
      expect(whole).toEqual({ ...stream, upTo: last, ranges: [] })
    }),
  )
})
