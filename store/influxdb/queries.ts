import type { Interval } from '../../model/calendar.ts'
import type { Reading } from '../../model/reading.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { DirtySpan } from '../dirty-hours.ts'
import type { SeriesExtent } from '../readings.ts'
import type { Part } from '../rollup.ts'
import type { Cell, Connection } from './connection.ts'
import {
  between,
  type CarryingPosition,
  LEDGER_FIELDS,
  MARK_TIME,
  POSITION_FIELDS,
  quoted,
  READING_FIELDS,
  ROLLUP_FIELDS,
  STATISTICS,
  toHourCounts,
  toPart,
  toPosition,
  toReading,
  toRollup,
} from './line-protocol.ts'

/** A longer OR makes InfluxQL slow. */
const POINTS_PER_STATEMENT = 100

export async function readPositions(connection: Connection, sender?: string): Promise<CarryingPosition[]> {
  const ofSender = sender === undefined ? '' : `WHERE "sender" = ${quoted(sender)}`
  // Buckets of an older version have them at another time as well.
  const statement = `SELECT ${POSITION_FIELDS} FROM "position" ${ofSender}
    GROUP BY "sender", "stream", "run" ORDER BY time DESC LIMIT 1`
  const [series] = await connection.query([statement])
  return series!.map(({ tags, rows }) => toPosition(tags, rows[0]!))
}

/** The hours of the ledger that begin in an interval; asks nothing when it is empty. */
export async function readLedger(connection: Connection, interval: Interval, sender?: string) {
  if (interval.end <= interval.start) return []
  const ofSender = sender === undefined ? '' : ` AND "sender" = ${quoted(sender)}`
  const statement = `SELECT ${LEDGER_FIELDS} FROM "ledger" WHERE ${between(interval)}${ofSender}
    GROUP BY "sender", "stream"`
  const [series] = await connection.query([statement])
  return series!.flatMap(({ tags, rows }) => rows.map(row => toHourCounts(tags, row)))
}

/** Every point, or those of some, with its first and its newest time. */
export async function readSeries(
  connection: Connection,
  points?: readonly string[],
): Promise<SeriesExtent[]> {
  const statements = (order: string) => {
    const select = (names: string) =>
      `SELECT ${READING_FIELDS} FROM "reading" ${names} GROUP BY "point" ORDER BY time ${order} LIMIT 1`
    return points ? byPoints(points, names => select(`WHERE ${names}`)) : [select('')]
  }
  const first = await connection.query(statements('ASC'))
  const last = await connection.query(statements('DESC'))
  const newest = new Map(last.flat().map(({ tags, rows }) => [tags.point!, rows[0]![0] as number]))
  return first.flat().map(({ tags, rows }) => {
    const time = rows[0]![0] as number
    return { point: tags.point!, first: time, last: newest.get(tags.point!) ?? time }
  })
}

export async function readLatest(connection: Connection, points: readonly string[]): Promise<Reading[]> {
  const statements = byPoints(points, names => {
    return `SELECT ${READING_FIELDS} FROM "reading" WHERE ${names} GROUP BY "point" ORDER BY time DESC LIMIT 1`
  })
  const answers = await connection.query(statements)
  return answers.flat().map(({ tags, rows }) => toReading(tags.point!, rows[0]!))
}

export async function readRange(
  connection: Connection,
  points: readonly string[],
  interval: Interval,
  limit?: number,
): Promise<Reading[]> {
  if (limit === 0) return []
  const statements = byPoints(points, names => {
    const found = `SELECT ${READING_FIELDS} FROM "reading" WHERE ${names} AND ${between(interval)}`
    return `${found} GROUP BY "point"${limit === undefined ? '' : ` LIMIT ${limit}`}`
  })
  const answers = await connection.query(statements)
  return answers.flat().flatMap(({ tags, rows }) => rows.map(row => toReading(tags.point!, row)))
}

/** Parts made of the readings of a point in some spans, each `grain` ms long. */
export async function rawParts(
  connection: Connection,
  point: string,
  spans: readonly Interval[],
  grain: number,
): Promise<Part[]> {
  const statements = spans.map(span => {
    return `SELECT ${STATISTICS} FROM "reading" WHERE "point" = ${quoted(point)} AND ${between(span)}
      GROUP BY time(${grain}ms) fill(none)`
  })
  const answers = await connection.query(statements)
  return answers.flat().flatMap(({ rows }) => rows.map(toPart))
}

/** Hours made of the readings of some points, by point. */
export async function rawHours(
  connection: Connection,
  points: readonly string[],
  interval: Interval,
): Promise<Map<string, Part[]>> {
  const statements = byPoints(points, names => {
    return `SELECT ${STATISTICS} FROM "reading" WHERE ${names} AND ${between(interval)}
      GROUP BY "point", time(${HOUR_MS}ms) fill(none)`
  })
  const answers = await connection.query(statements)
  return new Map(answers.flat().map(({ tags, rows }) => [tags.point!, rows.map(toPart)]))
}

/** The rollups of the hours of some points that begin in some spans, also those that are out of date, by point. */
export async function readHours(
  connection: Connection,
  points: readonly string[],
  spans: readonly Interval[],
): Promise<Map<string, Part[]>> {
  const statements = spans.flatMap(span =>
    byPoints(points, names => {
      const found = `SELECT ${ROLLUP_FIELDS} FROM "rollup_hour" WHERE ${names} AND ${between(span)}`
      return `${found} GROUP BY "point"`
    }),
  )
  const hours = new Map<string, Part[]>()
  for (const { tags, rows } of (await connection.query(statements)).flat()) {
    const parts = rows.map(row => toRollup(row)).filter(part => part.count > 0)
    hours.set(tags.point!, [...(hours.get(tags.point!) ?? []), ...parts])
  }
  return hours
}

export interface Days {
  parts: Part[]
  /** Starts of the days that are out of date. */
  dirty: number[]
}

/** The rollups of a point's days that begin in a span; undefined where they are not those of this time zone. */
export async function readDays(
  connection: Connection,
  point: string,
  span: Interval,
  timeZone: string,
): Promise<Days | undefined> {
  const ofPoint = `FROM "rollup_day" WHERE "point" = ${quoted(point)}`
  const [mark, days] = await connection.query([
    `SELECT "time_zone" ${ofPoint} AND time = ${MARK_TIME}ms`,
    `SELECT ${ROLLUP_FIELDS}, "dirty" ${ofPoint} AND ${between(span)}`,
  ])
  if (mark![0]?.rows[0]?.[1] !== timeZone) return undefined
  const rows = days![0]?.rows ?? []
  const isDirty = (row: readonly Cell[]) => row.at(-1) === true
  return {
    parts: rows
      .filter(row => !isDirty(row))
      .map(toRollup)
      .filter(part => part.count > 0),
    dirty: rows.filter(isDirty).map(([start]) => start as number),
  }
}

/** Of some points those whose days are those of this time zone. */
export async function readDaysMade(
  connection: Connection,
  points: readonly string[],
  timeZone: string,
): Promise<Set<string>> {
  const statements = byPoints(points, names => {
    return `SELECT "time_zone" FROM "rollup_day" WHERE ${names} AND time = ${MARK_TIME}ms GROUP BY "point"`
  })
  const answers = await connection.query(statements)
  const made = answers.flat().filter(({ rows }) => rows[0]![1] === timeZone)
  return new Set(made.map(({ tags }) => tags.point!))
}

/** The hours of some points whose rollup is out of date, of those that begin in some spans. */
export async function readDirtyHours(
  connection: Connection,
  points: readonly string[],
  spans: readonly Interval[],
): Promise<DirtySpan<string>[]> {
  const statements = spans.flatMap(span =>
    byPoints(points, names => {
      const found = `SELECT "dirty" FROM "rollup_hour" WHERE ${names} AND ${between(span)}`
      return `${found} AND "dirty" = true GROUP BY "point"`
    }),
  )
  const answers = await connection.query(statements)
  return answers.flat().flatMap(({ tags, rows }) => {
    return rows.map(([hour]) => ({
      point: tags.point!,
      start: hour as number,
      end: (hour as number) + HOUR_MS,
    }))
  })
}

function byPoints(points: readonly string[], statement: (names: string) => string): string[] {
  const statements: string[] = []
  for (let first = 0; first < points.length; first += POINTS_PER_STATEMENT) {
    const names = points.slice(first, first + POINTS_PER_STATEMENT).map(point => `"point" = ${quoted(point)}`)
    statements.push(statement(`(${names.join(' OR ')})`))
  }
  return statements
}
