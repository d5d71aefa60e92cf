import type { Interval } from '../model/calendar.ts'
import { SOURCES } from '../model/statement.ts'
import { divide, partitionPoint, partWithin, type Segment, type Span, within } from './spans.ts'

/** What counts at each time, and which statements say less than is known otherwise. */
export interface Layers {
  /** Ascending, none over another. */
  segments: Segment[]
  contradicting: Set<number>
}

/**
 * Lays what is known from all sources over each other, the most believed first: what lies under another keeps the
 * time that is left, and of its amount what the others have not counted already, so that nothing is counted twice
 * and no known total is passed. A correction takes its time out of everything else.
 *
 * Where indexes lie far apart, amounts of sources below that lie between them say how their difference is spread.
 *
 * @param chain what was counted between indexes; ascending, none over another
 * @param amounts what was stated to have been counted, the newest statement last
 */
export function layOver(chain: readonly Segment[], amounts: readonly Span[]): Layers {
  const contradicting = new Set<number>()
  let laid: Segment[] = []
  for (const [rank, source] of SOURCES.entries()) {
    const below = amounts
      .filter(span => SOURCES.indexOf(span.source) >= rank)
      .sort((a, b) => a.start - b.start)
    const links = chain.filter(segment => segment.source === source)
    const close = links.filter(segment => segment.covered)
    // The links of a chain lie apart, and so do clusters: each is laid over what was there before.
    laid = merge(laid, laid.length === 0 ? close : close.flatMap(link => place(link, laid, [])))
    const far = links.filter(segment => !segment.covered)
    laid = merge(
      laid,
      far.flatMap(link => lay(link, laid, startingIn(link, below))),
    )
    const stated = below.filter(span => span.source === source)
    laid = merge(laid, clusters(stated).flatMap(layCluster))
  }
  return { segments: laid, contradicting }

  function layCluster(cluster: readonly Span[]): Segment[] {
    let parts: Segment[] = []
    for (const span of cluster) parts = merge(parts, lay(span, merge(within(span, laid), parts), []))
    return parts
  }

  function lay(span: Span, over: readonly Segment[], shapes: readonly Span[]): Segment[] {
    const parts = place(span, over, shapes)
    if (parts.length === 0 && span.statement !== undefined && free(span, over).length > 0)
      contradicting.add(span.statement)
    return parts
  }
}

/** The parts of a span that are not taken yet; none where those that are count more than all of it. */
function place(span: Segment | Span, over: readonly Segment[], shapes: readonly Span[]): Segment[] {
  const gaps = free(span, over)
  if (gaps.length === 0) return []
  const counted = within(span, over).reduce(
    // A correction says nothing of what the meter showed: its time is cut out.
    (sum, taken) => sum + partWithin(span, taken.source === 'correction' ? as(span, taken) : taken),
    0,
  )
  const rest = span.amount - counted
  if (rest < 0) return []
  const known = { start: gaps[0]!.start, end: gaps.at(-1)!.end }
  const stated = span.source !== 'readings'
  const covered = 'covered' in span && span.covered
  const part = (gap: Interval, amount: number): Segment => ({
    ...gap,
    amount,
    source: span.source,
    statement: span.statement,
    covered,
    ...(stated && { known }),
  })
  return shape(gaps, rest, shapes, part)
}

/** The span over the time of a segment, with its own share of the amount. */
function as(span: Span, { start, end }: Interval): Span {
  const inside = { start: Math.max(start, span.start), end: Math.min(end, span.end) }
  return { ...span, ...inside, amount: partWithin(inside, span) }
}

/**
 * An amount over the gaps it is to fill: in proportion to time, but where shapes lie in them as those say, if
 * they leave room for the rest or fill the gaps together.
 */
function shape(
  gaps: readonly Interval[],
  amount: number,
  shapes: readonly Span[],
  part: (gap: Interval, amount: number) => Segment,
): Segment[] {
  const fitting = apart(
    shapes.filter(({ start, end }) => gaps.some(gap => start >= gap.start && end <= gap.end)),
  )
  if (fitting.length === 0) return spreadOver(gaps, amount, part)
  const between = gaps.flatMap(gap => free(gap, fitting))
  const sum = fitting.reduce((total, span) => total + span.amount, 0)
  if (between.length === 0 && sum !== amount) {
    const shares = divide(
      amount,
      fitting.map(({ start, end, amount: weight }) => (sum > 0 ? weight : end - start)),
    )
    return fitting.map((span, at) => part(interval(span), shares[at]!))
  }
  if (sum > amount) return spreadOver(gaps, amount, part)
  const kept = fitting.map(span => ({ ...span, covered: false, known: interval(span) }))
  return merge(kept, spreadOver(between, amount - sum, part))
}

/** Of spans that overlap those that are believed first; ascending, as they come. */
function apart(spans: readonly Span[]): Span[] {
  const kept: Span[] = []
  for (const span of spans) {
    const last = kept.at(-1)
    if (!last || span.start >= last.end) kept.push(span)
    else if (SOURCES.indexOf(span.source) < SOURCES.indexOf(last.source)) kept.splice(-1, 1, span)
  }
  return kept
}

function interval({ start, end }: Interval): Interval {
  return { start, end }
}

function spreadOver(
  gaps: readonly Interval[],
  amount: number,
  part: (gap: Interval, amount: number) => Segment,
): Segment[] {
  const shares = divide(
    amount,
    gaps.map(({ start, end }) => end - start),
  )
  return gaps.map((gap, at) => part(gap, shares[at]!))
}

/** What of an interval no segment takes; ascending. */
function free(wanted: Interval, taken: readonly Interval[]): Interval[] {
  const gaps: Interval[] = []
  let from = wanted.start
  for (const { start, end } of within(wanted, taken)) {
    if (start > from) gaps.push({ start: from, end: start })
    from = Math.max(from, end)
  }
  if (from < wanted.end) gaps.push({ start: from, end: wanted.end })
  return gaps
}

/** Of ascending spans those that begin within another and are shorter. */
function startingIn({ start, end }: Interval, spans: readonly Span[]): Span[] {
  const found: Span[] = []
  const first = partitionPoint(spans, span => span.start < start)
  for (let at = first; at < spans.length && spans[at]!.start < end; at++) {
    const span = spans[at]!
    if (span.end <= end && span.end - span.start < end - start) found.push(span)
  }
  return found
}

/** Ascending spans that overlap each other in one way or another, together, the newest statement first. */
function clusters(spans: readonly Span[]): Span[][] {
  const found: Span[][] = []
  let end = -Infinity
  for (const span of spans) {
    if (span.start < end) found.at(-1)!.push(span)
    else found.push([span])
    end = Math.max(end, span.end)
  }
  for (const cluster of found) cluster.sort((a, b) => b.statement! - a.statement!)
  return found
}

function merge(a: readonly Segment[], b: readonly Segment[]): Segment[] {
  if (b.length === 0) return [...a]
  return [...a, ...b].sort((x, y) => x.start - y.start)
}
