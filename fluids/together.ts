import { type Interval, periodStart, periodsBetween } from '../model/calendar.ts'
import type { Exclusion } from '../model/exclusion.ts'
import type { Judgement, StoredStatement } from '../model/statement.ts'
import { inTurn } from '../model/workshare.ts'
import { isRead, type Meter } from '../registry/registry.ts'
import { chainIndexes } from './chain.ts'
import { acceptIndexes, indexAt, toSteps } from './indexes.ts'
import { layOver } from './layers.ts'
import type { FluidStores } from './recompute.ts'
import { partWithin, type Segment, type Span, segmentsOf, within } from './spans.ts'
import { loadWindow, type Window } from './window.ts'

/** What is known of a meter around a change, from readings and statements. */
export interface Known {
  /** The whole hours that a change touches. */
  hours: Interval
  /** What was counted; ascending, none over another. */
  segments: Segment[]
  /** Source times of the good readings, ascending. */
  readingTimes: number[]
  /** Readings that are left out. */
  exclusions: Exclusion[]
  /** What has become of the statements that lie within the hours. */
  judgements: Map<number, Judgement>
}

/**
 * Brings together what readings and statements say around a change, as if all of them had been seen: far enough
 * that no gap and no statement of which a part is touched lies further out.
 *
 * @param change source times of the readings that changed, or of statements, both inclusive
 */
export async function bringTogether(stores: FluidStores, meter: Meter, change: Interval): Promise<Known> {
  const { readings, statements, timeZone } = stores
  const isStated = statements.extent(meter.id) !== undefined
  for (let reach = change; ; ) {
    const window = isRead(meter)
      ? await loadWindow(readings, meter, reach, timeZone)
      : emptyWindow(reach, timeZone)
    const { accepted, exclusions } = await inTurn(() => acceptIndexes(window.indexes, meter))
    const { hours, readingTimes } = window
    const known = { hours, readingTimes, exclusions: [...window.exclusions, ...exclusions] }
    if (!isStated) {
      const segments = meter.point ? segmentsOf(accepted, meter.point) : []
      return { ...known, segments, judgements: new Map() }
    }

    const { seen } = window
    const indexes = statements
      .indexes(meter.id)
      .filter(({ start }) => start >= seen.start && start < seen.end)
    const chain = await inTurn(() => chainIndexes(accepted, indexes, meter, meter.point))
    const amounts = await inTurn(() => statements.amounts(meter.id, hours))
    const whole = widest(hours, [
      ...chain.segments.filter(({ covered }) => !covered),
      ...amounts,
      ...unsettled(indexes, seen, hours),
    ])
    if (whole.start < hours.start || whole.end > hours.end) {
      reach = { start: whole.start, end: whole.end - 1 }
      continue
    }
    const spans = amounts.map(statement => toSpan(statement, meter))
    const laid = await inTurn(() => layOver(chain.segments, spans))
    const judgements = new Map<number, Judgement>()
    for (const { id, value, start } of indexes.filter(index => isIn(index.start, hours))) {
      const counted = chain.used.has(id) ? toSteps(value, start, meter) : chain.indexAt(start)
      const state = chain.used.has(id) ? 'counts' : chain.contradicting.has(id) ? 'contradicts' : 'overruled'
      judgements.set(id, { state, counted: counted === undefined ? null : indexAt(counted, start, meter) })
    }
    await inTurn(() => {
      for (const span of spans) judgements.set(span.statement!, judgeAmount(span, laid))
    })
    return { ...known, segments: laid.segments, judgements }
  }
}

/** Of a meter without readings. */
function emptyWindow({ start, end }: Interval, timeZone: string): Window {
  const hours = {
    start: periodStart('hour', start, timeZone),
    end: periodsBetween('hour', end, end + 1, timeZone)[0]!.end,
  }
  const seen = { start: -Infinity, end: Infinity }
  return { hours, seen, indexes: [], readingTimes: [], exclusions: [] }
}

/** Where no reading settles what lies beyond the hours, the stated indexes there may be believed or not. */
function unsettled(indexes: readonly StoredStatement[], seen: Interval, hours: Interval): Interval[] {
  if (indexes.length === 0) return []
  return [
    ...(seen.start === -Infinity ? [{ start: indexes[0]!.start, end: hours.end }] : []),
    ...(seen.end === Infinity ? [{ start: hours.start, end: indexes.at(-1)!.start + 1 }] : []),
  ]
}

/** An interval with all those that overlap it. */
function widest(interval: Interval, others: readonly Interval[]): Interval {
  const overlapping = others.filter(({ start, end }) => start < interval.end && end > interval.start)
  return {
    start: overlapping.reduce((least, { start }) => Math.min(least, start), interval.start),
    end: overlapping.reduce((most, { end }) => Math.max(most, end), interval.end),
  }
}

function isIn(time: number, { start, end }: Interval): boolean {
  return time >= start && time < end
}

function toSpan({ id, start, end, value, origin }: StoredStatement, meter: Meter): Span {
  return { start, end, amount: Math.round(value * meter.stepsPerUnit), source: origin, statement: id }
}

function judgeAmount(span: Span, { segments, contradicting }: ReturnType<typeof layOver>): Judgement {
  const inside = within(span, segments)
  const ms = inside.reduce(
    (sum, { start, end }) => sum + Math.min(end, span.end) - Math.max(start, span.start),
    0,
  )
  const counts = inside.some(({ statement }) => statement === span.statement)
  return {
    state: contradicting.has(span.statement!) ? 'contradicts' : counts ? 'counts' : 'overruled',
    counted:
      ms === span.end - span.start
        ? inside.reduce((sum, segment) => sum + partWithin(span, segment), 0)
        : null,
  }
}
