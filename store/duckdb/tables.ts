import type { DuckDBConnection, DuckDBType, DuckDBValue, DuckDBVector } from '@duckdb/node-api'
import { DuckDBDataChunk } from '@duckdb/node-api'
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

export interface Column {
  type: DuckDBType
  /** The value at a position of the source; null where the whole column is. */
  at: ((position: number) => DuckDBValue) | null
}

const CHUNK_ROWS = 2048

/** Appends `count` rows, the one way that is fast: millions of rows a second. */
export async function append(
  connection: DuckDBConnection,
  table: string,
  columns: readonly Column[],
  count: number,
): Promise<void> {
  if (count === 0) return
  const appender = await connection.createAppender(table)
  let chunk = createChunk(columns, Math.min(CHUNK_ROWS, count))
  for (let first = 0; first < count; first += CHUNK_ROWS) {
    const length = Math.min(CHUNK_ROWS, count - first)
    if (length < chunk.rowCount) chunk = createChunk(columns, length)
    for (const [index, { at }] of columns.entries())
      if (at) fill(chunk.getColumnVector(index), length, row => at(first + row))
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

/** A chunk whose empty columns are filled: they stay so while it is used again. */
function createChunk(columns: readonly Column[], rowCount: number): DuckDBDataChunk {
  const types = columns.map(column => column.type)
  const chunk = DuckDBDataChunk.create(types, rowCount)
  for (const [index, { at }] of columns.entries())
    if (!at) fill(chunk.getColumnVector(index), rowCount, () => null)
  return chunk
}

function fill(vector: DuckDBVector, count: number, at: (row: number) => DuckDBValue): void {
  for (let row = 0; row < count; row++) vector.setItem(row, at(row))
  vector.flush()
}
