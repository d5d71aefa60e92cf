import type { Logger } from 'pino'
import { openDatabase } from '../duckdb/database.ts'
import type { FigureStore } from '../figures.ts'
import type { FigureOperations } from './figure-tables.ts'

/**
 * Figures in a DuckDB file of their own. One process owns the file.
 * @throws Error that names the file when it cannot be opened.
 */
export async function openFigureStore({ file, log }: { file: string; log: Logger }): Promise<FigureStore> {
  const database = await openDatabase<FigureOperations>({
    file,
    tables: new URL('./figure-tables.ts', import.meta.url),
    memoryLimit: 256 * 1024 ** 2,
    threads: 1,
  })
  log.debug({ file }, 'the store of figures is open')
  return {
    replace: (meter, period, from, to, figures) =>
      database.call('replace', [meter, period, from, to, figures]),
    consumption: (meter, period, from, to) => database.call('consumption', [meter, period, from, to]),
    allConsumption: (period, from, to) => database.call('allConsumption', [period, from, to]),
    basis: meter => database.call('basis', [meter]),
    setBasis: (meter, basis) => database.call('setBasis', [meter, basis]),
    copyTo: database.copyTo,
    close: () => database.close(),
  }
}
