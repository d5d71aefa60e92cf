import type { DuckDBValue } from '@duckdb/node-api'
import { BIGINT, INTEGER } from '@duckdb/node-api'
import type { Reading, ReadingColumns, Value } from '../../model/reading.ts'
import { append, type Column } from '../duckdb/append.ts'
import { rows } from '../duckdb/tables.ts'
import { outermost } from '../spans.ts'
import type { ReadingTables } from './reading-tables.ts'

/** Readings of one point with from <= time < to, at most `limit`. */
export interface RangeRequest {
  point: string
  from: number
  to: number
  limit?: number
}

/** Readings of one point, as columns: those cross threads several times faster than objects. */
export type OneSeries = Omit<ReadingColumns, 'points'>

/** Ranges that are read together; to be made once for a connection. */
export const RANGE_STAGE =
  'CREATE OR REPLACE TEMP TABLE range_stage (number INTEGER, id INTEGER, since BIGINT, until BIGINT)'

/** As many are put in order at once; more of them take longer together than each alone. */
const ROWS_TOGETHER = 200_000

/**
 * The readings of each range, ascending: one look at the table for all those that hold no more than was asked for.
 * Of one that holds more, the first are found sooner alone, from the beginning.
 */
export async function readRanges(
  tables: ReadingTables,
  asked: readonly RangeRequest[],
): Promise<OneSeries[]> {
  const found = new Map<RangeRequest, OneSeries>()
  let together: RangeRequest[] = []
  let held = 0
  const read = async () => {
    for (const [request, series] of await readTogether(tables, together)) found.set(request, series)
    together = []
    held = 0
  }
  const counts = asked.length > 1 ? await countRows(tables, asked) : []
  for (const [at, request] of asked.entries()) {
    const count = counts[at] ?? Infinity
    if (count > (request.limit ?? ROWS_TOGETHER)) {
      found.set(request, await readAlone(tables, request))
      continue
    }
    if (held + count > ROWS_TOGETHER) await read()
    together.push(request)
    held += count
  }
  if (together.length > 0) await read()
  return asked.map(request => found.get(request)!)
}

async function readAlone(tables: ReadingTables, { point, from, to, limit }: RangeRequest) {
  const id = tables.points.ids.get(point) ?? -1
  const result = await tables.connection.runAndReadAll(
    `SELECT ${READING} FROM reading WHERE point_id = ${id} AND ${between(from, to)}
     ORDER BY time ${limit === undefined ? '' : `LIMIT ${limit}`}`,
  )
  return toSeries(tables, result.getColumns(), 0)
}

/** How many readings each range holds, whatever its limit. */
async function countRows(tables: ReadingTables, asked: readonly RangeRequest[]): Promise<number[]> {
  await stage(tables, asked)
  const found = await rows(
    tables.connection,
    `SELECT number, count(*)::INTEGER FROM ${staged(asked)} GROUP BY number`,
  )
  const counts = new Map(found as [number, number][])
  return asked.map((_, number) => counts.get(number) ?? 0)
}

async function readTogether(tables: ReadingTables, asked: readonly RangeRequest[]) {
  await stage(tables, asked)
  const result = await tables.connection.runAndReadAll(
    `SELECT number, ${READING} FROM ${staged(asked)} ORDER BY number, time`,
  )
  const [numbers = [], ...found] = result.getColumns()
  const series = new Map<RangeRequest, OneSeries>()
  for (let start = 0; start < numbers.length; ) {
    const number = numbers[start] as number
    let end = start
    while (end < numbers.length && numbers[end] === number) end++
    series.set(asked[number]!, toSeries(tables, found, start, end))
    start = end
  }
  for (const request of asked) if (!series.has(request)) series.set(request, toSeries(tables, [], 0))
  return series
}

async function stage({ connection, points }: ReadingTables, asked: readonly RangeRequest[]): Promise<void> {
  const columns: Column[] = [
    { type: INTEGER, data: Int32Array.from(asked.keys()) },
    { type: INTEGER, at: i => points.ids.get(asked[i]!.point) ?? -1 },
    { type: BIGINT, at: i => BigInt(wholeTime(asked[i]!.from)) },
    { type: BIGINT, at: i => BigInt(wholeTime(asked[i]!.to)) },
  ]
  await connection.run('DELETE FROM range_stage')
  await append(connection, 'range_stage', columns, asked.length)
}

/** The readings of the ranges that are staged. */
function staged(asked: readonly RangeRequest[]): string {
  const { start, end } = outermost(asked.map(({ from, to }) => ({ start: from, end: to })))
  return `(SELECT * FROM reading WHERE ${between(start, end)}) JOIN range_stage
    ON point_id = id AND time >= since AND time < until`
}

/** From the columns of {@link READING}. A result without rows has no columns. */
function toSeries(
  { qualities }: ReadingTables,
  columns: readonly (readonly DuckDBValue[])[],
  start: number,
  end?: number,
): OneSeries {
  const [times = [], nums = [], bools = [], texts = [], qualityIds = [], gatewayTimes = []] = columns.map(
    column => column.slice(start, end),
  )
  return {
    times: times as number[],
    values: nums.map((num, row) => toValue(num, bools[row], texts[row])),
    qualities: qualityIds.map(qualityId => qualities.names[qualityId as number]!),
    gatewayTimes: gatewayTimes as number[],
  }
}

/** In the order of {@link toReading}; as DOUBLE, so that times come as numbers. */
export const READING = 'time::DOUBLE, num, bool, text, quality_id, gateway_time::DOUBLE'

export function toReading(tables: ReadingTables, row: readonly DuckDBValue[]): Omit<Reading, 'point'> {
  const [time, num, bool, text, qualityId, gatewayTime] = row
  return {
    time: time as number,
    value: toValue(num, bool, text),
    quality: tables.qualities.names[qualityId as number]!,
    gatewayTime: gatewayTime as number,
  }
}

function toValue(...fields: (DuckDBValue | undefined)[]): Value {
  return (fields.find(field => field !== null) ?? null) as Value
}

/** As literals: only those let DuckDB skip the blocks that lie outside. */
export function between(from: number, to: number, column = 'time'): string {
  return `${column} >= ${wholeTime(from)} AND ${column} < ${wholeTime(to)}`
}

function wholeTime(time: number): number {
  return Math.max(-8.64e15, Math.min(8.64e15, Math.ceil(time)))
}
