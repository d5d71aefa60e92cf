import type { Interval } from '../../model/calendar.ts'
import type { Reading } from '../../model/reading.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import type { SeriesExtent } from '../readings.ts'
import type { Part, RollupParts } from '../rollup.ts'
import type { Connection } from './connection.ts'
import {
  type CarryingPosition,
  HOUR_FIELDS,
  JOINED_HOURS,
  LEDGER_FIELDS,
  POSITION_FIELDS,
  quoted,
  READING_FIELDS,
  STATISTICS,
  toHour,
  toHourCounts,
  toPart,
  toPosition,
  toReading,
} from './line-protocol.ts'

/** A longer OR makes InfluxQL slow. */
const POINTS_PER_STATEMENT = 100

/** What InfluxDB can name: 1677 to 2262. */
const TIME_LIMIT_MS = 9.2e12

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

/** Every point, with its first and its newest time. */
export async function readSeries(connection: Connection): Promise<SeriesExtent[]> {
  const statement = (order: string) =>
    `SELECT ${READING_FIELDS} FROM "reading" GROUP BY "point" ORDER BY time ${order} LIMIT 1`
  const [first, last] = await connection.query([statement('ASC'), statement('DESC')])
  const newest = new Map(last!.map(({ tags, rows }) => [tags.point!, rows[0]![0] as number]))
  return first!.map(({ tags, rows }) => {
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

/** The rollups of a point, also those that are out of date: of hours, and of hours joined into their buckets. */
export async function readRollups(
  connection: Connection,
  point: string,
  { joined, hours }: RollupParts,
): Promise<Part[]> {
  const from = (fields: string, span: Interval) =>
    `SELECT ${fields} FROM "rollup_hour" WHERE "point" = ${quoted(point)} AND ${between(span)}`
  const answers = await connection.query([
    ...joined.map(stretch => {
      const offset = ((stretch.shift % DAY_MS) + DAY_MS) % DAY_MS
      return `${from(JOINED_HOURS, stretch)} GROUP BY time(${DAY_MS}ms, ${offset}ms) fill(none)`
    }),
    ...hours.map(span => from(HOUR_FIELDS, span)),
  ])
  return answers.flat().flatMap(({ rows }) => rows.map(toHour))
}

/** The hours of some points whose rollup is out of date. */
export async function readDirtyHours(
  connection: Connection,
  points: readonly string[],
  interval: Interval = { start: -Infinity, end: Infinity },
) {
  const statements = byPoints(points, names => {
    const found = `SELECT "dirty" FROM "rollup_hour" WHERE ${names} AND ${between(interval)}`
    return `${found} AND "dirty" = true GROUP BY "point"`
  })
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

function between({ start, end }: Interval): string {
  const literal = (time: number) => Math.max(-TIME_LIMIT_MS, Math.min(TIME_LIMIT_MS, Math.ceil(time)))
  return `time >= ${literal(start)}ms AND time < ${literal(end)}ms`
}
