import type { DuckDBConnection } from '@duckdb/node-api'
import type { StreamPosition } from '../../model/delivery.ts'
import type { LedgerEntry } from '../../model/ledger.ts'
import type { QualityCode } from '../../model/quality.ts'
import type { Reading } from '../../model/reading.ts'
import { DirtyHours } from '../dirty-hours.ts'
import { createTables, rows } from '../duckdb/tables.ts'
import { KnownPositions } from '../known-positions.ts'
import type { DeletedReadings, SeriesExtent, WriteOutcome } from '../readings.ts'
import { AGGREGATE_STAGE, type AggregateRequest, readAggregates } from './aggregates.ts'
import { LatestReadings } from './latest-readings.ts'
import { compactLedger, LEDGER_TABLE, type LedgerGrowth, readLedger, UNKNOWN_GROWTH } from './ledger-table.ts'
import { NamedPoints } from './named-points.ts'
import type { PackedReadings } from './packed.ts'
import { packAggregates } from './packed-aggregates.ts'
import {
  between,
  type OneSeries,
  RANGE_STAGE,
  type RangeRequest,
  READING,
  readRanges,
  toReading,
} from './ranges.ts'
import {
  deleteExpired,
  type ExpiryOutcome,
  openRetention,
  RETENTION_TABLES,
  type Retention,
  type RetentionSettings,
} from './retention.ts'
import { keepDaysOf, refreshRollups } from './rollup-tables.ts'
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
  /** The time of the first reading of points that were asked for. */
  firsts: Map<number, number>
  /** The points that were named in what was written. */
  named: NamedPoints
  dirty: DirtyHours<number>
  positions: KnownPositions
  ledgerGrowth: LedgerGrowth
  retention: Retention
}

export interface ReadingOperations {
  write(
    readings: PackedReadings,
    positions: readonly StreamPosition[],
    ledger: readonly LedgerEntry[],
  ): Promise<WriteOutcome>
  positions(): Promise<StreamPosition[]>
  ledger(from: number, to: number, sender?: string): Promise<LedgerEntry[]>
  latest(points: readonly string[]): Promise<Reading[]>
  series(points?: readonly string[]): Promise<SeriesExtent[]>
  range(asked: readonly RangeRequest[]): Promise<OneSeries[]>
  /** As {@link packAggregates} packs them. */
  aggregate(asked: readonly AggregateRequest[]): Promise<Float64Array[]>
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
  for (const stage of [...STAGES, RANGE_STAGE, AGGREGATE_STAGE]) await connection.run(stage)
  const tables: ReadingTables = {
    connection,
    points: await loadDictionary(connection, 'SELECT id, name FROM point ORDER BY id'),
    qualities: await loadDictionary(connection, 'SELECT id, code FROM quality ORDER BY id'),
    latest: new LatestReadings(),
    firsts: new Map(),
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
    async series(points) {
      const read = async (where: string) => {
        const extents = `SELECT point_id, min(time)::DOUBLE, max(time)::DOUBLE FROM reading ${where} GROUP BY point_id`
        return (await rows(connection, extents)) as [number, number, number][]
      }
      const told = (id: number, first: number, last: number) => ({
        point: tables.points.names[id]!,
        first,
        last,
      })
      if (!points) return (await read('')).map(extent => told(...extent))
      const ids = points.flatMap(point => tables.points.ids.get(point) ?? [])
      const unknown = ids.filter(id => !tables.firsts.has(id))
      if (unknown.length > 0)
        for (const [id, first] of await read(`WHERE point_id IN (${unknown})`)) tables.firsts.set(id, first)
      return ids.flatMap(id => {
        const first = tables.firsts.get(id)
        return first === undefined ? [] : [told(id, first, tables.latest.time(id))]
      })
    },
    range: asked => readRanges(tables, asked),
    aggregate: async asked => (await readAggregates(tables, asked, timeZone)).map(packAggregates),
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
