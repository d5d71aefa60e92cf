import type { DuckDBConnection } from '@duckdb/node-api'
import { rows } from './tables.ts'

/** Reads every block of every table. Rejects where one is damaged. */
export async function readAll(connection: DuckDBConnection): Promise<void> {
  const tables = await rows(
    connection,
    'SELECT table_name FROM duckdb_tables() WHERE NOT temporary ORDER BY 1',
  )
  for (const [name] of tables) await connection.run(`SELECT bit_xor(hash(held)) FROM "${name}" held`)
}
