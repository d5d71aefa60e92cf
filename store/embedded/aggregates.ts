import type { DuckDBConnection } from '@duckdb/node-api'
import { BIGINT, INTEGER } from '@duckdb/node-api'
import type { Interval } from '../../model/calendar.ts'
import { append, type Column } from '../duckdb/append.ts'
import type { Aggregate, AggregateBy } from '../readings.ts'
import { type AggregatePlan, joinParts, type Part, planAggregate, planRollups } from '../rollup.ts'
import { insideSpans, joinSpans, outermost } from '../spans.ts'
import type { ReadingTables } from './reading-tables.ts'
import { STATISTICS } from './rollup-tables.ts'

/** Aggregates of one point, of each bucket that overlaps [from, to). */
export interface AggregateRequest {
  point: string
  by: AggregateBy
  from: number
  to: number
}

/** Where parts of a request are looked for; to be made once for a connection. */
export const AGGREGATE_STAGE =
  'CREATE OR REPLACE TEMP TABLE part_stage (number INTEGER, id INTEGER, since BIGINT, until BIGINT, grain BIGINT)'

/** A stretch of time in which parts of a request lie, `grain` ms long where they are made of readings. */
interface PartSpan extends Interval {
  number: number
  id: number
  grain: number
}

/** A request with what it takes to answer it. */
interface Planned {
  id: number
  plan: AggregatePlan
  raw: Interval[]
  days: Interval | undefined
  hours: Interval[]
}

const ROLLUP = 'count, valid, numbers, sum, min, max, first, last'

/** The aggregates of each request, ascending: from the rollups of days and hours, and readings where these are not in them. */
export async function readAggregates(
  tables: ReadingTables,
  asked: readonly AggregateRequest[],
  timeZone: string,
): Promise<Aggregate[][]> {
  const { connection } = tables
  const planned = asked.map(request => planRequest(tables, request, timeZone))
  const spansOf = (select: (request: Planned) => readonly Interval[]): PartSpan[] =>
    planned.flatMap((request, number) => {
      const { id, plan } = request
      return select(request).map(({ start, end }) => ({ number, id, start, end, grain: plan.grain }))
    })
  const days = await readParts(
    connection,
    spansOf(({ days }) => (days ? [days] : [])),
    'start',
    `number, start::DOUBLE, ${ROLLUP} FROM rollup_day`,
  )
  const hours = await readParts(
    connection,
    spansOf(request => request.hours),
    'hour',
    `number, hour::DOUBLE, ${ROLLUP} FROM rollup_hour`,
  )
  const readings = await readParts(
    connection,
    spansOf(({ raw }) => raw),
    'time',
    `number, (time // grain * grain)::DOUBLE, ${STATISTICS} FROM reading`,
    'GROUP BY 1, 2',
  )
  return planned.map(({ plan, raw, hours: byHours }, number) => {
    const parts = [
      ...(days.get(number) ?? []).filter(({ start }) => !insideSpans(byHours, start)),
      ...(hours.get(number) ?? []).filter(({ start }) => !insideSpans(raw, start)),
      ...(readings.get(number) ?? []),
    ]
    return joinParts(parts, plan.bucketOf)
  })
}

function planRequest(
  tables: ReadingTables,
  { point, by, from, to }: AggregateRequest,
  timeZone: string,
): Planned {
  const id = tables.points.ids.get(point)
  const isEmpty = id === undefined || to <= from
  const plan = planAggregate(by, from, isEmpty ? from : to, timeZone)
  if (isEmpty) return { id: -1, plan, raw: [], days: undefined, hours: [] }
  const raw = joinSpans([...plan.raw, ...tables.dirty.within(id, plan)])
  return { id, plan, raw, ...planRollups(plan, raw) }
}

/** The parts of each request, by its number, that begin in its spans. */
async function readParts(
  connection: DuckDBConnection,
  spans: readonly PartSpan[],
  time: string,
  select: string,
  grouping = '',
): Promise<Map<number, Part[]>> {
  if (spans.length === 0) return new Map()
  const columns: Column[] = [
    { type: INTEGER, data: Int32Array.from(spans, ({ number }) => number) },
    { type: INTEGER, data: Int32Array.from(spans, ({ id }) => id) },
    { type: BIGINT, at: i => BigInt(spans[i]!.start) },
    { type: BIGINT, at: i => BigInt(spans[i]!.end) },
    { type: BIGINT, at: i => BigInt(spans[i]!.grain) },
  ]
  await connection.run('DELETE FROM part_stage')
  await append(connection, 'part_stage', columns, spans.length)
  // As literals: only those let DuckDB skip the blocks that lie outside.
  const { start, end } = outermost(spans)
  const result = await connection.runAndReadAll(
    `SELECT ${select} JOIN part_stage ON point_id = id AND ${time} >= since AND ${time} < until
     WHERE ${time} >= ${start} AND ${time} < ${end} ${grouping}`,
  )
  // A result without rows has no columns.
  const [numbers = [], starts, count, valid, sized, sum, min, max, oldest, newest] =
    result.getColumns() as number[][]
  const parts = new Map<number, Part[]>()
  for (const [row, number] of numbers.entries()) {
    const part: Part = {
      start: starts![row]!,
      count: count![row]!,
      valid: valid![row]!,
      numbers: sized![row]!,
      sum: sum![row]!,
      min: min![row]!,
      max: max![row]!,
      first: oldest![row]!,
      last: newest![row]!,
    }
    const found = parts.get(number)
    if (found) found.push(part)
    else parts.set(number, [part])
  }
  return parts
}
