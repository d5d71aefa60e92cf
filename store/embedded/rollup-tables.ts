import type { DuckDBConnection } from '@duckdb/node-api'
import { BIGINT, INTEGER } from '@duckdb/node-api'
import { periodsBetween } from '../../model/calendar.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { type DirtySpan, startOfHour } from '../dirty-hours.ts'
import { append, type Column } from '../duckdb/append.ts'
import { rows, transaction } from '../duckdb/tables.ts'
import { outermost } from '../spans.ts'
import { completeDays, daysOf, hasWholeHours } from '../whole-days.ts'
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

/** The same, of the hours of a day. */
const JOINED = `sum(count)::INTEGER, sum(valid)::INTEGER, sum(numbers)::INTEGER, sum(sum), min(min), max(max),
  arg_min(first, hour), arg_max(last, hour)`

/**
 * Rolls up a slice of the dirty hours, those before the newest reading's: an hour that still fills is
 * answered from its readings. And the days that are complete with them: a day that holds a reading and of which no hour
 * is dirty always has its row. Returns false when nothing is left to do.
 */
export async function refreshRollups(
  { connection, dirty, latest }: ReadingTables,
  timeZone: string,
): Promise<boolean> {
  const over = (point: number) => startOfHour(latest.time(point))
  const slice = dirty.oldest(over, SLICE_MS, Math.max(SLICE_POINTS, dirty.points / MOST_SLICES))
  if (slice.length === 0) return false

  for (const span of slice) dirty.remove(span)
  try {
    const days = completeDays(daysOf(slice, timeZone), dirty)
    await transaction(connection, async () => {
      await rollUpHours(connection, slice)
      await rollUpDays(connection, days)
      await connection.run('DELETE FROM dirty_hours')
      await appendDirty(connection, [...dirty.all()])
    })
  } catch (error) {
    for (const span of slice) dirty.add(span)
    throw error
  }
  return true
}

async function rollUpHours(connection: DuckDBConnection, spans: readonly DirtySpan<number>[]) {
  const inside = await stage(connection, spans)
  await connection.run(`DELETE FROM rollup_hour USING slice WHERE rollup_hour.point_id = slice.point_id
    AND hour >= slice.start AND hour < slice.stop AND ${inside('hour')}`)
  await connection.run(`INSERT INTO rollup_hour
    SELECT reading.point_id, time // ${HOUR_MS} * ${HOUR_MS} AS hour, ${STATISTICS}
    FROM reading JOIN slice
      ON reading.point_id = slice.point_id AND time >= slice.start AND time < slice.stop
    WHERE ${inside('time')} GROUP BY 1, 2 ORDER BY 1, 2`)
}

async function rollUpDays(connection: DuckDBConnection, days: readonly DirtySpan<number>[]) {
  if (days.length === 0) return
  const inside = await stage(connection, days)
  await connection.run(`DELETE FROM rollup_day USING slice WHERE rollup_day.point_id = slice.point_id
    AND rollup_day.start = slice.start AND ${inside('rollup_day.start')}`)
  await connection.run(`INSERT INTO rollup_day
    SELECT slice.point_id, slice.start, ${JOINED} FROM rollup_hour JOIN slice
      ON rollup_hour.point_id = slice.point_id AND hour >= slice.start AND hour < slice.stop
    WHERE ${inside('hour')} GROUP BY 1, 2 ORDER BY 1, 2`)
}

/** Fills the table `slice`; returns the outermost bounds of a column, as literals. */
async function stage(
  connection: DuckDBConnection,
  spans: readonly DirtySpan<number>[],
): Promise<(column: string) => string> {
  const { start, end } = outermost(spans)
  const columns: Column[] = [
    { type: INTEGER, at: i => spans[i]!.point },
    { type: BIGINT, at: i => BigInt(spans[i]!.start) },
    { type: BIGINT, at: i => BigInt(spans[i]!.end) },
  ]
  await connection.run('CREATE OR REPLACE TEMP TABLE slice (point_id INTEGER, start BIGINT, stop BIGINT)')
  await append(connection, 'slice', columns, spans.length)
  return column => `${column} >= ${start} AND ${column} < ${end}`
}

/** Makes the rollups of days anew where they are those of another time zone, or of none. */
export async function keepDaysOf(connection: DuckDBConnection, timeZone: string): Promise<void> {
  const [kept] = await rows(connection, 'SELECT time_zone FROM rollup_zone')
  if (kept?.[0] === timeZone) return
  const calendar = await calendarOf(connection, timeZone)
  await transaction(connection, async () => {
    await connection.run('DELETE FROM rollup_day')
    await connection.run(`INSERT INTO rollup_day ${daysOfHours(calendar)} ORDER BY 1, 2`)
    await connection.run('DELETE FROM rollup_zone')
    await connection.run('INSERT INTO rollup_zone VALUES ($1)', [timeZone])
  })
}

/** The civil days of the hours that are rolled up, those that have whole hours: a query with `start` and `stop`. */
export async function calendarOf(connection: DuckDBConnection, timeZone: string): Promise<string> {
  const extent = 'SELECT min(hour)::DOUBLE, max(hour)::DOUBLE FROM rollup_hour'
  const [[first, last] = [null, null]] = (await rows(connection, extent)) as (number | null)[][]
  const days = first === null ? [] : periodsBetween('day', first!, last! + HOUR_MS, timeZone)
  const whole = days.filter(hasWholeHours)
  const list = (times: number[]) => `unnest([${times}]::BIGINT[])`
  return `SELECT ${list(whole.map(day => day.start))} AS start, ${list(whole.map(day => day.end))} AS stop`
}

/** A query for the rollups of all days of a calendar, also of those with hours that are out of date. */
export function daysOfHours(calendar: string): string {
  return `SELECT point_id, day.start, ${JOINED} FROM rollup_hour ASOF JOIN (${calendar}) day ON hour >= day.start
    WHERE hour < stop GROUP BY 1, 2`
}
