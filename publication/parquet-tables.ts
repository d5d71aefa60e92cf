import type { DuckDBConnection } from '@duckdb/node-api'
import type { Field } from './dataset.ts'
import { SQL_TYPES } from './sql-types.ts'

export interface ParquetOperations {
  /** Writes rows of CSV files without headers into a Parquet file, in their order. */
  write(
    parts: readonly string[],
    fields: readonly Pick<Field, 'name' | 'type'>[],
    target: string,
  ): Promise<void>
}

export async function openTables(connection: DuckDBConnection): Promise<ParquetOperations> {
  return {
    async write(parts, fields, target) {
      const columns = fields.map(({ name, type }) => `${text(name)}: '${SQL_TYPES[type]}'`)
      const rows =
        parts.length === 0
          ? `(SELECT ${fields.map(({ name, type }) => `NULL::${SQL_TYPES[type]} AS "${name}"`)} WHERE false)`
          : `read_csv([${parts.map(text)}], columns = {${columns}}, auto_detect = false, header = false,
              delim = ',', quote = '"', escape = '"', nullstr = '', new_line = '\\r\\n', parallel = false)`
      await connection.run(`COPY (FROM ${rows}) TO ${text(target)} (FORMAT parquet, COMPRESSION zstd)`)
    },
  }
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
