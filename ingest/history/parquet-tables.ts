import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api'

export interface ParquetOperations {
  /** Begins to read a file; returns the names of its columns. */
  openFile(file: string): Promise<string[]>
  /** The next rows, as columns; empty at the end. Times are ms UTC as numbers, or text where they have no zone. */
  next(): Promise<unknown[][]>
}

/** Reads one Parquet file in the order of its rows. */
export async function openTables(connection: DuckDBConnection): Promise<ParquetOperations> {
  let result: DuckDBResult | undefined
  return {
    async openFile(file) {
      const described = await connection.runAndReadAll('DESCRIBE SELECT * FROM read_parquet($1)', [file])
      const columns = described.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }))
      const selected = columns.map(({ name, type }) => readable(`"${name.replaceAll('"', '""')}"`, type))
      result = await connection.stream(`SELECT ${selected.join(', ')} FROM read_parquet($1)`, [file])
      return columns.map(({ name }) => name)
    },
    async next() {
      const chunk = await result!.fetchChunk()
      return chunk && chunk.rowCount > 0 ? chunk.getColumns().map(column => [...column]) : []
    },
  }
}

function readable(column: string, type: string): string {
  if (type === 'TIMESTAMP WITH TIME ZONE') return `epoch_ms(${column})::DOUBLE`
  if (type.startsWith('TIMESTAMP') || type === 'DATE') return `strftime(${column}, '%Y-%m-%dT%H:%M:%S.%g')`
  if (/^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|FLOAT|DECIMAL.*)$/.test(type)) return `${column}::DOUBLE`
  return type === 'BOOLEAN' || type === 'DOUBLE' ? column : `${column}::VARCHAR`
}
