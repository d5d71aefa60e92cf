import type { DuckDBConnection } from '@duckdb/node-api'
import { BIGINT, BOOLEAN, DOUBLE, VARCHAR } from '@duckdb/node-api'
import type { ReadingColumns } from '../model/reading.ts'
import { append, type GivenColumn } from '../store/duckdb/append.ts'

export type ExportFormat = 'parquet' | 'csv'

/** Readings of one point. */
export interface ExportSeries extends ReadingColumns {
  point: string
  /** UCUM, where the registry knows it. */
  unit?: string
}

export interface ExportOperations {
  /** Takes readings for the next file. */
  add(series: ExportSeries): Promise<void>
  /** Writes what was taken into a file, in the order in which it came. */
  write(file: string, format: ExportFormat): Promise<void>
}

const STAGE = `CREATE TABLE stage (point VARCHAR, time BIGINT, num DOUBLE, bool BOOLEAN, text VARCHAR,
  quality VARCHAR, gateway_time BIGINT, unit VARCHAR)`
const OTHERS = 'num, bool, text, quality'
const INSTANT = (column: string) => `make_timestamptz(${column} * 1000) AS ${column}`
/** ISO 8601, as every tool reads it: DuckDB's own form has the zone of the session. */
const TEXT = (column: string) =>
  `strftime(make_timestamp(${column} * 1000), '%Y-%m-%dT%H:%M:%S.%gZ') AS ${column}`
const FORMATS = {
  parquet: { time: INSTANT, options: 'FORMAT parquet, COMPRESSION zstd' },
  csv: { time: TEXT, options: 'FORMAT csv, HEADER' },
}

export async function openTables(connection: DuckDBConnection): Promise<ExportOperations> {
  await connection.run(STAGE)
  return {
    async add({ point, unit, times, values, qualities, gatewayTimes }) {
      const ofType =
        (type: 'number' | 'boolean' | 'string'): GivenColumn['at'] =>
        i =>
          typeof values[i] === type ? values[i]! : null
      const columns: GivenColumn[] = [
        { type: VARCHAR, at: () => point },
        { type: BIGINT, at: i => BigInt(times[i]!) },
        { type: DOUBLE, at: ofType('number') },
        { type: BOOLEAN, at: ofType('boolean') },
        { type: VARCHAR, at: ofType('string') },
        { type: VARCHAR, at: i => qualities[i]! },
        { type: BIGINT, at: i => BigInt(gatewayTimes[i]!) },
        { type: VARCHAR, at: unit === undefined ? null : () => unit },
      ]
      await append(connection, 'stage', columns, times.length)
    },
    async write(file, format) {
      const { time, options } = FORMATS[format]
      const target = `'${file.replaceAll("'", "''")}'`
      await connection.run(`COPY (SELECT point, ${time('time')}, ${OTHERS}, ${time('gateway_time')}, unit
        FROM stage ORDER BY rowid) TO ${target} (${options})`)
      await connection.run('TRUNCATE stage')
    },
  }
}
