import type { Interval } from '../model/calendar.ts'

/** What of the spans lies in [from, to). */
export function clipSpans(spans: readonly Interval[], from: number, to: number): Interval[] {
  return spans
    .filter(span => span.start < to && span.end > from)
    .map(span => ({ start: Math.max(span.start, from), end: Math.min(span.end, to) }))
}

/** The same instants as disjoint spans that do not touch, ascending. */
export function joinSpans(spans: readonly Interval[]): Interval[] {
  const result: Interval[] = []
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1)
    if (last && start <= last.end) last.end = Math.max(last.end, end)
    else result.push({ start, end })
  }
  return result
}

/** Whether an instant lies in one of them. */
export function insideSpans(spans: readonly Interval[], time: number): boolean {
  return spans.some(span => span.start <= time && time < span.end)
}

/** From the beginning of the first to the end of the last of some spans. */
export function outermost(spans: readonly Interval[]): Interval {
  return {
    start: spans.reduce((first, { start }) => Math.min(first, start), Infinity),
    end: spans.reduce((last, { end }) => Math.max(last, end), -Infinity),
  }
}
