import type { Origin, Source, StoredStatement } from '../model/statement.ts'
import { SOURCES } from '../model/statement.ts'
import type { Point } from '../registry/registry.ts'
import { type AcceptedIndex, type Counter, gainBetween, type Index, toSteps } from './indexes.ts'
import { partitionPoint, partUpTo, type Segment, segmentsOf } from './spans.ts'

/** How many stated indexes in a row may be wrong before those behind them are, too. */
const LOOK_BACK = 30

interface Link extends Index {
  source: Source
  statement?: number
}

/** Indexes of all sources in a row, and what could not be one of them. */
export interface Chain {
  /** What was counted from one index to the next. */
  segments: Segment[]
  /** Statements whose index takes part. */
  used: Set<number>
  /** Steps at an instant as the indexes around it have them; undefined outside, and where they jump. */
  indexAt(time: number): number | undefined
  /** Statements that no meter can have shown between its other indexes. */
  contradicting: Set<number>
}

/**
 * Puts stated indexes between the readings, where those do not follow closely on each other. A source that is
 * believed before another comes first; of one source as many are taken as can have been shown one after the other,
 * so that a slip of the pen is left out rather than what comes after it.
 *
 * @param accepted the indexes of the readings, ascending
 * @param statements of the form index
 */
export function chainIndexes(
  accepted: readonly AcceptedIndex[],
  statements: readonly StoredStatement[],
  meter: Counter,
  point: Pick<Point, 'interval' | 'dueWithin'> | undefined,
): Chain {
  const read = point ? segmentsOf(accepted, point) : []
  let links: Link[] = accepted.map(({ time, steps }) => ({ time, steps, source: 'readings' }))
  const used = new Set<number>()
  const contradicting = new Set<number>()
  const covered = read.filter(segment => segment.covered)
  const bySource = Map.groupBy(statements, statement => statement.origin)
  for (const source of SOURCES) {
    const stated = (bySource.get(source as Origin) ?? [])
      .toSorted((a, b) => a.start - b.start)
      .map(statement => toLink(statement, meter))
    const taken = new Set(links.map(link => link.time))
    const open = stated.filter(({ time }) => !taken.has(time) && !lies(time, covered))
    const chosen = choose(links, open, meter)
    for (const { statement } of open) (chosen.has(statement!) ? used : contradicting).add(statement!)
    links = [...links, ...open.filter(({ statement }) => chosen.has(statement!))].sort(
      (a, b) => a.time - b.time,
    )
  }
  const segments = used.size > 0 ? join(links, covered, meter) : read
  return { segments, used, contradicting, indexAt: time => stepsAt(time, links, meter) }
}

function toLink({ id, start, value, origin }: StoredStatement, meter: Counter): Link {
  return { time: start, steps: toSteps(value, start, meter), source: origin, statement: id }
}

/** Between two links in proportion to time. */
function stepsAt(time: number, links: readonly Link[], meter: Counter): number | undefined {
  const next = links.findIndex(link => link.time >= time)
  const to = links[next]
  const from = links[next - 1]
  if (to?.time === time) return to.steps
  if (!from || !to) return undefined
  const amount = gainBetween(from, to, meter)
  if (amount === undefined) return undefined
  return from.steps + partUpTo(time, { start: from.time, end: to.time, amount })
}

/** The most of the open indexes that fit one after the other between the fixed ones, by statement. */
function choose(fixed: readonly Link[], open: readonly Link[], meter: Counter): Set<number> {
  const chosen = new Set<number>()
  for (let at = 0, next = 0; at < open.length; ) {
    while (next < fixed.length && fixed[next]!.time <= open[at]!.time) next++
    const before = fixed[next - 1]
    const after = fixed[next]
    const group: Link[] = []
    while (at < open.length && (!after || open[at]!.time < after.time)) group.push(open[at++]!)
    for (const { statement } of longestRun(group, before, after, meter)) chosen.add(statement!)
  }
  return chosen
}

function longestRun(
  group: readonly Link[],
  before: Link | undefined,
  after: Link | undefined,
  meter: Counter,
): Link[] {
  // Where the readings themselves jump, an index may follow from one side only.
  const jumps = before && after && gainBetween(before, after, meter) === undefined
  const fits = (from: Link | undefined, to: Link | undefined) =>
    !from || !to || (to.time > from.time && gainBetween(from, to, meter) !== undefined)
  const candidates = group.filter(link =>
    jumps ? fits(before, link) || fits(link, after) : fits(before, link) && fits(link, after),
  )
  const lengths: number[] = []
  const previous: number[] = []
  let best = -1
  for (const [at, link] of candidates.entries()) {
    lengths[at] = 1
    previous[at] = -1
    for (let earlier = Math.max(0, at - LOOK_BACK); earlier < at; earlier++) {
      if (lengths[earlier]! + 1 <= lengths[at]! || !fits(candidates[earlier], link)) continue
      lengths[at] = lengths[earlier]! + 1
      previous[at] = earlier
    }
    if (best < 0 || lengths[at]! > lengths[best]!) best = at
  }
  const run: Link[] = []
  for (let at = best; at >= 0; at = previous[at]!) run.unshift(candidates[at]!)
  return run
}

/** What was counted from link to link: as closely read as before where no statement came between. */
function join(links: readonly Link[], covered: readonly Segment[], meter: Counter): Segment[] {
  const closely = new Set(covered.map(({ start }) => start))
  const segments: Segment[] = []
  for (const [position, to] of links.entries()) {
    const from = links[position - 1]
    const amount = from && gainBetween(from, to, meter)
    if (!from || amount === undefined) continue
    const weaker = SOURCES.indexOf(from.source) > SOURCES.indexOf(to.source) ? from : to
    segments.push({
      start: from.time,
      end: to.time,
      amount,
      source: weaker.source,
      statement: weaker.statement,
      covered: closely.has(from.time),
    })
  }
  return segments
}

function lies(time: number, segments: readonly Segment[]): boolean {
  const first = segments[partitionPoint(segments, ({ end }) => end < time)]
  return first !== undefined && first.start <= time
}
