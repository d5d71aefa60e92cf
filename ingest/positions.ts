import { cover, NOTHING_COVERED, nextUncovered, uncoveredUntil } from '../bus/ranges.ts'
import type { Gap, StreamPosition } from '../model/delivery.ts'

/** The stream of one run of one sender. */
export type StreamKey = Pick<StreamPosition, 'sender' | 'stream' | 'run'>

/** Numbers that came together: entries, and gaps that were announced with them. */
export interface Numbers {
  first: number
  count: number
  gaps?: readonly Gap[]
}

export function keyOf({ sender, stream, run }: StreamKey): string {
  return `${sender} ${stream} ${run}`
}

/** The position of a stream of which nothing has come. */
export function beginning({ sender, stream, run }: StreamKey): StreamPosition {
  return { sender, stream, run, ...NOTHING_COVERED }
}

/** The position once the numbers are accounted for: stored, quarantined, or announced as lost. */
export function advance(position: StreamPosition, { first, count, gaps = [] }: Numbers): StreamPosition {
  const coverage = gaps.reduce(
    (sum, gap) => cover(sum, gap.range[0], gap.range[1]),
    cover(position, first, first + count - 1),
  )
  const { upTo, ranges } = coverage
  return { ...position, upTo, ranges }
}

/** Whether all the numbers are accounted for already, so that storing them again would change nothing. */
export function isRepeat(position: StreamPosition, { first, count, gaps = [] }: Numbers): boolean {
  return nextUncovered(position, first) >= first + count && gaps.every(gap => isGapKnown(position, gap))
}

export function isGapKnown(position: StreamPosition, gap: Gap): boolean {
  return nextUncovered(position, gap.range[0]) > gap.range[1]
}

/** How many of first..last are not accounted for. */
export function countNew(position: StreamPosition, first: number, last: number): number {
  let count = 0
  for (let number = nextUncovered(position, first); number <= last; ) {
    const end = Math.min(last, uncoveredUntil(position, number))
    count += end - number + 1
    number = nextUncovered(position, end + 1)
  }
  return count
}
