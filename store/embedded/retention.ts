import type { DuckDBConnection } from '@duckdb/node-api'
import { BIGINT, INTEGER, VARCHAR } from '@duckdb/node-api'
import type { Interval } from '../../model/calendar.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { append } from '../duckdb/append.ts'
import { rows, transaction } from '../duckdb/tables.ts'
import { planAggregate } from '../rollup.ts'
import type { BatchPoints } from './named-points.ts'
import type { PackedReadings } from './packed.ts'
import type { ReadingTables } from './reading-tables.ts'

export const RETENTION_TABLES = [
  // Readings of the point from before this time are gone, but for those of hours that a civil day splits.
  `CREATE TABLE IF NOT EXISTS deleted (point_id INTEGER NOT NULL, before BIGINT NOT NULL, count BIGINT NOT NULL,
    deleted_at BIGINT NOT NULL)`,
  // Every point that was ever an index: figures rest on it, whatever the registry says today.
  'CREATE TABLE IF NOT EXISTS index_point (name VARCHAR NOT NULL)',
]

export interface RetentionSettings {
  /** How old readings may become, ms. */
  keepMs: number
  /** Whose readings are deleted then, but for those that were ever an index. */
  points: readonly string[]
}

/** What has been deleted of a point: `count` readings from before a time, the last of them at a time, ms UTC. */
interface Deletion {
  before: number
  count: number
  at: number
}

/** What the worker keeps in mind of it; changed only after a commit. */
export interface Retention {
  readonly keepMs: number
  readonly points: ReadonlySet<string>
  /** What is older is not taken any more, of these points. A start of a day, UTC. */
  limit: number
  readonly deletions: Map<number, Deletion>
  /** No reading from this time on is refused. */
  reach: number
  /** Points that may have readings of before the limit, and from which time on. */
  due: Map<number, number>
  /** Of the day under way, what has not had its turn. */
  slices: Slice[]
}

/** Whole hours of some points. */
interface Slice extends Interval {
  ids: number[]
}

export interface ExpiryOutcome {
  deleted: number
  /** Whether there may be more to delete now. */
  more: boolean
  /** Points of which nothing was deleted, since their rollups do not count their readings. */
  differing: string[]
}

/** Deleted in one transaction, by the average of a day: so many hold up a write for some tens of milliseconds. */
const SLICE_ROWS = 40_000

const startOfDay = (time: number) => Math.floor(time / DAY_MS) * DAY_MS

/** Notes the points that are an index, for good, and reads what has been deleted. */
export async function openRetention(
  connection: DuckDBConnection,
  indexes: readonly string[],
  { keepMs, points }: RetentionSettings = { keepMs: Infinity, points: [] },
): Promise<Retention> {
  const known = new Set((await rows(connection, 'FROM index_point')).map(([name]) => name as string))
  const others = indexes.filter(name => !known.has(name))
  await append(connection, 'index_point', [{ type: VARCHAR, at: i => others[i]! }], others.length)
  const found = await rows(
    connection,
    'SELECT point_id, before::DOUBLE, count::DOUBLE, deleted_at::DOUBLE FROM deleted',
  )
  const deletions = new Map(
    (found as number[][]).map(([id, before, count, at]) => [
      id!,
      { before: before!, count: count!, at: at! },
    ]),
  )
  return {
    keepMs,
    points: new Set(points).difference(known.union(new Set(indexes))),
    limit: -Infinity,
    deletions,
    reach: deletions.values().reduce((reach, { before }) => Math.max(reach, before), -Infinity),
    due: new Map(),
    slices: [],
  }
}

/**
 * For each place of a batch, the time before which no reading of its point is taken: its rollup could not be made
 * again. Undefined where there is none so old.
 */
export function refusedBefore(
  { limit, reach, points, deletions }: Retention,
  { times }: PackedReadings,
  { names, ids }: BatchPoints,
): Float64Array | undefined {
  if (times.every(time => time >= reach)) return undefined
  return Float64Array.from(ids, (id, place) =>
    Math.max(deletions.get(id)?.before ?? -Infinity, points.has(names[place]!) ? limit : -Infinity),
  )
}

/**
 * Takes a step at deleting what is too old: readings of UTC days that are over for their points, and whose hours
 * are all rolled up. By the hub's clock, but never by one that is ahead of every reading.
 */
export async function deleteExpired(
  tables: ReadingTables,
  timeZone: string,
  now: number,
): Promise<ExpiryOutcome> {
  const { retention, latest } = tables
  const limit = startOfDay(Math.min(now, latest.newest()) - retention.keepMs)
  if (limit > retention.limit) {
    retention.due = await findDue(tables, limit)
    retention.slices = []
    retention.limit = limit
    retention.reach = Math.max(retention.reach, limit)
    return { deleted: 0, more: true, differing: [] }
  }
  const slice = retention.slices.shift()
  if (!slice) return countDay(tables, timeZone)
  try {
    return { deleted: await deleteSlice(tables, timeZone, now, slice), more: true, differing: [] }
  } catch (error) {
    retention.slices = []
    throw error
  }
}

/** Looks for the oldest day that has something to delete. A point whose rollups do not count its readings is left. */
async function countDay(tables: ReadingTables, timeZone: string): Promise<ExpiryOutcome> {
  const { connection, retention, points } = tables
  const { due } = retention
  const next = nextDay(tables)
  if (!next) return { deleted: 0, more: false, differing: [] }
  const day = { start: next.start, end: next.start + DAY_MS }
  await fillStage(connection, next.ids)
  const counted = await countReadings(connection, day, timeZone)
  const later = counted.length === 0 && (await firstReadings(connection, day.end, retention.limit))
  for (const id of next.ids) {
    const from = later ? later.get(id) : day.end
    if (from === undefined) due.delete(id)
    else due.set(id, from)
  }
  const differing = counted.filter(({ held, rolledUp }) => held !== rolledUp).map(({ id }) => id)
  for (const id of differing) due.delete(id)
  const even = counted.filter(({ held, rolledUp }) => held === rolledUp)
  for (const { id } of even) due.set(id, day.start)
  retention.slices = [...planSlices(day, even)]
  return { deleted: 0, more: true, differing: differing.map(id => points.names[id]!) }
}

/** By time first: what is written together is dropped together, which costs DuckDB much less. */
function* planSlices(day: Interval, counted: readonly { id: number; held: number }[]): Generator<Slice> {
  const total = counted.reduce((sum, { held }) => sum + held, 0)
  const share = SLICE_ROWS / total
  const lengthMs = Math.min(24, Math.max(1, Math.floor(share * 24))) * HOUR_MS
  const atOnce = Math.ceil(Math.min(1, share * 24) * counted.length)
  for (let start = day.start; start < day.end; start += lengthMs)
    for (let first = 0; first < counted.length; first += atOnce) {
      const ids = counted.slice(first, first + atOnce).map(({ id }) => id)
      yield { start, end: Math.min(start + lengthMs, day.end), ids }
    }
}

/**
 * Deletes the readings of a slice and notes it, in one transaction. None has come since the day was counted, for they
 * are refused. Returns how many.
 */
async function deleteSlice(
  tables: ReadingTables,
  timeZone: string,
  now: number,
  slice: Slice,
): Promise<number> {
  const { connection, retention } = tables
  const deletions = new Map<number, Deletion>()
  const deleted = await transaction(connection, async () => {
    await fillStage(connection, slice.ids)
    const rolledUp = await rows(connection, `FROM (${rolledUpCounts(slice, timeZone)}) ORDER BY 1`)
    for (const [id, held] of rolledUp as [number, number][]) {
      const count = (retention.deletions.get(id)?.count ?? 0) + held
      deletions.set(id, { before: slice.end, count, at: now })
    }
    const expected = (rolledUp as [number, number][]).reduce((sum, [, held]) => sum + held, 0)
    const { rowsChanged } = await connection.run(
      `DELETE FROM reading USING expiring WHERE reading.point_id = expiring.point_id
        AND ${within('time', slice, timeZone)}`,
    )
    if (rowsChanged !== expected)
      throw new Error(`${rowsChanged} readings were to be deleted, but rollups count ${expected}`)
    await fillStage(connection, [...deletions.keys()])
    await connection.run('DELETE FROM deleted USING expiring WHERE deleted.point_id = expiring.point_id')
    await appendDeletions(connection, [...deletions])
    return rowsChanged
  })
  for (const [id, deletion] of deletions) {
    retention.deletions.set(id, deletion)
    tables.firsts.delete(id)
  }
  for (const id of slice.ids) retention.due.set(id, slice.end)
  retention.reach = Math.max(retention.reach, slice.end)
  return deleted
}

/** The oldest day of which something may be deleted now, and the points of which it is the next. */
function nextDay(tables: ReadingTables): { start: number; ids: number[] } | undefined {
  const { due, limit } = tables.retention
  let start = Infinity
  let ids: number[] = []
  for (const [id, from] of due) {
    const day = startOfDay(from)
    if (day > start || day >= limit || !isOver(tables, id, { start: day, end: day + DAY_MS })) continue
    if (day < start) ids = []
    start = day
    ids.push(id)
  }
  return ids.length > 0 ? { start, ids } : undefined
}

/** Whether a day of a point will not change. That of its newest reading stays, and so what is known of the point. */
function isOver({ latest, dirty }: ReadingTables, id: number, day: Interval): boolean {
  return day.end <= startOfDay(latest.time(id)) && dirty.within(id, day).length === 0
}

async function findDue({ connection, points, retention }: ReadingTables, limit: number) {
  const ids = points.names.flatMap((name, id) => (retention.points.has(name) ? [id] : []))
  await fillStage(connection, ids)
  const due = await firstReadings(connection, -8.64e15, limit)
  for (const [id, first] of due) due.set(id, Math.max(first, retention.deletions.get(id)?.before ?? first))
  return due
}

/** Of the points of the stage, the time of the first reading with from <= time < to. */
async function firstReadings(connection: DuckDBConnection, from: number, to: number) {
  const found = await rows(
    connection,
    `SELECT point_id, min(time)::DOUBLE FROM reading SEMI JOIN expiring USING (point_id)
     WHERE time >= ${from} AND time < ${to} GROUP BY 1`,
  )
  return new Map(found as [number, number][])
}

/** How many readings the points of the stage have, and how many their rollups say. */
async function countReadings(connection: DuckDBConnection, day: Interval, timeZone: string) {
  const found = await rows(
    connection,
    `WITH held AS (SELECT point_id, count(*) AS count FROM reading SEMI JOIN expiring USING (point_id)
       WHERE ${within('time', day, timeZone)} GROUP BY 1),
     rolled AS (${rolledUpCounts(day, timeZone)})
     SELECT point_id, held.count::DOUBLE, coalesce(rolled.count, 0)
     FROM held LEFT JOIN rolled USING (point_id) ORDER BY 1`,
  )
  return (found as number[][]).map(([id, held, rolledUp]) => ({ id: id!, held: held!, rolledUp: rolledUp! }))
}

/** How many readings the rollups of the points of the stage count, but for those that are deleted already. */
function rolledUpCounts(span: Interval, timeZone: string): string {
  return `SELECT point_id, sum(rollup_hour.count)::DOUBLE AS count FROM rollup_hour SEMI JOIN expiring USING (point_id)
    LEFT JOIN deleted USING (point_id)
    WHERE ${within('hour', span, timeZone)} AND hour >= coalesce(before, hour) GROUP BY 1`
}

/** But for the hours that a civil day splits: days are made of their readings. */
function within(column: string, { start, end }: Interval, timeZone: string): string {
  const split = planAggregate('day', start, end, timeZone).raw
  return [
    `${column} >= ${start} AND ${column} < ${end}`,
    ...split.map(hour => `NOT (${column} >= ${hour.start} AND ${column} < ${hour.end})`),
  ].join(' AND ')
}

async function fillStage(connection: DuckDBConnection, ids: readonly number[]): Promise<void> {
  await connection.run('CREATE OR REPLACE TEMP TABLE expiring (point_id INTEGER)')
  await append(connection, 'expiring', [{ type: INTEGER, at: i => ids[i]! }], ids.length)
}

async function appendDeletions(connection: DuckDBConnection, deletions: readonly [number, Deletion][]) {
  const bigint = (of: (deletion: Deletion) => number) => ({
    type: BIGINT,
    at: (i: number) => BigInt(of(deletions[i]![1])),
  })
  const columns = [
    { type: INTEGER, at: (i: number) => deletions[i]![0] },
    bigint(({ before }) => before),
    bigint(({ count }) => count),
    bigint(({ at }) => at),
  ]
  await append(connection, 'deleted', columns, deletions.length)
}
