import type { DuckDBConnection } from '@duckdb/node-api'

/** Reads a Parquet file as it says that it is. */
export async function openTables(connection: DuckDBConnection) {
  return {
    read: async (file: string) =>
      (
        await connection.runAndReadAll(
          `SELECT site, CAST(jour AS VARCHAR), compte, CAST(revision AS VARCHAR) FROM '${file}'`,
        )
      ).getRows(),
  }
}
