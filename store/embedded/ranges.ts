import type { DuckDBValue } from '@duckdb/node-api'
import { BIGINT, INTEGER } from '@duckdb/node-api'
import type { Reading, ReadingColumns, Value } from '../../model/reading.ts'
import { append, type Column } from '../duckdb/append.ts'
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
  'CREATE OR REPLACE TEMP TABLE range_stage (number INTEGER, id INTEGER, since BIGINT, until BIGINT, most BIGINT)'

/** So few are found sooner by looking from the beginning. */
const FEW = 100

/** The readings of each range, ascending: one look at the table for all those that ask for many. */
export async function readRanges(
  tables: ReadingTables,
  asked: readonly RangeRequest[],
): Promise<OneSeries[]> {
  const many = asked.filter(({ limit = Infinity }) => limit >= FEW)
  const together = many.length > 1 ? await readTogether(tables, many) : new Map<RangeRequest, OneSeries>()
  const found: OneSeries[] = []
  for (const request of asked) found.push(together.get(request) ?? (await readAlone(tables, request)))
  return found
}

async function readAlone(tables: ReadingTables, { point, from, to, limit }: RangeRequest) {
  const id = tables.points.ids.get(point) ?? -1
  const result = await tables.connection.runAndReadAll(
    `SELECT ${READING} FROM reading WHERE point_id = ${id} AND ${between(from, to)}
     ORDER BY time ${limit === undefined ? '' : `LIMIT ${limit}`}`,
  )
  return toSeries(tables, result.getColumns(), 0)
}

async function readTogether(tables: ReadingTables, asked: readonly RangeRequest[]) {
  const { connection, points } = tables
  const columns: Column[] = [
    { type: INTEGER, data: Int32Array.from(asked.keys()) },
    { type: INTEGER, at: i => points.ids.get(asked[i]!.point) ?? -1 },
    { type: BIGINT, at: i => BigInt(wholeTime(asked[i]!.from)) },
    { type: BIGINT, at: i => BigInt(wholeTime(asked[i]!.to)) },
    { type: BIGINT, at: i => BigInt(asked[i]!.limit ?? Number.MAX_SAFE_INTEGER) },
  ]
  await connection.run('DELETE FROM range_stage')
  await append(connection, 'range_stage', columns, asked.length)
  const from = asked.reduce((least, request) => Math.min(least, request.from), Infinity)
  const to = asked.reduce((most, request) => Math.max(most, request.to), -Infinity)
  const result = await connection.runAndReadAll(
    `SELECT number, ${READING} FROM reading JOIN range_stage ON point_id = id AND time >= since AND time < until
     WHERE ${between(from, to)} QUALIFY row_number() OVER (PARTITION BY number ORDER BY time) <= most
     ORDER BY number, time`,
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
