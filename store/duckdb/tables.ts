import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { checkSchemaVersion } from '../schema-version.ts'

/** Makes the tables that a new file, or one of an older version, lacks; refuses a file that a newer version wrote. */
export async function createTables(
  connection: DuckDBConnection,
  file: string,
  version: number,
  statements: readonly string[],
): Promise<void> {
  await transaction(connection, async () => {
    await connection.run('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)')
    const [found] = await rows(connection, 'SELECT version FROM schema_version')
    checkSchemaVersion(file, found?.[0] as number | undefined, version)
    if (found?.[0] === version) return
    for (const statement of statements) await connection.run(statement)
    await connection.run('DELETE FROM schema_version')
    await connection.run(`INSERT INTO schema_version VALUES (${version})`)
  })
}

/** All of `work` or nothing. */
export async function transaction<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await connection.run('BEGIN')
  try {
    const result = await work()
    await connection.run('COMMIT')
    return result
  } catch (error) {
    // A failed COMMIT has ended the transaction already: what went wrong first is what counts.
    await connection.run('ROLLBACK').catch(() => {})
    throw error
  }
}

/** The rows of a query, as arrays. */
export async function rows(
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[] = [],
): Promise<DuckDBValue[][]> {
  return (await connection.runAndReadAll(sql, values)).getRows()
}
