import type { Gap, NumberRange } from '../model/delivery.ts'
import type { Entry } from './contract.ts'
import { type Coverage, nextUncovered, uncoveredUntil } from './ranges.ts'
import { type Span, spanAt } from './segments.ts'

/**
 * The gaps that remain of the numbers first..last when their entries are dropped: none where a number is
 * accounted for already, one for each stretch otherwise. Gaps among the spans are kept, and joined with
 * those that adjoin; numbers that no span holds were lost before.
 */
export function gapsLeft<E extends Entry>(
  spans: readonly Span<E>[],
  [first, last]: NumberRange,
  accounted: Coverage,
): Gap[] {
  const gaps: Gap[] = []
  let at = first
  for (const span of spans) {
    for (const [from, to] of stretches(accounted, at, span.first - 1))
      join(gaps, spanAt(spans, from, to).gap!)
    for (const [from, to] of stretches(accounted, Math.max(at, span.first), Math.min(span.last, last))) {
      if (span.gap) {
        join(gaps, structuredClone(span.gap))
        break
      }
      join(gaps, gapOf(span.entries.slice(from - span.first, to - span.first + 1), from))
    }
    at = Math.max(at, span.last + 1)
  }
  for (const [from, to] of stretches(accounted, at, last)) join(gaps, spanAt(spans, from, to).gap!)
  return gaps
}

function gapOf(entries: readonly Entry[], first: number): Gap {
  const gap: Gap = {
    range: [first, first + entries.length - 1],
    from: Number.POSITIVE_INFINITY,
    to: 0,
    counts: {},
    reason: 'outbox-full',
  }
  for (const entry of entries) {
    const point = 'alert' in entry ? entry.alert.point : entry.point
    gap.from = Math.min(gap.from, entry.time)
    gap.to = Math.max(gap.to, entry.time)
    gap.counts[point] = (gap.counts[point] ?? 0) + 1
  }
  return gap
}

/** Adds a gap behind others: to the last of them where it goes on for the same reason. */
function join(gaps: Gap[], gap: Gap): void {
  const before = gaps.at(-1)
  if (before?.reason !== gap.reason || before.range[1] + 1 !== gap.range[0]) {
    gaps.push(gap)
    return
  }
  before.range = [before.range[0], gap.range[1]]
  before.from = Math.min(before.from, gap.from)
  before.to = Math.max(before.to, gap.to)
  for (const [point, count] of Object.entries(gap.counts))
    before.counts[point] = (before.counts[point] ?? 0) + count
}

/** The uncovered stretches of first..last. */
function* stretches(coverage: Coverage, first: number, last: number): Generator<NumberRange> {
  for (let from = nextUncovered(coverage, first); from <= last; ) {
    const to = Math.min(last, uncoveredUntil(coverage, from))
    yield [from, to]
    from = nextUncovered(coverage, to + 1)
  }
}
