import { readCsvFile } from '../csv-file.ts'
import { type ColumnNames, findColumns, type HistoryColumn, pickCells } from './columns.ts'
import type { HistoryRow } from './row.ts'

/**
 * The rows of a CSV file with a header.
 * @throws Error naming the file
 */
export async function* readCsvRows(file: string, names: ColumnNames): AsyncGenerator<HistoryRow> {
  let columns: Map<HistoryColumn, number> | undefined
  for await (const { cells, line } of readCsvFile(file)) {
    if (columns) yield { place: `line ${line}`, ...pickCells(cells, columns, names.point) }
    else columns = inFile(file, () => findColumns(cells, names))
  }
}

/** @throws Error of the work, which names the file */
function inFile<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error })
  }
}
