import { describe, expect, it } from 'vitest'
import { gapsLeft } from '../../bus/gaps.ts'
import { NOTHING_COVERED } from '../../bus/ranges.ts'
import type { Span } from '../../bus/segments.ts'
import type { Gap } from '../../model/delivery.ts'
import type { Reading } from '../../model/reading.ts'
import { reading, readings } from './fixtures.ts'

const span = (first: number, count: number): Span<Reading> => ({
  first,
  last: first + count - 1,
  entries: readings(first, count),
})
const holed = (gap: Gap): Span<Reading> => ({ first: gap.range[0], last: gap.range[1], entries: [], gap })

describe('the gaps that dropped entries leave', () => {
  it('are one for entries that adjoin, with the times and the count of each point', () => {
    expect(gapsLeft([span(1, 3), span(4, 6)], [1, 9], NOTHING_COVERED)).toEqual([
      {
        range: [1, 9],
        from: reading(1).time,
        to: reading(9).time,
        counts: {
          'college/meter-0/index': 1,
          'college/meter-1/index': 2,
          'college/meter-2/index': 2,
          'college/meter-3/index': 1,
          'college/meter-4/index': 1,
          'college/meter-5/index': 1,
          'college/meter-6/index': 1,
        },
        reason: 'outbox-full',
      },
    ])
  })

  it('have the earliest and the latest source time, whatever the order', () => {
    const entries = [reading(2), reading(1), reading(3)]
    const [gap] = gapsLeft([{ first: 1, last: 3, entries }], [1, 3], NOTHING_COVERED)
    expect(gap).toMatchObject({ from: reading(1).time, to: reading(3).time })
  })

  it('leave out what is acknowledged', () => {
    const gaps = gapsLeft([span(1, 10)], [1, 10], { upTo: 2, ranges: [[5, 6]] })
    expect(gaps.map(gap => gap.range)).toEqual([
      [3, 4],
      [7, 10],
    ])
    expect(gaps.map(gap => Object.values(gap.counts).reduce((a, b) => a + b))).toEqual([2, 4])
  })

  it('go on where a gap was before, and keep it apart when its reason was another', () => {
    const first = gapsLeft([span(1, 3)], [1, 3], NOTHING_COVERED)[0]!
    const [joined, ...none] = gapsLeft([holed(first), span(4, 2)], [1, 5], NOTHING_COVERED)
    expect(none).toEqual([])
    expect(joined).toEqual(gapsLeft([span(1, 5)], [1, 5], NOTHING_COVERED)[0])
    const corrupt = holed({ ...first, reason: 'corrupt' })
    expect(gapsLeft([corrupt, span(4, 2)], [1, 5], NOTHING_COVERED)).toHaveLength(2)
  })

  it('tell what was lost before from what is dropped', () => {
    const gaps = gapsLeft([span(3, 2), span(7, 1)], [1, 9], NOTHING_COVERED)
    expect(gaps.map(gap => [gap.reason, ...gap.range])).toEqual([
      ['corrupt', 1, 2],
      ['outbox-full', 3, 4],
      ['corrupt', 5, 6],
      ['outbox-full', 7, 7],
      ['corrupt', 8, 9],
    ])
  })
})
