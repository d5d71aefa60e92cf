import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { BIGINT, INTEGER } from '@duckdb/node-api'
import type { Interval } from '../../model/calendar.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { startOfHour } from '../dirty-hours.ts'
import { append, type Column } from '../duckdb/append.ts'
import { rows, transaction } from '../duckdb/tables.ts'
import type { Part, Stretch } from '../rollup.ts'
import { insideSpans, joinSpans } from '../spans.ts'
import type { ReadingTables } from './reading-tables.ts'
import { appendDirty } from './write.ts'

/** A slice of the refresh holds up other calls for some tens of milliseconds. */
const SLICE_MS = 10 * DAY_MS
const SLICE_POINTS = 1_000
/** Each slice looks at every dirty point, so that there must not be the more of them the more points there are. */
const MOST_SLICES = 50

const NUMERIC = 'coalesce(num, bool::DOUBLE)'
/** In the order of the columns of `rollup_hour`. */
export const STATISTICS = `count(*)::INTEGER, (count(num) + count(bool) + count(text))::INTEGER,
  count(${NUMERIC})::INTEGER, sum(${NUMERIC}), min(${NUMERIC}), max(${NUMERIC}),
  arg_min(${NUMERIC}, time), arg_max(${NUMERIC}, time)`

/** Parts made of the readings of a point in some spans, each `grain` ms long. */
export async function rawParts(
  connection: DuckDBConnection,
  point: number,
  spans: readonly Interval[],
  grain: number,
): Promise<Part[]> {
  if (spans.length === 0) return []
  const values = spans.map(({ start, end }) => `(${start}, ${end})`).join(', ')
  const found = await rows(
    connection,
    `SELECT (time // ${grain} * ${grain})::DOUBLE, ${STATISTICS} FROM reading
     JOIN (VALUES ${values}) span(start, stop) ON time >= span.start AND time < span.stop
     WHERE point_id = ${point} AND time >= ${spans[0]!.start} AND time < ${spans.at(-1)!.end}
     GROUP BY 1`,
  )
  return found.map(toPart)
}

/** The rollups of the hours that begin in some spans, but for those in others. */
export async function hourParts(
  connection: DuckDBConnection,
  point: number,
  spans: readonly Interval[],
  except: readonly Interval[],
): Promise<Part[]> {
  if (spans.length === 0) return []
  const found = await rows(
    connection,
    `SELECT hour::DOUBLE, count, valid, numbers, sum, min, max, first, last FROM rollup_hour
     WHERE point_id = ${point} AND ${beginsIn(spans)}`,
  )
  return found.map(toPart).filter(part => !insideSpans(except, part.start))
}

/** The rollups of the hours of some stretches, joined into their buckets. */
export async function joinedHours(
  connection: DuckDBConnection,
  point: number,
  stretches: readonly Stretch[],
): Promise<Part[]> {
  if (stretches.length === 0) return []
  const shifts = stretches.map(({ end, shift }) => `WHEN hour < ${end} THEN ${shift}`).join(' ')
  const found = await rows(
    connection,
    `SELECT min(hour)::DOUBLE, sum(count)::DOUBLE, sum(valid)::DOUBLE, sum(numbers)::DOUBLE,
       sum(sum), min(min), max(max), arg_min(first, hour), arg_max(last, hour) FROM rollup_hour
     WHERE point_id = ${point} AND ${beginsIn(joinSpans(stretches))}
     GROUP BY (hour - CASE ${shifts} END) // ${DAY_MS}`,
  )
  return found.map(toPart)
}

/** As literals, with the outermost ones apart: only those let DuckDB skip the blocks that lie outside. */
function beginsIn(spans: readonly Interval[]): string {
  const inside = ({ start, end }: Interval) => `hour >= ${start} AND hour < ${end}`
  const outer = inside({ start: spans[0]!.start, end: spans.at(-1)!.end })
  return spans.length === 1 ? outer : `${outer} AND (${spans.map(inside).join(' OR ')})`
}

/**
 * Rolls up a slice of the dirty hours, those before the newest reading's: an hour that still fills is
 * answered from its readings. Returns false when nothing is left to do.
 */
export async function refreshRollups({ connection, dirty, latest }: ReadingTables): Promise<boolean> {
  const over = (point: number) => startOfHour(latest.time(point))
  const slice = dirty.oldest(over, SLICE_MS, Math.max(SLICE_POINTS, dirty.points / MOST_SLICES))
  if (slice.length === 0) return false
  const start = Math.min(...slice.map(span => span.start))
  const end = Math.max(...slice.map(span => span.end))
  const columns: Column[] = [
    { type: INTEGER, at: i => slice[i]!.point },
    { type: BIGINT, at: i => BigInt(slice[i]!.start) },
    { type: BIGINT, at: i => BigInt(slice[i]!.end) },
  ]

  for (const span of slice) dirty.remove(span)
  try {
    await transaction(connection, async () => {
      await connection.run('CREATE OR REPLACE TEMP TABLE slice (point_id INTEGER, start BIGINT, stop BIGINT)')
      await append(connection, 'slice', columns, slice.length)
      await connection.run(`DELETE FROM rollup_hour USING slice WHERE rollup_hour.point_id = slice.point_id
        AND hour >= slice.start AND hour < slice.stop AND hour >= ${start} AND hour < ${end}`)
      await connection.run(`INSERT INTO rollup_hour
        SELECT reading.point_id, time // ${HOUR_MS} * ${HOUR_MS} AS hour, ${STATISTICS}
        FROM reading JOIN slice
          ON reading.point_id = slice.point_id AND time >= slice.start AND time < slice.stop
        WHERE time >= ${start} AND time < ${end} GROUP BY 1, 2 ORDER BY 1, 2`)
      await connection.run('DELETE FROM dirty_hours')
      await appendDirty(connection, [...dirty.all()])
    })
  } catch (error) {
    for (const span of slice) dirty.add(span)
    throw error
  }
  return true
}

function toPart(row: readonly DuckDBValue[]): Part {
  const [start, count, valid, numbers, sum, min, max, first, last] = row as number[]
  return {
    start: start!,
    count: count!,
    valid: valid!,
    numbers: numbers!,
    sum: sum!,
    min: min!,
    max: max!,
    first: first!,
    last: last!,
  }
}
