import type { DuckDBConnection } from '@duckdb/node-api'
import type { Operations } from './database.ts'

/** For a file that is opened only to be brought up to date. */
export async function openTables(connection: DuckDBConnection): Promise<Operations> {
  await connection.run('CHECKPOINT')
  return {}
}
