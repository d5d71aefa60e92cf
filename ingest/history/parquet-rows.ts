import { openDatabase } from '../../store/duckdb/database.ts'
import { type ColumnNames, findColumns, pickCells } from './columns.ts'
import type { ParquetOperations } from './parquet-tables.ts'
import type { HistoryRow } from './row.ts'

/**
 * The rows of a Parquet file, read in a worker thread.
 * @throws Error naming the file
 */
export async function* readParquetRows(file: string, names: ColumnNames): AsyncGenerator<HistoryRow> {
  const reader = await openDatabase<ParquetOperations>({
    tables: new URL('./parquet-tables.ts', import.meta.url),
    memoryLimit: 256 * 1024 ** 2,
    threads: 1,
  })
  try {
    const columns = findColumns(await reader.call('openFile', [file]), names)
    let row = 0
    for (let read = await reader.call('next', []); read.length > 0; read = await reader.call('next', [])) {
      for (let i = 0; i < read[0]!.length; i++) {
        row++
        const cells = read.map(column => column[i])
        yield { place: `row ${row}`, ...pickCells(cells, columns, names.point) }
      }
    }
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error })
  } finally {
    await reader.close()
  }
}
