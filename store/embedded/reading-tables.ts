import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type { StreamPosition } from '../../model/delivery.ts'
import type { LedgerEntry } from '../../model/ledger.ts'
import type { QualityCode } from '../../model/quality.ts'
import type { Reading, ReadingColumns, Value } from '../../model/reading.ts'
import { DirtyHours } from '../dirty-hours.ts'
import { createTables, rows } from '../duckdb/tables.ts'
import { KnownPositions } from '../known-positions.ts'
import type { AggregateBy, DeletedReadings, SeriesExtent, WriteOutcome } from '../readings.ts'
import { joinParts, planAggregate, planRollups } from '../rollup.ts'
import { joinSpans } from '../spans.ts'
import { LatestReadings } from './latest-readings.ts'
import { compactLedger, LEDGER_TABLE, type LedgerGrowth, readLedger, UNKNOWN_GROWTH } from './ledger-table.ts'
import { NamedPoints } from './named-points.ts'
import type { PackedReadings } from './packed.ts'
import { packAggregates } from './packed-aggregates.ts'
import {
  deleteExpired,
  type ExpiryOutcome,
  openRetention,
  RETENTION_TABLES,
  type Retention,
  type RetentionSettings,
} from './retention.ts'
import { dayParts, hourParts, keepDaysOf, rawParts, refreshRollups } from './rollup-tables.ts'
import { STAGES, writeReadings } from './write.ts'

export const READING_TABLES_VERSION = 4

/**
 * (point_id, time) is the key of a reading, and nothing enforces it but `writeReadings`: an index would
 * make the file 20 times as large. Times are ms UTC.
 */
const TABLES = [
  'CREATE TABLE IF NOT EXISTS point (id INTEGER NOT NULL, name VARCHAR NOT NULL)',
  'CREATE TABLE IF NOT EXISTS quality (id SMALLINT NOT NULL, code VARCHAR NOT NULL)',
  `CREATE TABLE IF NOT EXISTS reading (point_id INTEGER NOT NULL, time BIGINT NOT NULL, num DOUBLE, bool BOOLEAN,
    text VARCHAR, quality_id SMALLINT NOT NULL, gateway_time BIGINT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS rollup_hour (point_id INTEGER NOT NULL, hour BIGINT NOT NULL, count INTEGER NOT NULL,
    valid INTEGER NOT NULL, numbers INTEGER NOT NULL, sum DOUBLE, min DOUBLE, max DOUBLE,
    first DOUBLE, last DOUBLE)`,
  // By the civil days of `rollup_zone`, those that have whole hours. A day with an hour that is out of date may be as well.
  `CREATE TABLE IF NOT EXISTS rollup_day (point_id INTEGER NOT NULL, start BIGINT NOT NULL, count INTEGER NOT NULL,
    valid INTEGER NOT NULL, numbers INTEGER NOT NULL, sum DOUBLE, min DOUBLE, max DOUBLE,
    first DOUBLE, last DOUBLE)`,
  'CREATE TABLE IF NOT EXISTS rollup_zone (time_zone VARCHAR NOT NULL)',
  // Whole hours [start, stop) whose rollup is missing or out of date.
  'CREATE TABLE IF NOT EXISTS dirty_hours (point_id INTEGER NOT NULL, start BIGINT NOT NULL, stop BIGINT NOT NULL)',
  `CREATE TABLE IF NOT EXISTS position (sender VARCHAR, stream VARCHAR, run VARCHAR, up_to BIGINT NOT NULL,
    ranges VARCHAR NOT NULL, PRIMARY KEY (sender, stream, run))`,
  LEDGER_TABLE,
  ...RETENTION_TABLES,
]

/** A table of names, whole in memory. */
export interface Dictionary<T extends string> {
  ids: Map<T, number>
  names: T[]
}

/** What the worker keeps in memory beside the file; changed only after a commit. */
export interface ReadingTables {
  connection: DuckDBConnection
  points: Dictionary<string>
  qualities: Dictionary<QualityCode>
  latest: LatestReadings
  /** The points that were named in what was written. */
  named: NamedPoints
  dirty: DirtyHours<number>
  positions: KnownPositions
  ledgerGrowth: LedgerGrowth
  retention: Retention
}

/** Readings of one point, as columns: those cross threads several times faster than objects. */
export type OneSeries = Omit<ReadingColumns, 'points'>

export interface ReadingOperations {
  write(
    readings: PackedReadings,
    positions: readonly StreamPosition[],
    ledger: readonly LedgerEntry[],
  ): Promise<WriteOutcome>
  positions(): Promise<StreamPosition[]>
  ledger(from: number, to: number, sender?: string): Promise<LedgerEntry[]>
  latest(points: readonly string[]): Promise<Reading[]>
  series(): Promise<SeriesExtent[]>
  range(point: string, from: number, to: number, limit?: number): Promise<OneSeries>
  /** As {@link packAggregates} packs them. */
  aggregate(point: string, by: AggregateBy, from: number, to: number): Promise<Float64Array>
  /** Rolls up some of the hours that are over, and compacts the ledger; true when there may be more. */
  refreshRollups(): Promise<boolean>
  /** Deletes some of what is too old at a time, ms UTC. */
  deleteExpired(now: number): Promise<ExpiryOutcome>
  deleted(point?: string): Promise<DeletedReadings[]>
}

/** Makes what a file lacks. */
export function createReadingTables(connection: DuckDBConnection, file: string): Promise<void> {
  return createTables(connection, file, READING_TABLES_VERSION, TABLES)
}

export async function openTables(
  connection: DuckDBConnection,
  file: string,
  {
    timeZone,
    indexes = [],
    retention,
  }: { timeZone: string; indexes?: readonly string[]; retention?: RetentionSettings },
): Promise<ReadingOperations> {
  await createReadingTables(connection, file)
  await keepDaysOf(connection, timeZone)
  for (const stage of STAGES) await connection.run(stage)
  const tables: ReadingTables = {
    connection,
    points: await loadDictionary(connection, 'SELECT id, name FROM point ORDER BY id'),
    qualities: await loadDictionary(connection, 'SELECT id, code FROM quality ORDER BY id'),
    latest: new LatestReadings(),
    named: new NamedPoints(),
    dirty: new DirtyHours(),
    positions: new KnownPositions(await readPositions(connection)),
    ledgerGrowth: UNKNOWN_GROWTH,
    retention: await openRetention(connection, indexes, retention),
  }
  const newest = `SELECT point_id, ${READING} FROM reading
    SEMI JOIN (SELECT point_id, max(time) AS time FROM reading GROUP BY point_id) USING (point_id, time)`
  for (const [id, ...row] of await rows(connection, newest)) {
    const { time, value, quality, gatewayTime } = toReading(tables, row)
    tables.latest.set(id as number, time, value, quality, gatewayTime)
  }
  const dirty = 'SELECT point_id, start::DOUBLE, stop::DOUBLE FROM dirty_hours'
  for (const [point, start, end] of (await rows(connection, dirty)) as number[][]) {
    tables.dirty.add({ point: point!, start: start!, end: end! })
  }

  return {
    write: (readings, positions, ledger) => writeReadings(tables, readings, positions, ledger),
    positions: () => readPositions(connection),
    ledger: (from, to, sender) => readLedger(connection, between(from, to, 'hour'), sender),
    async latest(points) {
      return points.flatMap(point => {
        const id = tables.points.ids.get(point)
        return (id !== undefined && tables.latest.get(id, point)) || []
      })
    },
    async series() {
      const extents = 'SELECT point_id, min(time)::DOUBLE, max(time)::DOUBLE FROM reading GROUP BY point_id'
      const found = (await rows(connection, extents)) as number[][]
      return found.map(([id, first, last]) => ({
        point: tables.points.names[id!]!,
        first: first!,
        last: last!,
      }))
    },
    async range(point, from, to, limit) {
      const id = tables.points.ids.get(point)
      const result = await connection.runAndReadAll(
        `SELECT ${READING} FROM reading WHERE point_id = ${id ?? -1} AND ${between(from, to)}
         ORDER BY time ${limit === undefined ? '' : `LIMIT ${limit}`}`,
      )
      // A result without rows has no columns.
      const [times = [], nums = [], bools, texts, qualityIds = [], gatewayTimes = []] = result.getColumns()
      return {
        times: times as number[],
        values: nums.map((num, row) => toValue(num, bools![row], texts![row])),
        qualities: qualityIds.map(qualityId => tables.qualities.names[qualityId as number]!),
        gatewayTimes: gatewayTimes as number[],
      }
    },
    async aggregate(point, by, from, to) {
      const id = tables.points.ids.get(point)
      if (id === undefined || to <= from) return packAggregates([])
      const plan = planAggregate(by, from, to, timeZone)
      const raw = joinSpans([...plan.raw, ...tables.dirty.within(id, plan)])
      const { days, hours } = planRollups(plan, raw)
      const parts = [
        ...(await dayParts(connection, id, days, hours)),
        ...(await hourParts(connection, id, hours, raw)),
        ...(await rawParts(connection, id, raw, plan.grain)),
      ]
      return packAggregates(joinParts(parts, plan.bucketOf))
    },
    async refreshRollups() {
      await compactLedger(tables)
      return refreshRollups(tables, timeZone)
    },
    deleteExpired: now => deleteExpired(tables, timeZone, now),
    async deleted(point) {
      const { deletions } = tables.retention
      const ids = point === undefined ? deletions.keys() : [tables.points.ids.get(point) ?? -1]
      return [...ids].flatMap(id => {
        const deletion = deletions.get(id)
        return deletion ? [{ point: tables.points.names[id]!, ...deletion }] : []
      })
    },
  }
}

/** In the order of {@link toReading}; as DOUBLE, so that times come as numbers. */
const READING = 'time::DOUBLE, num, bool, text, quality_id, gateway_time::DOUBLE'

function toReading(tables: ReadingTables, row: readonly DuckDBValue[]): Omit<Reading, 'point'> {
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
function between(from: number, to: number, column = 'time'): string {
  const literal = (time: number) => Math.max(-8.64e15, Math.min(8.64e15, Math.ceil(time)))
  return `${column} >= ${literal(from)} AND ${column} < ${literal(to)}`
}

async function loadDictionary<T extends string>(connection: DuckDBConnection, sql: string) {
  const dictionary: Dictionary<T> = { ids: new Map(), names: [] }
  for (const [id, name] of (await rows(connection, sql)) as [number, T][]) {
    dictionary.ids.set(name, id)
    dictionary.names[id] = name
  }
  return dictionary
}

export async function readPositions(connection: DuckDBConnection): Promise<StreamPosition[]> {
  const found = await rows(connection, 'SELECT sender, stream, run, up_to::DOUBLE, ranges FROM position')
  return found.map(([sender, stream, run, upTo, ranges]) => ({
    sender: sender as string,
    stream: stream as StreamPosition['stream'],
    run: run as string,
    upTo: upTo as number,
    ranges: JSON.parse(ranges as string),
  }))
}
