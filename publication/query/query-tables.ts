import type { DuckDBConnection } from '@duckdb/node-api'
import type { Cell } from '../../model/row-query.ts'
import { rows } from '../../store/duckdb/tables.ts'
import type { Plan } from './plan.ts'

/** A Parquet file by its compression. */
export type CopyFormat = 'csv' | 'snappy' | 'zstd'

export interface QueryOperations {
  /** Undefined where it took longer than it may. */
  rows(plan: Plan, limitMs: number): Promise<Cell[][] | undefined>
  /** Writes what a plan yields into a file; false where it took longer than it may. */
  copy(plan: Plan, format: CopyFormat, target: string, limitMs: number): Promise<boolean>
}

const INTERRUPT_MS = 50

export async function openTables(connection: DuckDBConnection): Promise<QueryOperations> {
  // Published files never change.
  await connection.run('SET parquet_metadata_cache = true')

  async function inTime<T>(limitMs: number, work: () => Promise<T>): Promise<T | undefined> {
    const end = performance.now() + limitMs
    // Again and again: an interrupt that comes before the statement has begun is forgotten.
    const timer = setInterval(
      () => {
        if (performance.now() >= end) connection.interrupt()
      },
      Math.min(limitMs, INTERRUPT_MS),
    )
    try {
      return await work()
    } catch (error) {
      if (performance.now() >= end && isInterrupt(error)) return undefined
      throw error
    } finally {
      clearInterval(timer)
    }
  }

  return {
    rows: ({ sql, values }, limitMs) =>
      inTime(limitMs, async () => (await rows(connection, sql, values)) as Cell[][]),
    async copy({ sql, values }, format, target, limitMs) {
      const options = format === 'csv' ? 'FORMAT csv, HEADER false' : `FORMAT parquet, COMPRESSION ${format}`
      const to = target.replaceAll("'", "''")
      const done = await inTime(limitMs, async () => {
        await connection.run(`COPY (${sql}) TO '${to}' (${options})`, values)
        return true
      })
      return done ?? false
    },
  }
}

function isInterrupt(error: unknown): boolean {
  return error instanceof Error && error.message.includes('INTERRUPT')
}
