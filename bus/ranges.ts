import type { NumberRange } from '../model/delivery.ts'

/**
 * Which numbers of a stream are accounted for: all up to `upTo`, and further ranges above it,
 * ascending, not touching each other nor `upTo`.
 */
export interface Coverage {
  upTo: number
  ranges: NumberRange[]
}

export const NOTHING_COVERED: Coverage = { upTo: 0, ranges: [] }

/** The coverage with first..last added; a range that ends before it begins adds nothing. */
export function cover(coverage: Coverage, first: number, last: number): Coverage {
  if (last < first || last <= coverage.upTo) return coverage
  const ranges: NumberRange[] = []
  let [from, to] = [first, last]
  let placed = false
  for (const range of coverage.ranges) {
    if (range[1] + 1 < from) ranges.push(range)
    else if (range[0] > to + 1) {
      if (!placed) ranges.push([from, to])
      placed = true
      ranges.push(range)
    } else [from, to] = [Math.min(from, range[0]), Math.max(to, range[1])]
  }
  if (!placed) ranges.push([from, to])
  const lowest = ranges[0]!
  if (lowest[0] > coverage.upTo + 1) return { upTo: coverage.upTo, ranges }
  return { upTo: lowest[1], ranges: ranges.slice(1) }
}

/** What either covers. */
export function coverBoth(one: Coverage, other: Coverage): Coverage {
  return other.ranges.reduce((sum, [first, last]) => cover(sum, first, last), cover(one, 1, other.upTo))
}

/** The first number from `number` on that is not covered. */
export function nextUncovered(coverage: Coverage, number: number): number {
  let next = Math.max(number, coverage.upTo + 1)
  for (const [first, last] of coverage.ranges) {
    if (first > next) break
    if (last >= next) next = last + 1
  }
  return next
}

/** The last number of the uncovered stretch that begins at an uncovered `number`; Infinity when nothing follows. */
export function uncoveredUntil(coverage: Coverage, number: number): number {
  const above = coverage.ranges.find(range => range[0] > number)
  return above ? above[0] - 1 : Number.POSITIVE_INFINITY
}

/** How many numbers of 1..last are not covered. */
export function countUncovered(coverage: Coverage, last: number): number {
  const above = coverage.ranges.reduce((sum, range) => sum + range[1] - range[0] + 1, 0)
  return last - coverage.upTo - above
}

/** How many numbers below the highest covered one are not covered. */
export function countHoles(coverage: Coverage): number {
  return countUncovered(coverage, coverage.ranges.at(-1)?.[1] ?? coverage.upTo)
}
